import { createAIClient, createChainClient } from '@gomind/ai';
import {
  type CircuitBreaker,
  CooldownBreaker,
  defineTool,
  GomindError,
  LocalDiscovery,
  passThroughBreaker,
  serve,
} from '@gomind/core';
import {
  createFakeClock,
  createRecordingLogger,
  createRecordingTelemetry,
  createScriptedAIClient,
  type FakeClock,
} from '@gomind/core/testing';
import { startOpenAIWireServer, type WireReply } from '@gomind/openai-wire-server';
import { createCircuitBreaker } from '@gomind/resilience';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { RunEvent } from '../plan/events/run-event.ts';
import { parseWorkflow } from '../workflow/parse-workflow.ts';
import { createOrchestrator, type OrchestratorDependencies } from './create-orchestrator.ts';
import { createWorkflowEngine, type WorkflowEngineDependencies } from './create-workflow-engine.ts';
import type { OrchestratorConfig } from './orchestrator-config.ts';

const request = 'Convert 250 USD to EUR';
const failuresToOpen = 5;
const cooldownMs = 30_000;

/** What a tool does instead of converting. */
let faults: Record<string, GomindError | 'hang'>;
/** Who was called. */
let calls: string[];
let clock: FakeClock;
let discovery: LocalDiscovery;
const open: AsyncDisposable[] = [];

function use<T extends AsyncDisposable>(resource: T): T {
  open.push(resource);
  return resource;
}

const patient = { timeout: 20_000, interval: 20 };

/** Lets the time of a run pass until it is over, slowly enough for what goes over the network. */
async function elapse<T>(run: Promise<T>): Promise<T> {
  let isOver = false;
  const note = (): void => {
    isOver = true;
  };
  run.then(note, note);
  const pass = async (): Promise<boolean> => {
    await clock.advance(250);
    return isOver;
  };
  await expect.poll(pass, patient).toBe(true);
  return run;
}

const callOf = (component: string) => ({
  ...{ name: 'convert', component, action: 'convert', dependsOn: [] },
  inputs: { amount: 250, from: 'USD', to: 'EUR' },
});
const planFor = (component: string): string => JSON.stringify({ steps: [callOf(component)] });

const broken = new GomindError({ code: 'DATABASE_LOST', message: 'The database is gone' });
const badInput = new GomindError({ code: 'INPUT_ERROR', message: 'No such currency' });

const moneyTool = (name: string) =>
  defineTool({
    name,
    description: 'Money',
    capabilities: {
      convert: {
        description: 'Convert an amount of money from one currency to another',
        effect: 'pure',
        input: z.object({ amount: z.number(), from: z.string(), to: z.string() }),
        output: z.object({ amount: z.number() }),
        handler: async ({ amount }) => {
          calls.push(name);
          const fault = faults[name];
          if (fault === 'hang') await new Promise(() => undefined);
          else if (fault !== undefined) throw fault;
          return { amount: amount * 0.5 };
        },
      },
    },
  });

async function serveMoney(name: string): Promise<AsyncDisposable> {
  const logger = createRecordingLogger();
  return use(await serve(moneyTool(name), { registry: discovery, handleSignals: false, logger, clock }));
}

function orchestrate(
  dependencies: Partial<OrchestratorDependencies> = {},
  config: Partial<OrchestratorConfig> = {},
): ReturnType<typeof createOrchestrator> {
  const settings = { synthesis: 'template', cacheEnabled: false, logLevel: 'error', ...config } as const;
  return use(createOrchestrator({ discovery, clock, ...dependencies }, settings));
}

async function ask(orchestrator: ReturnType<typeof createOrchestrator>, metadata = {}) {
  const events: RunEvent[] = [];
  const response = await orchestrator.processRequest(request, metadata, { onEvent: (event) => events.push(event) });
  return { response, events, types: events.map(({ type }) => type) };
}

beforeEach(() => {
  faults = {};
  calls = [];
  clock = createFakeClock();
  discovery = use(new LocalDiscovery());
});

afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource[Symbol.asyncDispose]();
});

