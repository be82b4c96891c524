import {
  type CircuitBreaker,
  CooldownBreaker,
  defineTool,
  GomindError,
  LocalDiscovery,
  noopLogger,
  passThroughBreaker,
  serve,
} from '@gomind/core';
import { createFakeClock, type FakeClock } from '@gomind/core/testing';
import { createCircuitBreaker } from '@gomind/resilience';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { RunEvent } from '../plan/events/run-event.ts';
import { parseWorkflow } from '../workflow/parse-workflow.ts';
import { createWorkflowEngine, type WorkflowEngineDependencies } from './create-workflow-engine.ts';

const cooldownMs = 30_000;
const patient = { timeout: 20_000, interval: 20 };
const broken = new GomindError({ code: 'DATABASE_LOST', message: 'The database is gone' });
const badInput = new GomindError({ code: 'INPUT_ERROR', message: 'No such currency' });

/** What the bank answers to its next call; nothing while it thinks. */
let answer: PromiseWithResolvers<GomindError | undefined>;
let calls: number;
let clock: FakeClock;
let discovery: LocalDiscovery;
const open: AsyncDisposable[] = [];

function use<T extends AsyncDisposable>(resource: T): T {
  open.push(resource);
  return resource;
}

beforeEach(async () => {
  answer = Promise.withResolvers();
  calls = 0;
  clock = createFakeClock();
  discovery = use(new LocalDiscovery());
  const bank = defineTool({
    name: 'bank',
    description: 'Money',
    capabilities: {
      convert: {
        description: 'Convert an amount of money',
        effect: 'pure',
        input: z.object({ amount: z.number() }),
        handler: async ({ amount }) => {
          calls++;
          const fault = await answer.promise;
          if (fault !== undefined) throw fault;
          return { amount };
        },
      },
    },
  });
  use(await serve(bank, { registry: discovery, handleSignals: false, logger: noopLogger, clock }));
});

afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource[Symbol.asyncDispose]();
});

/** Opens the circuit of the bank. */
async function engineAtOpenCircuit(breaker: NonNullable<WorkflowEngineDependencies['breaker']>) {
  const engine = use(createWorkflowEngine({ discovery, clock, logger: noopLogger, breaker }));
  const execute = (count: number, attempts: number, events: RunEvent[] = []) => {
    const step = (index: number): string =>
      `- {name: s${String(index)}, tool: bank, action: convert, inputs: {amount: 1}, on_error: continue, retry: {max_attempts: ${String(attempts)}}}`;
    const { workflow } = parseWorkflow(
      `name: w\nsteps:\n${Array.from({ length: count }, (_, at) => step(at)).join('\n')}`,
    );
    return engine.execute(
      workflow ?? expect.fail('The workflow does not parse.'),
      {},
      { onEvent: (event) => events.push(event) },
    );
  };
  answer.resolve(broken);
  await execute(1, 1);
  answer = Promise.withResolvers();
  calls = 0;
  return { execute };
}

/** Runs so many steps that call it side by side, with two attempts each. */
async function waitAtOpenCircuit(steps: number, breaker: NonNullable<WorkflowEngineDependencies['breaker']>) {
  const { execute } = await engineAtOpenCircuit(breaker);
  const events: RunEvent[] = [];
  const run = execute(steps, 2, events);
  const refusals = (): number => events.filter(({ type }) => type === 'step.attempt.failed').length;
  await expect.poll(refusals, patient).toBe(steps);
  await clock.advance(cooldownMs);
  // One of them probes; the others are refused once more.
  await expect.poll(() => [calls, refusals()], patient).toEqual([1, 2 * steps - 1]);
  return { run };
}

describe.each([
  ['the built-in breaker', (name: string) => new CooldownBreaker({ name, failureThreshold: 1, cooldownMs, clock })],
  [
    'the full breaker',
    (name: string) => createCircuitBreaker({ name, volumeThreshold: 1, sleepWindowMs: cooldownMs, clock }),
  ],
])('steps that wait at %s', (_what, breaker) => {
  it('lose no attempt to the probe of another step, and go on when it has succeeded', async () => {
    const { run } = await waitAtOpenCircuit(8, breaker);
    answer.resolve(undefined);
    const { status, steps } = await run;
    expect(status).toBe('completed');
    expect(Object.values(steps).map((step) => step.status)).toEqual(Array.from({ length: 8 }, () => 'completed'));
    expect(calls).toBe(8);
  });

  it('take the place of a probe that proved nothing', async () => {
    const { run } = await waitAtOpenCircuit(2, breaker);
    const first = answer;
    answer = Promise.withResolvers();
    answer.resolve(undefined);
    first.resolve(badInput);
    const { steps } = await run;
    expect(
      Object.values(steps)
        .map((step) => step.status)
        .sort(),
    ).toEqual(['completed', 'failed']);
    expect(calls).toBe(2);
  });
});

describe('a circuit that is half-open for ever', () => {
  it('ends the wait of a step that has no time limit', async () => {
    const events: RunEvent[] = [];
    const stuck = (name: string): CircuitBreaker => ({
      ...passThroughBreaker,
      name,
      state: 'half-open',
      execute: () => {
        const details = { dependency: name, state: 'half-open', retryAfterMs: 5 };
        return Promise.reject(
          new GomindError({ code: 'CIRCUIT_OPEN', message: 'Another one probes.', isRetryable: true, details }),
        );
      },
    });
    const { execute } = await engineAtOpenCircuit(stuck);
    const run = execute(1, 3, events);
    for (let pass = 0; pass < 1_000; pass++) await clock.advance(5);
    expect(events.map(({ type }) => type)).toContain('step.failed');
    expect((await run).steps['s0']).toMatchObject({ status: 'failed', error: { code: 'CIRCUIT_OPEN' } });
  });
});

describe('a component that comes back between two looks at the registry', () => {
  it.each([
    ['in place of its record of before', true],
    ['beside its record of before, because it was killed', false],
  ])('%s is called at once by a step that waits', async (_what, hasGone) => {
    const events: RunEvent[] = [];
    const breaker = (name: string) => new CooldownBreaker({ name, failureThreshold: 1, cooldownMs, clock });
    const { execute } = await engineAtOpenCircuit(breaker);
    const run = execute(1, 2, events);
    await expect.poll(() => events.map(({ type }) => type), patient).toContain('step.attempt.failed');
    const startedAt = clock.monotonicMs();
    const [before] = await discovery.discover();
    answer.resolve(undefined);
    if (hasGone) await discovery.unregister(before?.id ?? '');
    await discovery.register({ ...(before ?? expect.fail('Nobody is there.')), id: 'bank-anew' });
    let isOver = false;
    void run.then(() => (isOver = true));
    const pass = async (): Promise<boolean> => {
      await clock.advance(50);
      return isOver;
    };
    await expect.poll(pass, patient).toBe(true);
    expect((await run).status).toBe('completed');
    expect(clock.monotonicMs() - startedAt).toBeLessThan(cooldownMs);
  });
});
