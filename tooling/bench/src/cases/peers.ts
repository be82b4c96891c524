/**
 * The executor against other engines, on the same graphs of steps that do nothing, in one process. They are installed only
 * where somebody asks for them: `tooling/bench/peers` is outside the workspace.
 *
 * @module
 */
import type { RoutingPlan } from '@gomind/orchestration';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BenchCase } from '../bench-case.ts';
import { runWithExecutor } from '../executor/compare.ts';
import { chain, fanOut, layered } from '../executor/graphs.ts';
import { type BenchRow, measure, type Variant } from '../measure.ts';

const folder = resolve(import.meta.dirname, '../../peers');
const shapes = { chain, 'fan-out': fanOut, layered };
const sizes = [100, 1_000];
/** The executor runs this many steps in its turn, so that its turn can be timed. */
const ownStepsPerRound = 10_000;
const engines = [
  { name: 'Mastra', file: 'mastra.js', timesFaster: 20 },
  { name: 'LangGraph', file: 'langgraph.js', timesFaster: 200 },
];

/** What each file in `peers` exports: builds what runs the plan, so that building is not measured. */
interface Peer {
  readonly prepare: (plan: RoutingPlan) => () => Promise<void>;
}

async function loadPeer(file: string): Promise<Peer> {
  return (await import(pathToFileURL(join(folder, file)).href)) as Peer;
}

/** @returns microseconds for each step, and how many times the executor's */
async function compareOn(shape: string, plan: RoutingPlan): Promise<BenchRow[]> {
  const size = plan.steps.length;
  const ownRuns = ownStepsPerRound / size;
  const baseline = 'executor';
  const variants: Record<string, Variant> = {
    [baseline]: async () => {
      for (let count = 0; count < ownRuns; count++) await runWithExecutor(plan);
    },
  };
  for (const { name, file } of engines) variants[name] = (await loadPeer(file)).prepare(plan);
  const measurements = await measure(variants, { baseline, rounds: 9, warmupRounds: 2 });
  return measurements.map(({ name, medianMs, ratio }) => {
    const runs = name === baseline ? ownRuns : 1;
    const timesFaster = engines.find((engine) => engine.name === name)?.timesFaster;
    return {
      name: `${shape} of ${String(size)}, a step: ${name}`,
      medianMs: medianMs / runs / size,
      ratio: name === baseline ? 1 : ratio * ownRuns,
      ...(timesFaster !== undefined && { atLeast: timesFaster }),
    };
  });
}

export const benchCase: BenchCase = {
  summary: 'one step that does nothing, in other engines and in ours; the ratio says how many times ours they take',
  missing: () =>
    existsSync(join(folder, 'node_modules'))
      ? undefined
      : 'The other engines are not installed. Install them with: npx --yes pnpm@12.21.0 --dir tooling/bench/peers --ignore-workspace install --frozen-lockfile --ignore-scripts',
  run: async (): Promise<readonly BenchRow[]> => {
    const rows: BenchRow[] = [];
    for (const [shape, planOf] of Object.entries(shapes))
      for (const size of sizes) rows.push(...(await compareOn(shape, planOf(size))));
    return rows;
  },
};