describe('a component that keeps failing', () => {
  it('is left alone after five failures, seen in events, metrics and health, and called again when its time is over', async () => {
    await serveMoney('bank');
    faults['bank'] = broken;
    const telemetry = createRecordingTelemetry();
    const orchestrator = orchestrate({ telemetry });
    for (let count = 1; count < failuresToOpen; count++)
      expect((await ask(orchestrator)).types).not.toContain('breaker.opened');
    const { events } = await ask(orchestrator);
    expect(events).toContainEqual(expect.objectContaining({ type: 'breaker.opened', name: 'bank' }));
    expect(calls).toHaveLength(failuresToOpen);

    const { response } = await ask(orchestrator);
    expect(response).toMatchObject({ status: 'degraded', errors: [{ code: 'CIRCUIT_OPEN', isRetryable: true }] });
    expect(response.response).toContain('Left alone for now after too many failures: bank');
    expect(calls).toHaveLength(failuresToOpen);
    expect(telemetry.metrics).toContainEqual(
      expect.objectContaining({ name: 'gomind.breaker.state', value: 2, attributes: { name: 'bank' } }),
    );
    await expect(orchestrator.healthCheck()).resolves.toMatchObject({
      status: 'degraded',
      checks: { discovery: true, capabilities: false },
      reasons: expect.arrayContaining([expect.stringContaining('"bank" failed too often')]) as unknown,
    });

    faults = {};
    await clock.advance(cooldownMs);
    const well = await ask(orchestrator);
    expect(well.response.steps).toMatchObject({ convert: { status: 'completed' } });
    expect(well.events).toContainEqual(expect.objectContaining({ type: 'breaker.closed', name: 'bank' }));
    const { checks, reasons } = await orchestrator.healthCheck();
    expect(checks).toMatchObject({ capabilities: true });
    expect(reasons.join()).not.toContain('bank');
  });

  it('is replaced: the planner is shown who can do the same instead', async () => {
    await serveMoney('bank');
    await serveMoney('exchange');
    faults['bank'] = broken;
    const replies = [...Array.from({ length: failuresToOpen }, () => planFor('bank')), planFor('exchange')];
    const aiClient = createScriptedAIClient(replies);
    const orchestrator = orchestrate({ aiClient }, { replanEnabled: false });
    for (let count = 0; count < failuresToOpen; count++) await ask(orchestrator);
    const { response, events } = await ask(orchestrator);
    expect(response).toMatchObject({ status: 'completed', agentsInvolved: ['exchange'] });
    expect(JSON.stringify(aiClient.calls.at(-2))).toContain('bank');
    expect(JSON.stringify(aiClient.calls.at(-1))).not.toContain('bank');
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'plan.created',
        reason: 'Left alone for now after too many failures: bank.',
      }),
    );
  });

  it('is replaced in a plan that was made before: the refusal costs no attempt and no wait', async () => {
    await serveMoney('bank');
    await serveMoney('exchange');
    const planner = { plan: () => Promise.resolve({ ok: true, plan: { steps: [callOf('bank')] } } as const) };
    faults['bank'] = broken;
    const telemetry = createRecordingTelemetry();
    const aiClient = createScriptedAIClient([]);
    const orchestrator = orchestrate({ planner, aiClient, telemetry }, { replanEnabled: false });
    for (let count = 0; count < failuresToOpen; count++) await ask(orchestrator);
    calls = [];
    // The clock stands still, so nothing was waited for.
    const { response, events } = await ask(orchestrator);
    expect(response).toMatchObject({ status: 'completed', steps: { convert: { status: 'completed' } } });
    expect(calls).toEqual(['exchange']);
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'step.rerouted',
        component: 'exchange',
        reason: 'bank failed too often and is left alone for now',
      }),
    );
    expect(telemetry.metrics).toContainEqual(
      expect.objectContaining({ name: 'gomind.fallback.used', value: 1, attributes: { to: 'component' } }),
    );
  });

  it('is answered for by what was answered before, when nobody else can do it', async () => {
    await serveMoney('bank');
    const aiClient = createScriptedAIClient([planFor('bank')]);
    const orchestrator = orchestrate({ aiClient }, { cacheEnabled: true });
    expect((await ask(orchestrator)).response).toMatchObject({ status: 'completed' });
    faults['bank'] = broken;
    for (let count = 0; count < failuresToOpen; count++) await ask(orchestrator);
    const called = calls.length;
    expect((await ask(orchestrator)).response).toMatchObject({ status: 'degraded', mode: 'cached-answer' });
    expect(calls).toHaveLength(called);
  });

  it('begins anew when it is registered anew', async () => {
    const served = await serveMoney('bank');
    faults['bank'] = broken;
    const orchestrator = orchestrate({}, { catalogRefreshMs: 1_000 });
    for (let count = 0; count < failuresToOpen; count++) await ask(orchestrator);
    await served[Symbol.asyncDispose]();
    await clock.advance(1_000);
    faults = {};
    await serveMoney('bank');
    await clock.advance(1_000);
    expect((await ask(orchestrator)).response.errors).toEqual([]);
  });

  it('is not left alone because it is not registered: that is said, and it is called as soon as it is', async () => {
    const served = await serveMoney('bank');
    const engine = use(createWorkflowEngine({ discovery, clock, logger: createRecordingLogger() }));
    const { workflow } = parseWorkflow(
      'name: w\nsteps: [{ name: a, tool: bank, action: convert, inputs: { amount: 1, from: USD, to: EUR }, retry: { max_attempts: 1 } }]',
    );
    if (workflow === undefined) throw new Error('The workflow does not parse.');
    await elapse(engine.execute(workflow));
    await served[Symbol.asyncDispose]();
    await clock.advance(10_000);
    for (let count = 0; count < failuresToOpen * 2; count++) {
      const { errors } = await elapse(engine.execute(workflow));
      expect(errors.map(({ code, message }) => [code, message])).toEqual([
        ['COMPONENT_UNAVAILABLE', expect.stringContaining('No instance of "bank" is registered')],
      ]);
    }
    await serveMoney('bank');
    await clock.advance(10_000);
    expect((await elapse(engine.execute(workflow))).status).toBe('completed');
  });

  it.each([
    ['refuses the inputs', badInput],
    ['limits the rate', new GomindError({ code: 'RATE_LIMITED', message: 'Slower', isRetryable: true })],
  ])('is not left alone because it %s', async (_what, fault) => {
    await serveMoney('bank');
    faults['bank'] = fault;
    const step = { ...callOf('bank'), retry: { maxAttempts: 1 } };
    const planner = { plan: () => Promise.resolve({ ok: true, plan: { steps: [step] } } as const) };
    const orchestrator = orchestrate({ planner, aiClient: createScriptedAIClient([]) }, { replanEnabled: false });
    for (let count = 0; count < failuresToOpen * 2; count++) await ask(orchestrator);
    expect(calls).toHaveLength(failuresToOpen * 2);
  });

  it('is left alone when it hangs, but not because runs were cancelled', async () => {
    await serveMoney('bank');
    faults['bank'] = 'hang';
    const breaker = (name: string): CircuitBreaker => new CooldownBreaker({ name, failureThreshold: 1, clock });
    const orchestrator = orchestrate({ breaker }, { stepTimeoutMs: 1_000 });
    for (let count = 1; count <= 3; count++) {
      const abort = new AbortController();
      const end = orchestrator.processRequest(request, {}, { signal: abort.signal }).catch((error: unknown) => error);
      await expect.poll(() => calls.length, patient).toBe(count);
      abort.abort();
      await clock.advance(1_000);
      expect(await end).toMatchObject({ code: 'CANCELLED' });
    }
    const run = ask(orchestrator);
    await expect.poll(() => calls.length, patient).toBe(4);
    await clock.advance(1_000);
    // The second attempt is refused.
    expect((await elapse(run)).types).toContain('breaker.opened');
    expect(calls).toHaveLength(4);
  });
});

