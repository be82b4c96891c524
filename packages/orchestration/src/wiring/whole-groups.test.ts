import { defineTool, GomindError, LocalDiscovery, MemoryStorage, serve } from '@gomind/core';
import { createFakeClock, createRecordingLogger } from '@gomind/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ComponentCall } from '../execution/execute-plan.ts';
import type { RunEvent } from '../plan/events/run-event.ts';
import type { WorkflowDefinition } from '../workflow/definition.ts';
import type { WorkflowEngine, WorkflowRun } from '../workflow/engine/workflow-engine.ts';
import { parseWorkflow } from '../workflow/parse-workflow.ts';
import { createWorkflowEngine, type WorkflowEngineDependencies } from './create-workflow-engine.ts';

const open: WorkflowEngine[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((engine) => engine.close()));
});

const workflowOf = (...lines: readonly string[]): WorkflowDefinition => {
  const { workflow, diagnostics } = parseWorkflow(`name: w\n${lines.join('\n')}\n`);
  expect(diagnostics).toEqual([]);
  return workflow ?? expect.fail();
};

type Answer = (call: ComponentCall) => unknown;

/** An engine whose tools answer what a function says, by default `{ action, ...inputs }`. */
function engineOf(answer: Answer = () => undefined, dependencies: Partial<WorkflowEngineDependencies> = {}) {
  const calls: string[] = [];
  const engine = createWorkflowEngine({
    logger: createRecordingLogger(),
    call: async (call) => {
      calls.push(call.action);
      await Promise.resolve();
      return (await answer(call)) ?? { action: call.action, ...call.inputs };
    },
    ...dependencies,
  });
  open.push(engine);
  return { engine, calls };
}

const hang = ({ signal }: Pick<ComponentCall, 'signal'>): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      reject(new Error('aborted'));
    });
  });

const failing = (code = 'BUSY', isRetryable = true): never => {
  throw new GomindError({ code, message: 'it failed', isRetryable });
};

/** Runs with its events as lines: what happened to which step. */
async function told(engine: WorkflowEngine, workflow: WorkflowDefinition, signal?: AbortSignal) {
  const events: RunEvent[] = [];
  const onEvent = (event: RunEvent) => events.push(event);
  const run = await engine.execute(workflow, {}, { onEvent, ...(signal === undefined ? {} : { signal }) });
  const lines = events.flatMap((event) => ('step' in event ? [`${event.type} ${event.step}`] : []));
  return { run, events, lines };
}

const outputsOf = ({ steps }: WorkflowRun, name: string): unknown => steps[name]?.output;

