import { defineTool, LocalDiscovery, noopLogger, serve } from '@gomind/core';
import { createRecordingLogger, createScriptedAIClient } from '@gomind/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseWorkflow } from '../workflow/parse-workflow.ts';
import type { WorkflowDefinition } from '../workflow/definition.ts';
import { createOrchestrator } from './create-orchestrator.ts';
import { createWorkflowEngine, type WorkflowEngineDependencies } from './create-workflow-engine.ts';

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const resource of open.splice(0)) await resource[Symbol.asyncDispose]();
});

function engineWith(dependencies: Partial<WorkflowEngineDependencies> = {}): ReturnType<typeof createWorkflowEngine> {
  const engine = createWorkflowEngine({ call: () => Promise.resolve(1), logger: noopLogger, ...dependencies });
  open.push(engine);
  return engine;
}

function workflowOf(text: string): WorkflowDefinition {
  const { workflow, diagnostics } = parseWorkflow(`name: w\n${text}`);
  if (workflow === undefined) throw new Error(diagnostics.map(({ message }) => message).join(' '));
  return workflow;
}

const call = workflowOf('steps: [{ name: a, tool: t, action: go }]');
const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

describe('views that are async and reject', () => {
  const views = {
    onEvent: () => Promise.reject(new Error('The database is gone')),
    onProgress: () => Promise.reject(new Error('The bar is gone')),
    onStepComplete: () => Promise.reject(new Error('The step is gone')),
  };

  // A rejection that nobody handles fails the test run, as it would end the process.
  it('are logged by an engine, and the run goes on', async () => {
    const logger = createRecordingLogger();
    const run = await engineWith({ logger }).execute(call, {}, views);
    expect(run.status).toBe('completed');
    await expect.poll(() => JSON.stringify(logger.records)).toContain('A view of the run rejected');
  });

  it('are logged by an orchestrator, and the request goes on', async () => {
    const logger = createRecordingLogger();
    const orchestrator = createOrchestrator({ discovery: new LocalDiscovery(), logger });
    open.push(orchestrator);
    await expect(orchestrator.processRequest('Go', {}, views)).rejects.toMatchObject({ code: 'NO_COMPONENTS' });
    await expect.poll(() => JSON.stringify(logger.records)).toContain('A view of the run threw');
  });
});

describe('a run that is cancelled', () => {
  const secretive = workflowOf(
    "secrets: [KEY]\nsteps: [{ name: a, tool: t, action: go, inputs: { key: '${secrets.KEY}' } }]",
  );
  const silent = new LocalDiscovery();
  silent.discover = never;

  it.each([
    ['while the secret provider does not answer', { secrets: { get: never<string> } }, secretive],
    ['while the registry does not answer', { call: undefined, discovery: silent }, call],
  ])('ends at once %s', async (_what, dependencies, workflow) => {
    const stop = new AbortController();
    const run = engineWith(dependencies as Partial<WorkflowEngineDependencies>).execute(
      workflow,
      {},
      { signal: stop.signal },
    );
    await new Promise(setImmediate);
    stop.abort();
    expect((await run).status).toBe('cancelled');
  });

  it('is not what a secret is that is no text', async () => {
    const secrets = { get: () => 5 as never };
    await expect(engineWith({ secrets }).execute(secretive)).rejects.toThrow(/secret KEY must be text.*a number/);
  });
});

describe('a planner that returns neither a plan nor a reason', () => {
  const price = defineTool({
    name: 'price-tool',
    description: 'Prices of things',
    capabilities: {
      price_of: {
        description: 'Tell the price of a thing',
        effect: 'pure',
        input: z.object({ thing: z.string() }),
        handler: () => ({ price: 2 }),
      },
    },
  });
  const results = [undefined, null, 'no', {}, { ok: true }, { ok: true, plan: {} }, { ok: false }];

  it.each(results)('is told so in words, and the basic router plans: %j', async (result) => {
    const discovery = new LocalDiscovery();
    await using _served = await serve(price, { registry: discovery, handleSignals: false, logger: noopLogger });
    const planner = { plan: () => Promise.resolve(result as never) };
    const dependencies = { discovery, aiClient: createScriptedAIClient([]), planner, logger: noopLogger };
    await using orchestrator = createOrchestrator(dependencies, { synthesis: 'template' });
    const { status, mode, errors } = await orchestrator.processRequest('Tell the price of a "pear"');
    expect({ status, mode }).toEqual({ status: 'degraded', mode: 'basic-router' });
    expect(errors).toMatchObject([
      { code: 'PLANNING_FAILED', message: expect.stringMatching(/planner must return \{ ok: true, plan/) as string },
    ]);
  });

  it.each(results)('is told so in words by a step of a workflow: %j', async (result) => {
    const planner = { plan: () => Promise.resolve(result as never) };
    const routed = workflowOf('steps: [{ name: a, type: ai-routing, prompt: "Go" }]');
    const run = await engineWith({ planner, call: undefined as never, discovery: new LocalDiscovery() }).execute(
      routed,
    );
    expect(run.errors).toMatchObject([{ code: 'PLANNING_FAILED' }]);
  });
});

describe('an onApproval of another form', () => {
  const approval = workflowOf('steps: [{ name: a, type: approval, prompt: "Go?" }]');

  it.each([
    ['decides without a promise', () => ({ decision: 'approved' }), 'completed', /^$/],
    ['returns nothing', () => undefined, 'failed', /onApproval must return \{ decision: "approved" \}/],
    ['returns a word', () => Promise.resolve('yes'), 'failed', /onApproval must return/],
    [
      'throws',
      () => {
        throw new Error('Nobody home');
      },
      'failed',
      /rejected: Nobody could decide: Nobody home/,
    ],
  ])('is understood, or refused in words: one that %s', async (_what, onApproval, status, message) => {
    const run = await engineWith({ onApproval: onApproval as never }).execute(approval);
    expect(run.status).toBe(status);
    expect(run.errors[0]?.message ?? '').toMatch(message);
  });
});