describe('the breakers of an application', () => {
  it('are made once for each component and provider, and closed with the orchestrator', async () => {
    await serveMoney('bank');
    const made: string[] = [];
    const closed: string[] = [];
    const breaker = (name: string): CircuitBreaker => {
      made.push(name);
      const one = createCircuitBreaker({ name, clock });
      return {
        name,
        get state() {
          return one.state;
        },
        execute: (operation, options) => one.execute(operation, options),
        close: () => {
          closed.push(name);
          return one.close();
        },
        [Symbol.asyncDispose]: () => one.close(),
      };
    };
    const orchestrator = orchestrate({ breaker, aiClient: createScriptedAIClient([planFor('bank'), planFor('bank')]) });
    expect(made).toEqual([]);
    await ask(orchestrator);
    await ask(orchestrator);
    expect(made).toEqual(['model:scripted', 'bank']);
    await orchestrator.close();
    expect(closed).toEqual(made);
  });

  it('may be none, where a service mesh has its own', async () => {
    await serveMoney('bank');
    faults['bank'] = broken;
    const orchestrator = orchestrate({ breaker: () => passThroughBreaker });
    for (let count = 0; count < failuresToOpen * 2; count++) await ask(orchestrator);
    expect(calls).toHaveLength(failuresToOpen * 2);
  });

  it('may be the full ones of @gomind/resilience', async () => {
    await serveMoney('bank');
    faults['bank'] = broken;
    const orchestrator = orchestrate({ breaker: (name) => createCircuitBreaker({ name, volumeThreshold: 3, clock }) });
    for (let count = 0; count < 6; count++) await ask(orchestrator);
    expect(calls).toHaveLength(3);
  });
});