describe('for_each of a group', () => {
  it('runs it once for each item, which its steps see, and returns a list', async () => {
    const { engine } = engineOf();
    const workflow = workflowOf(
      'steps:',
      '  - {name: before, tool: t, action: first, inputs: {n: 7}}',
      '  - name: g',
      '    for_each: [x, y]',
      '    parallel:',
      '      - {name: a, tool: t, action: a, inputs: {item: "${item}", at: "${index}"}}',
      '      - {name: b, tool: t, action: b, inputs: {a: "${steps.a.output.item}", n: "${steps.before.output.n}"}}',
      '  - {name: after, tool: t, action: last, inputs: {second: "${steps.g.output[1].b.a}"}}',
      'outputs: {all: "${steps.g.output}"}',
    );
    const { run, lines } = await told(engine, workflow);
    expect(run.errors).toEqual([]);
    expect(run.outputs['all']).toEqual([
      { a: { action: 'a', item: 'x', at: 0 }, b: { action: 'b', a: 'x', n: 7 } },
      { a: { action: 'a', item: 'y', at: 1 }, b: { action: 'b', a: 'y', n: 7 } },
    ]);
    expect(outputsOf(run, 'after')).toMatchObject({ second: 'y' });
    expect(lines).toEqual(expect.arrayContaining(['step.completed g[1]/b', 'step.completed g[1]', 'step.completed g']));
  });

  it('of an empty list returns an empty one and calls nobody', async () => {
    const { engine, calls } = engineOf();
    const run = await engine.execute(
      workflowOf('steps: [{name: g, for_each: [], parallel: [{name: a, tool: t, action: a}]}]'),
    );
    expect([run.status, outputsOf(run, 'g'), calls]).toEqual(['completed', [], []]);
  });

  it('inside another sees its own item, and the outer one where it has none', async () => {
    const { engine } = engineOf();
    const workflow = workflowOf(
      'steps:',
      '  - name: rows',
      '    for_each: [[1, 2], [3]]',
      '    parallel:',
      '      - name: row',
      '        for_each: "${item}"',
      '        parallel: [{name: cell, tool: t, action: c, inputs: {v: "${item}", i: "${index}"}}]',
      '      - name: once',
      '        retry: {max_attempts: 2}',
      '        parallel: [{name: whole, tool: t, action: w, inputs: {v: "${item}", i: "${index}"}}]',
    );
    const run = await engine.execute(workflow);
    expect(run.errors).toEqual([]);
    const cell = (v: number, i: number) => ({ cell: { action: 'c', v, i } });
    expect(outputsOf(run, 'rows')).toEqual([
      { row: [cell(1, 0), cell(2, 1)], once: { whole: { action: 'w', v: [1, 2], i: 0 } } },
      { row: [cell(3, 0)], once: { whole: { action: 'w', v: [3], i: 1 } } },
    ]);
  });

  it('begins no more items than there is room for calls, so that the time of an item is its own', async () => {
    let [open, most] = [0, 0];
    const { engine } = engineOf(async () => {
      most = Math.max(most, ++open);
      await new Promise((resolve) => setImmediate(resolve));
      open--;
    });
    const started: string[] = [];
    const workflow = workflowOf(
      'max_concurrency: 3',
      'steps: [{name: g, for_each: [1, 2, 3, 4, 5, 6, 7, 8], parallel: [{name: a, tool: t, action: a}]}]',
    );
    let [begun, ended] = [0, 0];
    await engine.execute(
      workflow,
      {},
      {
        onEvent: (event) => {
          if (!('step' in event) || !/^g\[\d\]$/.test(event.step)) return;
          if (event.type === 'step.started') begun++;
          if (event.type === 'step.completed') ended++;
          started.push(`${event.step} ${String(begun - ended)}`);
          expect(begun - ended).toBeLessThanOrEqual(3);
        },
      },
    );
    expect([most, ended]).toEqual([3, 8]);
  });

  it('takes 10,000 items, and no more', { timeout: 60_000 }, async () => {
    const { engine } = engineOf(({ inputs }) => inputs['n'] ?? null);
    const workflow = workflowOf(
      'inputs: {items: array}',
      'steps:',
      '  - name: g',
      '    for_each: "${inputs.items}"',
      '    parallel: [{name: a, tool: t, action: a, inputs: {n: "${item}"}}, {name: b, tool: t, action: b, inputs: {n: "${steps.a.output}"}}]',
    );
    const items = Array.from({ length: 10_000 }, (_, index) => index);
    const run = await engine.execute(workflow, { items });
    expect(run.errors).toEqual([]);
    expect(outputsOf(run, 'g')).toEqual(items.map((n) => ({ a: n, b: n })));
    const tooMany = await engine.execute(workflow, { items: [...items, 10_000] });
    expect(tooMany.errors).toMatchObject([{ code: 'LIMIT_EXCEEDED', step: 'g' }]);
  });

  it('ends with the first failed item, or leaves null in its place', async () => {
    const { engine } = engineOf(({ inputs }) => (inputs['n'] === 2 ? failing() : undefined));
    const group = (items: string) =>
      workflowOf(
        `steps: [{name: g, for_each: ${items}, parallel: [{name: a, tool: t, action: a, inputs: {n: "\${item}"}}]}]`,
      );
    const failed = await engine.execute(group('[1, 2, 3]'));
    expect(failed.errors).toMatchObject([{ code: 'BUSY', step: 'g', details: { step: 'g[1]/a' } }]);
    const going = await engine.execute(group('{items: [1, 2, 3], on_error: continue}'));
    expect([going.status, outputsOf(going, 'g')]).toEqual([
      'completed',
      [{ a: { action: 'a', n: 1 } }, null, { a: { action: 'a', n: 3 } }],
    ]);
    expect(going.steps['g']?.itemErrors).toMatchObject([{ index: 1, error: { code: 'BUSY' } }]);
  });

  it.each([
    'if: item > 1\n    then: [{name: a, tool: t, action: big}]\n    else: [{name: b, tool: t, action: small}]',
    'switch: item\n    cases: {"2": [{name: a, tool: t, action: big}]}\n    default: [{name: b, tool: t, action: small}]',
  ])('chooses a branch for each item: %s', async (kind) => {
    const { engine } = engineOf();
    const run = await engine.execute(workflowOf('steps:', '  - name: g', '    for_each: [1, 2]', `    ${kind}`));
    expect(outputsOf(run, 'g')).toEqual([{ b: { action: 'small' } }, { a: { action: 'big' } }]);
  });
});

