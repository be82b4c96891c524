/**
 * Too much to do, with and without limits that adapt: a component whose calls queue, a process whose event loop is busy, and a
 * component that turns away what it has no room for.
 *
 * @module
 */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { defineTool, serve } from '@gomind/core';
import { PlanExecutor } from '@gomind/orchestration';
import { createAdaptiveConcurrency } from '@gomind/resilience';
import { Pool } from 'undici';
import { z } from 'zod';
import type { BenchCase } from '../bench-case.ts';
import type { BenchRow } from '../measure.ts';

const workers = 8;
const workMs = 10;
/** An answer after more than this is of no use to its caller. */
const usefulMs = 100;
const overload = 2.5;
const warmUpMs = 3_000;
const measuredMs = 4_000;

type Call = () => Promise<void>;

/** A component with so many workers and an endless line before them. */
function component(): Call {
  const line: (() => void)[] = [];
  let busy = 0;
  return async () => {
    if (busy < workers) busy++;
    else await new Promise<void>((resolve) => void line.push(resolve));
    await sleep(workMs);
    const next = line.shift();
    if (next === undefined) busy--;
    else next();
  };
}

interface Served {
  /** Milliseconds of the measured time for each call that was answered in time. */
  readonly msPerUsefulCall: number;
  readonly p99Ms: number;
}

/** Calls come 2.5 times as fast as the component can serve them, whether it answers or not. */
async function underOverload(call: Call): Promise<Served> {
  const perMs = (overload * workers) / workMs;
  const latencies: number[] = [];
  const open = new Set<Promise<void>>();
  const startedMs = performance.now();
  for (let sent = 0; ;) {
    const elapsedMs = performance.now() - startedMs;
    if (elapsedMs > warmUpMs + measuredMs) break;
    for (; sent < elapsedMs * perMs; sent++) {
      const sentMs = performance.now();
      const isMeasured = elapsedMs > warmUpMs;
      const ending = call().then(
        () => {
          if (isMeasured) latencies.push(performance.now() - sentMs);
        },
        () => undefined,
      );
      open.add(ending);
      void ending.finally(() => open.delete(ending));
    }
    await sleep(1);
  }
  await Promise.all(open);
  const useful = latencies.filter((ms) => ms <= usefulMs).length;
  return { msPerUsefulCall: measuredMs / Math.max(1, useful), p99Ms: quantile(latencies, 0.99) };
}

/** Steps that compute for 15 ms at a time; how late timers fire meanwhile. */
async function latenessUnder(maxConcurrency: number | 'auto'): Promise<number> {
  const executor = new PlanExecutor({
    maxConcurrency,
    handlers: [
      {
        kind: 'compute',
        run: async () => {
          for (let part = 0; part < 5; part++) {
            for (const untilMs = performance.now() + 15; performance.now() < untilMs;);
            await nextTurn();
          }
        },
      },
    ],
  });
  const steps = Array.from({ length: 80 }, (_, index) => ({
    name: `s${String(index)}`,
    kind: 'compute',
    inputs: {},
    dependsOn: [],
  }));
  const lateness: number[] = [];
  const over = new AbortController();
  const watching = (async () => {
    while (!over.signal.aborted) {
      const dueMs = performance.now() + 5;
      await sleep(5);
      lateness.push(Math.max(0, performance.now() - dueMs));
    }
  })();
  await executor.execute({ steps });
  over.abort();
  await watching;
  return quantile(lateness, 0.5);
}

/** Calls of a served component, so many at once, each again as soon as it is answered. */
async function atTheDoor(callers: number): Promise<{ readonly accepted: number[]; readonly refused: number[] }> {
  const tool = defineTool({
    name: 'bench-tool',
    description: 'Takes its time',
    capabilities: { work: { description: 'Work', effect: 'pure', input: z.object({}), handler: () => sleep(50) } },
  });
  await using served = await serve(tool, { handleSignals: false, maxConcurrentCalls: 8, maxWaitingCalls: 4 });
  const pool = new Pool(served.url, { connections: callers });
  const times = { accepted: [] as number[], refused: [] as number[] };
  const headers = { 'content-type': 'application/json' };
  const startedMs = performance.now();
  const caller = async (): Promise<void> => {
    while (performance.now() - startedMs < measuredMs) {
      const sentMs = performance.now();
      const { statusCode, body } = await pool.request({
        ...{ method: 'POST', path: '/api/capabilities/work', headers, body: '{}' },
      });
      await body.dump();
      times[statusCode === 200 ? 'accepted' : 'refused'].push(performance.now() - sentMs);
      // Callers who come back at once would be a flood of refusals, not a tenfold load.
      if (statusCode === 429) await sleep(40 + 20 * Math.random());
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  await pool.close();
  return times;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function pair(what: string, names: readonly [string, string], values: readonly [number, number]): BenchRow[] {
  const [without, adapted] = values;
  return [
    { name: `${what}, ${names[0]}`, medianMs: without, ratio: 1 },
    { name: `${what}, ${names[1]}`, medianMs: adapted, ratio: adapted / without, bound: 0.6 },
  ];
}

export const benchCase: BenchCase = {
  summary:
    'a component that is asked for 2.5 times what it can do, with and without an adaptive limit; ' +
    'an event loop with too much to do, with maxConcurrency 10 and auto; ' +
    "a component's door with ten times the calls that it lets in",
  run: async () => {
    const without = await underOverload(component());
    const limit = createAdaptiveConcurrency({ name: 'component' });
    const guarded = component();
    const adapted = await underOverload(() => limit.execute(guarded));
    const lateness = [await latenessUnder(10), await latenessUnder('auto')] as const;
    const calm = await atTheDoor(4);
    const crowd = await atTheDoor(80);
    const calmMs = quantile(calm.accepted, 0.5);
    const crowdMs = quantile(crowd.accepted, 0.5);
    const refusedMs = quantile(crowd.refused, 0.5);
    const limits = ['no limit', 'adaptive limit'] as const;
    return [
      ...pair('time for each call answered within 100 ms', limits, [without.msPerUsefulCall, adapted.msPerUsefulCall]),
      ...pair('p99 of answers', limits, [without.p99Ms, adapted.p99Ms]),
      ...pair('lateness of timers', ['maxConcurrency 10', 'maxConcurrency auto'], lateness),
      { name: "median at a component's door, half of what it can do", medianMs: calmMs, ratio: 1 },
      {
        name: 'median of those let in, ten times what it can do',
        medianMs: crowdMs,
        ratio: crowdMs / calmMs,
        bound: 2,
      },
      // In calls that are let in, as a ratio has to be of something; what was promised is 50 ms.
      {
        name: 'median of those turned away',
        medianMs: refusedMs,
        ratio: refusedMs / calmMs,
        bound: Math.round(5_000 / calmMs) / 100,
      },
    ];
  },
};
