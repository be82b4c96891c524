/**
 * The wiring: components over HTTP, an orchestrator to explore with, and a workflow engine for what was learnt. Both find the
 * same components through the same registry, and both run plans with the same executor.
 *
 * @module
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AIClient, GomindError, LocalDiscovery, noopLogger, serve } from '@gomind/core';
import {
  type AIOrchestrator,
  createOrchestrator,
  createWorkflowEngine,
  formatDiagnostic,
  type OrchestratorResponse,
  parseWorkflow,
  printWorkflow,
  promoteRun,
  recordedCalls,
  ReplayCalls,
  type RunEvent,
  type WorkflowDefinition,
  type WorkflowEngine,
  type WorkflowRun,
} from '@gomind/orchestration';
import { sourceFinder, tools } from './components.ts';

/** Where the hybrid workflow stands. */
export const hybridFile: string = join(import.meta.dirname, '../hybrid.yaml');

/** What runs: components, orchestrator and engine. */
export interface HybridAnalysis {
  readonly discovery: LocalDiscovery;
  readonly orchestrator: AIOrchestrator;
  readonly engine: WorkflowEngine;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** One call of a component, as a run's events tell it. */
export interface Call {
  readonly step: string;
  /** `component.action`. */
  readonly target: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** A run of a workflow and the calls that it made, in the order of their start. */
export interface TracedRun {
  readonly run: WorkflowRun;
  readonly calls: readonly Call[];
}

/**
 * Starts every component on a free port, and an orchestrator and an engine above.
 *
 * @param aiClient plans requests and `ai-routing` steps; without one the basic router does
 */
export async function startHybridAnalysis(aiClient?: AIClient): Promise<HybridAnalysis> {
  const discovery = new LocalDiscovery();
  const components = await Promise.all([
    ...tools.map((tool) => serve(tool, { port: 0, registry: discovery })),
    serve(sourceFinder, { port: 0, discovery }),
  ]);
  const dependencies = { discovery, ...(aiClient === undefined ? {} : { aiClient }) };
  const orchestrator = createOrchestrator(dependencies, { name: 'hybrid-analysis' });
  const engine = createWorkflowEngine(dependencies, { name: 'hybrid-analysis' });
  const close = async (): Promise<void> => {
    await orchestrator.close();
    await engine.close();
    await Promise.all(components.map((component) => component.close()));
    await discovery.close();
  };
  return { discovery, orchestrator, engine, close, [Symbol.asyncDispose]: close };
}

/**
 * Takes what a request led to into a workflow file. What the request said becomes the workflow's inputs, with the said value as
 * the default.
 *
 * @param run the request and its completed response
 * @param file path of the file that is written
 * @returns the file's text
 * @throws GomindError `CONFIG_INVALID` for a run that did not complete; `REPLAY_MISMATCH` when the workflow would make other calls
 */
export async function keepAsWorkflow(
  analysis: HybridAnalysis,
  run: OrchestratorResponse & { readonly request: string },
  file: string,
): Promise<string> {
  const types = new Map((await analysis.discovery.discover()).map(({ name, type }) => [name, type]));
  const workflow = promoteRun(run, {
    name: 'company-outlook',
    componentType: (component) => types.get(component) ?? 'tool',
  });
  await replay(workflow, run);
  const text = printWorkflow(workflow);
  await writeFile(file, text);
  return text;
}

/** Runs the workflow on the recorded answers: without inputs it has to make the calls that were recorded, and no others. */
async function replay(workflow: WorkflowDefinition, run: OrchestratorResponse): Promise<void> {
  const recording = new ReplayCalls(recordedCalls(run));
  await using engine = createWorkflowEngine({ logger: noopLogger, call: (call) => recording.call(call) });
  const { errors } = await engine.execute(workflow);
  const [error] = errors;
  if (error !== undefined) throw new GomindError(error);
}

/**
 * Runs a workflow file.
 *
 * @param file path
 * @param inputs values by name
 * @throws GomindError `PLAN_REJECTED` with every finding when the file is wrong; what `engine.execute` throws
 */
export async function runFile(
  { discovery, engine }: HybridAnalysis,
  file: string,
  inputs: Readonly<Record<string, unknown>>,
): Promise<TracedRun> {
  const source = await readFile(file, 'utf8');
  const { workflow, diagnostics } = parseWorkflow(source, { file, components: await discovery.discover() });
  if (workflow === undefined) {
    const message = diagnostics.map((diagnostic) => formatDiagnostic(diagnostic, source)).join('\n');
    throw new GomindError({ code: 'PLAN_REJECTED', message });
  }
  const calls: Call[] = [];
  const run = await engine.execute(workflow, inputs, {
    onEvent: (event) => {
      calls.push(...callsOf(event));
    },
  });
  return { run, calls };
}

/** The call that an event tells of, if it does. */
export function callsOf(event: RunEvent): Call[] {
  if (event.type !== 'step.started' || event.component === undefined) return [];
  const { step, component, action = '', inputs } = event;
  return [{ step, target: `${component}.${action}`, inputs }];
}