describe('retry of a group', () => {
  const group = (retry = 'max_attempts: 3, initial_wait: 1ms') =>
    workflowOf(
      'steps:',
      '  - name: g',
      `    retry: {${retry}}`,
      '    parallel: [{name: a, tool: t, action: a}, {name: b, tool: t, action: b}]',
      'outputs: {b: "${steps.g.output.b.action}"}',
    );

  it.each(['a', 'b'])('runs all of it again after %s failed, counts, and tells', async (bad) => {
    let failures = 2;
    const { engine, calls } = engineOf(({ action }) => (action === bad && failures-- > 0 ? failing() : undefined));
    const { run, lines, events } = await told(engine, group());
    expect(run).toMatchObject({ status: 'completed', outputs: { b: 'b' }, steps: { g: { attempts: 3 } } });
    expect(calls.toSorted()).toEqual(['a', 'a', 'a', 'b', 'b', 'b']);
    expect(lines).toEqual(
      expect.arrayContaining([`step.failed g/${bad}`, `step.failed g#2/${bad}`, `step.completed g#3/${bad}`]),
    );
    const retries = events.filter(({ type }) => type === 'step.attempt.failed');
    expect(retries).toMatchObject([
      { step: 'g', attempt: 1, error: { code: 'BUSY' } },
      { step: 'g', attempt: 2 },
    ]);
  });

  it('takes a failure of unknown kind for one that may pass, and gives up after the last attempt', async () => {
    const { engine, calls } = engineOf(({ action }) => (action === 'a' ? Promise.reject(new Error('odd')) : undefined));
    const run = await engine.execute(group());
    expect(run).toMatchObject({
      status: 'failed',
      steps: { g: { attempts: 3 } },
      errors: [{ step: 'g', details: { step: 'g#3/a' } }],
    });
    expect(calls).toHaveLength(6);
  });

  it('believes a failure that says that trying again is of no use', async () => {
    const { engine, calls } = engineOf(({ action }) => (action === 'a' ? failing('NO_LUCK', false) : failing()));
    expect(await engine.execute(group())).toMatchObject({ status: 'failed', steps: { g: { attempts: 1 } } });
    expect(calls).toHaveLength(2);
  });

  it('does not happen for what a step inside may do without', async () => {
    const { engine, calls } = engineOf(() => failing());
    const workflow = workflowOf(
      'steps: [{name: g, retry: {max_attempts: 3}, parallel: [{name: a, tool: t, action: a, on_error: continue}]}]',
    );
    const run = await engine.execute(workflow);
    expect([run.status, outputsOf(run, 'g'), calls]).toEqual(['completed', {}, ['a']]);
  });

  it('repeats only what may be repeated, and says what may not', async () => {
    let failures = 0;
    const capability = (effect?: 'pure' | 'irreversible') => ({
      description: 'does',
      ...(effect === undefined ? {} : { effect }),
      input: z.object({}),
      handler: () => {
        if (failures-- > 0) failing('BROKEN');
        return { done: true };
      },
    });
    const tool = defineTool({
      name: 'shop',
      description: 'Sells',
      capabilities: { look: capability('pure'), buy: capability('irreversible') },
    });
    await using discovery = new LocalDiscovery();
    await using _served = await serve(tool, { registry: discovery, handleSignals: false });
    await using engine = createWorkflowEngine({ discovery, logger: createRecordingLogger() });
    const attempts = async (action: string, effect = '') => {
      failures = 1;
      const run = await engine.execute(
        workflowOf(
          `steps: [{name: g, retry: {max_attempts: 3, initial_wait: 1ms}${effect}, parallel: [{name: a, tool: shop, action: ${action}, retry: {max_attempts: 1}}]}]`,
        ),
      );
      return [run.steps['g']?.attempts, run.errors[0]?.message.includes('"a" may not be repeated')];
    };
    expect(await attempts('look')).toEqual([2, undefined]);
    expect(await attempts('buy')).toEqual([1, true]);
    expect(await attempts('buy', ', effect: idempotent')).toEqual([2, undefined]);
    expect(await attempts('look', ', effect: irreversible')).toEqual([1, false]);
  });

  it('does not repeat a workflow inside, unless the group or its step says that it may be', async () => {
    const inner = parseWorkflow('name: inner\nsteps: [{name: x, tool: t, action: x}]\n').workflow ?? expect.fail();
    const attempts = async (effect: string, effectOfStep = '') => {
      const { engine, calls } = engineOf(() => Promise.reject(new Error('odd')));
      engine.registry.register(inner);
      await engine.execute(
        workflowOf(
          `steps: [{name: g, timeout: 1h, retry: {max_attempts: 2, initial_wait: 1ms}${effect}, parallel: [{name: s, workflow: inner${effectOfStep}}]}]`,
        ),
      );
      return calls.length;
    };
    expect([await attempts(''), await attempts(', effect: pure'), await attempts('', ', effect: pure')]).toEqual([
      1, 2, 2,
    ]);
  });
});