describe('a model provider that is down', () => {
  it('is left alone, and the basic router answers at once', async () => {
    await serveMoney('bank');
    const reply: WireReply[] = [{ status: 503, message: 'overloaded' }];
    const server = use(await startOpenAIWireServer({ reply: () => reply[0] ?? { text: planFor('bank') } }));
    const client = createAIClient({ provider: 'openai', apiKey: 'test', baseUrl: server.baseUrl, model: 'test-model' });
    const aiClient = use(client);
    const breaker = (name: string): CircuitBreaker =>
      new CooldownBreaker({ name, failureThreshold: 1, cooldownMs, clock });
    const orchestrator = orchestrate({ aiClient, breaker });
    const first = await elapse(ask(orchestrator));
    expect(first.response).toMatchObject({ mode: 'basic-router' });
    expect(first.events).toContainEqual(expect.objectContaining({ type: 'breaker.opened', name: 'model:openai' }));
    expect(server.requests).toHaveLength(1);

    // The clock stands still: neither a call nor a wait.
    const second = await ask(orchestrator);
    expect(second.response).toMatchObject({
      mode: 'basic-router',
      errors: [{ code: 'CIRCUIT_OPEN' }],
      steps: { convert: { status: 'completed' } },
    });
    expect(server.requests).toHaveLength(1);
    await expect(orchestrator.healthCheck()).resolves.toMatchObject({ status: 'degraded', checks: { ai: false } });

    reply.pop();
    await clock.advance(cooldownMs);
    expect((await ask(orchestrator)).response).toMatchObject({ mode: 'ai', status: 'completed' });
    await expect(orchestrator.healthCheck()).resolves.toMatchObject({ status: 'healthy', reasons: [] });
  });

  it('is guarded once where a chain does it already: its breakers count in health', async () => {
    await serveMoney('bank');
    const down = use(await startOpenAIWireServer({ reply: () => ({ status: 503, message: 'overloaded' }) }));
    const well = use(await startOpenAIWireServer({ reply: () => ({ text: planFor('bank') }) }));
    const clients = [down, well].map(({ baseUrl }) => createAIClient({ provider: 'openai', apiKey: 'test', baseUrl }));
    const aiClient = use(createChainClient(clients, { clock }));
    const made: string[] = [];
    const breaker = (name: string): CircuitBreaker => {
      made.push(name);
      return new CooldownBreaker({ name, clock });
    };
    const orchestrator = orchestrate({ aiClient, breaker });
    const { response, events } = await ask(orchestrator);
    expect(response).toMatchObject({ status: 'completed', mode: 'ai' });
    expect(events).toContainEqual(expect.objectContaining({ type: 'breaker.opened', name: 'model:openai' }));
    expect(made).toEqual(['bank']);
    await expect(orchestrator.healthCheck()).resolves.toMatchObject({
      status: 'degraded',
      checks: { ai: true, capabilities: true },
      reasons: ['"model:openai" failed too often and is left alone for a while.'],
    });
  });
});

describe('a capability service that fails', () => {
  const answerNothing = (): Promise<never> => Promise.reject(new Error('The breaker of the application says no'));

  it('is guarded by the given breaker, and degrades no health while the fallback does its work', async () => {
    await serveMoney('bank');
    const circuitBreaker = { ...passThroughBreaker, execute: answerNothing };
    const aiClient = createScriptedAIClient([planFor('bank')]);
    const telemetry = createRecordingTelemetry();
    const orchestrator = orchestrate(
      { circuitBreaker, aiClient, telemetry },
      { capabilityServiceUrl: 'http://127.0.0.1:9', capabilityProvider: 'service' },
    );
    expect((await ask(orchestrator)).response).toMatchObject({ status: 'completed' });
    await expect(orchestrator.healthCheck()).resolves.toMatchObject({
      status: 'healthy',
      checks: { discovery: true, ai: true, capabilities: false },
      reasons: [expect.stringContaining('The breaker of the application says no')],
    });
    expect(telemetry.metrics).toContainEqual(
      expect.objectContaining({ name: 'gomind.fallback.used', value: 1, attributes: { to: 'capability-provider' } }),
    );
  });
});