describe('timeout of a group', () => {
  const group = (more: string) =>
    workflowOf(
      'steps:',
      `  - {name: g, timeout: 5s${more}, parallel: [{name: a, tool: t, action: a}, {name: b, tool: t, action: hang}]}`,
    );

  it('ends all of it, and what is at work inside is told', async () => {
    const clock = createFakeClock();
    const aborted: string[] = [];
    const { engine, calls } = engineOf(
      (call) => {
        if (call.action !== 'hang') return undefined;
        call.signal.addEventListener('abort', () => aborted.push(call.step));
        return hang(call);
      },
      { clock },
    );
    const running = told(engine, group(''));
    await expect.poll(() => calls.length).toBe(2);
    await clock.runAll();
    const { run, lines } = await running;
    expect(run.errors).toMatchObject([{ code: 'STEP_TIMEOUT', step: 'g', details: { timeoutMs: 5000 } }]);
    expect(aborted).toEqual(['b']);
    expect(lines).toEqual(expect.arrayContaining(['step.completed g/a', 'step.cancelled g/b', 'step.failed g']));
  });

  it('is for each attempt', async () => {
    const clock = createFakeClock();
    let rounds = 0;
    const { engine, calls } = engineOf((call) => (call.action === 'hang' && ++rounds < 2 ? hang(call) : undefined), {
      clock,
    });
    const running = engine.execute(group(', retry: {max_attempts: 2, initial_wait: 1ms}'));
    await expect.poll(() => calls.length).toBe(2);
    await clock.runAll();
    expect(await running).toMatchObject({ status: 'completed', steps: { g: { attempts: 2 } } });
  });

  it('outlasts the time of a single call only where the steps say so', async () => {
    const clock = createFakeClock();
    const { engine, calls } = engineOf((call) => hang(call), { clock });
    const running = engine.execute(
      workflowOf('steps: [{name: g, timeout: 1h, parallel: [{name: a, tool: t, action: a, timeout: 2s}]}]'),
    );
    await expect.poll(() => calls.length).toBe(1);
    await clock.runAll();
    expect((await running).errors).toMatchObject([{ code: 'STEP_TIMEOUT', details: { timeoutMs: 2000, step: 'g/a' } }]);
  });
});