describe('a workflow whose component keeps failing', () => {
  function run(yaml: string, dependencies: Partial<WorkflowEngineDependencies> = {}) {
    const { workflow, diagnostics } = parseWorkflow(`name: exchange\n${yaml}\n`);
    const found = workflow ?? expect.fail(JSON.stringify(diagnostics));
    const engine = use(createWorkflowEngine({ discovery, clock, ...dependencies }, { logLevel: 'error' }));
    return async (events: RunEvent[] = []) => {
      const result = await engine.execute(found, {}, { onEvent: (event) => events.push(event) });
      return { result, events };
    };
  }
  const inputs = 'inputs: {amount: 250, from: USD, to: EUR}';

  it('gets another one where it asks for the capability', async () => {
    await serveMoney('bank');
    await serveMoney('exchange');
    faults['bank'] = broken;
    const execute = run(`steps: [{name: change, capability: convert, ${inputs}}]`);
    for (let count = 0; count < failuresToOpen; count++)
      expect((await execute()).result).toMatchObject({ status: 'failed' });
    const { result } = await execute();
    expect(result).toMatchObject({ status: 'completed', steps: { change: { output: { amount: 125 } } } });
    expect(calls.at(-1)).toBe('exchange');
  });

  it('fails at once where it names the component', async () => {
    await serveMoney('bank');
    await serveMoney('exchange');
    faults['bank'] = broken;
    const execute = run(`steps: [{name: change, tool: bank, action: convert, ${inputs}}]`);
    for (let count = 1; count < failuresToOpen; count++) await execute();
    expect((await execute()).events).toContainEqual(expect.objectContaining({ type: 'breaker.opened', name: 'bank' }));
    expect((await execute()).result).toMatchObject({ status: 'failed', errors: [{ code: 'CIRCUIT_OPEN' }] });
    expect(calls).toHaveLength(failuresToOpen);
  });

  it('waits for it where the file asks for retries', async () => {
    await serveMoney('bank');
    const retry = 'retry: {max_attempts: 2, initial_wait: 1s}';
    const breaker = (name: string): CircuitBreaker =>
      new CooldownBreaker({ name, failureThreshold: 1, cooldownMs, clock });
    const execute = run(`steps: [{name: change, tool: bank, action: convert, ${inputs}, ${retry}}]`, { breaker });
    faults['bank'] = broken;
    await execute();
    faults = {};
    const startedAt = clock.monotonicMs();
    const { result } = await elapse(execute());
    expect(result).toMatchObject({ status: 'completed', steps: { change: { attempts: 2 } } });
    expect(clock.monotonicMs() - startedAt).toBeGreaterThanOrEqual(cooldownMs);
  });

  it('goes on as soon as it is registered anew', async () => {
    const bank = await serveMoney('bank');
    const retry = 'retry: {max_attempts: 2, initial_wait: 1s}';
    const breaker = (name: string): CircuitBreaker =>
      new CooldownBreaker({ name, failureThreshold: 1, cooldownMs, clock });
    const execute = run(`steps: [{name: change, tool: bank, action: convert, ${inputs}, ${retry}}]`, { breaker });
    faults['bank'] = broken;
    await execute();
    faults = {};
    const startedAt = clock.monotonicMs();
    const events: RunEvent[] = [];
    const waiting = execute(events);
    await expect.poll(() => events.map(({ type }) => type), patient).toContain('step.attempt.failed');
    await bank[Symbol.asyncDispose]();
    await clock.advance(1_000);
    expect(events.map(({ type }) => type).slice(-2)).toEqual(['step.attempt.failed', 'breaker.closed']);
    await serveMoney('bank');
    const { result } = await elapse(waiting);
    expect(result).toMatchObject({ status: 'completed', steps: { change: { attempts: 2 } } });
    expect(clock.monotonicMs() - startedAt).toBeLessThan(cooldownMs / 2);
  });
});