describe('cache of a group', () => {
  const cached = (more = '') =>
    workflowOf(
      'inputs: {n: number, other: number}',
      'steps:',
      '  - {name: before, tool: t, action: before, inputs: {n: "${inputs.n}"}}',
      '  - name: g',
      `    cache: {ttl: 1m${more}}`,
      '    parallel: [{name: a, tool: t, action: a, inputs: {n: "${steps.before.output.n}"}}, {name: b, tool: t, action: b}]',
      '  - {name: last, tool: t, action: last, inputs: {o: "${inputs.other}", a: "${steps.g.output.a.n}"}}',
    );
  const counted = (calls: readonly string[]) => calls.filter((action) => action === 'a' || action === 'b').length;

  it('gives the outputs again while all that the steps inside refer to is the same', async () => {
    const clock = createFakeClock();
    const { engine, calls } = engineOf(undefined, { clock });
    const [first, second] = [
      await engine.execute(cached(), { n: 1, other: 1 }),
      await engine.execute(cached(), { n: 1, other: 2 }),
    ];
    expect([first.errors, second.errors]).toEqual([[], []]);
    expect(outputsOf(second, 'g')).toEqual(outputsOf(first, 'g'));
    expect(counted(calls)).toBe(2);
    await engine.execute(cached(), { n: 2, other: 1 });
    expect(counted(calls)).toBe(4);
    await clock.advance(61_000);
    await engine.execute(cached(), { n: 1, other: 1 });
    expect(counted(calls)).toBe(6);
  });

  it('keeps by its own key, and apart from a group of that name that does something else', async () => {
    const { engine, calls } = engineOf();
    await engine.execute(cached(', key: same'), { n: 1, other: 1 });
    await engine.execute(cached(', key: same'), { n: 2, other: 1 });
    expect(counted(calls)).toBe(2);
    const other = workflowOf('steps: [{name: g, cache: {key: same}, parallel: [{name: a, tool: t, action: a}]}]');
    await engine.execute(other);
    expect(counted(calls)).toBe(3);
  });

  it('keeps each item, and no failure', async () => {
    let isDown = true;
    const { engine, calls } = engineOf(({ inputs }) => (isDown && inputs['n'] === 2 ? failing() : undefined));
    const workflow = workflowOf(
      'steps: [{name: g, cache: true, for_each: {items: [1, 2, 1], max_parallel: 1, on_error: continue}, parallel: [{name: a, tool: t, action: a, inputs: {n: "${item}"}}]}]',
    );
    await engine.execute(workflow);
    expect(calls).toHaveLength(2);
    isDown = false;
    const run = await engine.execute(workflow);
    expect([run.status, calls.length]).toEqual(['completed', 3]);
    expect(outputsOf(run, 'g')).toMatchObject([{ a: { n: 1 } }, { a: { n: 2 } }, { a: { n: 1 } }]);
  });

  it('depends on no item that only a list inside has', async () => {
    const { engine, calls } = engineOf();
    const workflow = workflowOf(
      'steps:',
      '  - name: outer',
      '    for_each: {items: [1, 2], max_parallel: 1}',
      '    parallel: [{name: g, cache: true, parallel: [{name: a, tool: t, action: a, for_each: [5], inputs: {n: "${item}"}}]}]',
    );
    await engine.execute(workflow);
    expect(calls).toEqual(['a']);
  });

  it('is not shared between those who have other secrets, and shows none', async () => {
    const keys: string[] = [];
    const storage = new MemoryStorage();
    const set = storage.set.bind(storage);
    storage.set = (key, ...rest) => {
      keys.push(key);
      return set(key, ...rest);
    };
    const workflow = workflowOf(
      'secrets: [K]',
      'steps: [{name: g, cache: true, parallel: [{name: a, tool: t, action: a, inputs: {k: "${secrets.K}"}}]}, {name: s, tool: t, action: s, cache: true, inputs: {k: "${secrets.K}"}}]',
    );
    const total = [];
    for (const secret of ['hush-one', 'hush-two', 'hush-one']) {
      const { engine, calls } = engineOf(() => ({ done: true }), { storage, secrets: { get: () => secret } });
      await engine.execute(workflow);
      total.push(calls.length);
    }
    expect(total).toEqual([2, 2, 0]);
    expect(keys.join()).not.toContain('hush');
  });
});

describe('a group that runs as a whole', () => {
  it('ends with the run when that is cancelled in the middle', async () => {
    const { engine, calls } = engineOf((call) => (call.inputs['n'] === 2 ? hang(call) : undefined));
    const workflow = workflowOf(
      'steps: [{name: g, retry: {max_attempts: 5}, for_each: [1, 2, 3], parallel: [{name: a, tool: t, action: a, inputs: {n: "${item}"}}]}, {name: z, tool: t, action: z, depends_on: [g]}]',
      'finally: [{name: tidy, tool: t, action: tidy, inputs: {g: "${steps.g.status}"}}]',
    );
    const abort = new AbortController();
    const running = told(engine, workflow, abort.signal);
    await expect.poll(() => calls.length).toBe(3);
    abort.abort();
    const { run, lines } = await running;
    expect(run).toMatchObject({
      status: 'cancelled',
      steps: { g: { status: 'cancelled' }, tidy: { output: { g: 'cancelled' } } },
    });
    expect(calls).toEqual(['a', 'a', 'a', 'tidy']);
    expect(lines).toContain('step.cancelled g');
    expect(lines.filter((line) => line.includes('attempt.failed'))).toEqual([]);
  });

  it('keeps its steps to itself: skipped with the group, and seen through it', async () => {
    const { engine, calls } = engineOf();
    const workflow = workflowOf(
      'steps:',
      '  - {name: g, when: 1 > 2, timeout: 1m, parallel: [{name: a, tool: t, action: a}]}',
      '  - {name: h, timeout: 1m, depends_on: [g], parallel: [{name: b, tool: t, action: b}, {name: c, tool: t, action: c, when: "steps.b.output.action == \'x\'"}]}',
      'finally:',
      '  - {name: f, timeout: 1m, parallel: [{name: d, tool: t, action: d, inputs: {from: "${steps.h.output.b.action}"}}]}',
    );
    const run = await engine.execute(workflow);
    expect(run.errors).toEqual([]);
    expect(Object.fromEntries(Object.entries(run.steps).map(([name, { status }]) => [name, status]))).toEqual({
      g: 'skipped',
      h: 'completed',
      f: 'completed',
    });
    expect(outputsOf(run, 'h')).toEqual({ b: { action: 'b' } });
    expect(outputsOf(run, 'f')).toEqual({ d: { action: 'd', from: 'b' } });
    expect(calls).toEqual(['b', 'd']);
  });

  it('gives a step that stands in for another its place', async () => {
    const { engine } = engineOf(({ action }) => (action === 'a' ? failing() : undefined));
    const workflow = workflowOf(
      'steps:',
      '  - {name: g, timeout: 1m, parallel: [{name: a, tool: t, action: a, on_error: {fallback: b}}, {name: b, tool: t, action: b}]}',
      '  - {name: h, timeout: 1m, on_error: {fallback: i}, parallel: [{name: c, tool: t, action: a}]}',
      '  - {name: i, tool: t, action: i}',
      'outputs: {g: "${steps.g.output}", h: "${steps.h.output.action}"}',
    );
    const run = await engine.execute(workflow);
    expect(run).toMatchObject({
      status: 'completed',
      outputs: { g: { a: { action: 'b' }, b: { action: 'b' } }, h: 'i' },
    });
  });

  it('waits for what its steps wait for, and passes artifacts on', async () => {
    const stored: unknown[] = [];
    const { engine, calls } = engineOf(undefined, {
      artifacts: {
        put: ({ name }, value) => {
          stored.push(value);
          return Promise.resolve({ uri: `mem:${name}`, bytes: 1, sha256: 'x', media_type: 'application/json' });
        },
      },
    });
    const run = await engine.execute(
      workflowOf(
        'steps:',
        '  - {name: g, artifact: true, parallel: [{name: a, tool: t, action: a, depends_on: [z]}, {name: b, tool: t, action: b, inputs: {y: "${steps.y.output.action}"}}]}',
        '  - {name: z, tool: t, action: z}',
        '  - {name: y, tool: t, action: y}',
      ),
    );
    expect(run.errors).toEqual([]);
    expect(calls.slice(0, 2).toSorted()).toEqual(['y', 'z']);
    expect(outputsOf(run, 'g')).toMatchObject({ uri: 'mem:g' });
    expect(stored).toEqual([{ a: { action: 'a' }, b: { action: 'b', y: 'y' } }]);
  });

  it('counts in the budget of the run', async () => {
    const { engine, calls } = engineOf();
    const run = await engine.execute(
      workflowOf(
        'budget: {tool_calls: 3}',
        'steps: [{name: g, retry: {max_attempts: 9}, for_each: {items: [1, 2, 3], max_parallel: 1}, parallel: [{name: a, tool: t, action: a}, {name: b, tool: t, action: b}]}]',
      ),
    );
    expect(run.errors).toMatchObject([{ code: 'BUDGET_EXCEEDED', step: 'g' }]);
    expect(calls).toHaveLength(3);
  });
});
