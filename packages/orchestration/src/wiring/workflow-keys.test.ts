import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AIClient, defineTool, GomindError, LocalDiscovery, serve } from '@gomind/core';
import { createFakeClock, createRecordingLogger, createScriptedAIClient } from '@gomind/core/testing';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { WorkflowDefinition } from '../workflow/definition.ts';
import type { WorkflowRunOptions } from '../workflow/engine/workflow-engine.ts';
import type { Diagnostic } from '../plan/diagnostic.ts';
import { parseWorkflow } from '../workflow/parse-workflow.ts';
import { canContinue } from '../workflow/versions.ts';
import { workflowFileSchema } from '../workflow/workflow-schema.ts';
import { createWorkflowEngine } from './create-workflow-engine.ts';

const engine = 'create-workflow-engine.test.ts';
const parsing = '../workflow/parse-workflow.test.ts';
const here = 'workflow-keys.test.ts';

/** Every key of the format, and the test that fails when the key is ignored; `later` says which part gives it effect. */
const testOfKey: Readonly<Record<string, readonly [file: string, test: string] | { readonly later: string }>> = {
  'workflow.$schema': { later: 'editors read it' },
  'workflow.name': [parsing, 'says where the mistake is: %s'],
  'workflow.version': [parsing, 'keeps versions as they are written'],
  'workflow.description': [here, 'keeps descriptions'],
  'workflow.inputs': [engine, 'is refused before anything is called when %s'],
  'workflow.steps': [engine, 'runs its steps, resolves its outputs and tells the story as events'],
  'workflow.outputs': [engine, 'checks the outputs that it declares'],
  'workflow.timeout': [engine, 'ends at its own timeout, and still cleans up'],
  'workflow.max_concurrency': [here, 'max_concurrency bounds the calls at work'],
  'workflow.on_error': [here, 'on_error holds for steps that do not say'],
  'workflow.on_failure': [
    engine,
    'runs what follows a failure, and what comes at the end, which can look at what happened',
  ],
  'workflow.finally': [
    engine,
    'runs what follows a failure, and what comes at the end, which can look at what happened',
  ],
  'workflow.concurrency': [engine, 'does not run at the same time as another of its group'],
  'workflow.env': [engine, 'reads only the variables that the application gives'],
  'workflow.secrets': [engine, 'keeps secrets out of everything that is recorded'],
  'workflow.budget': [here, 'budget ends what costs too much'],
  'workflow.triggers': { later: 'a server acts on them' },
  'workflow.defaults': [here, 'defaults hold for steps that do not say'],
  'workflow.compatible_with': [here, 'migration is handed out as it is written'],
  'workflow.migration': [here, 'migration is handed out as it is written'],
  'step.name': [parsing, 'says where the mistake is: %s'],
  'step.description': [here, 'keeps descriptions'],
  'step.type': [parsing, 'says where the mistake is: %s'],
  'step.tool': [engine, 'runs its steps, resolves its outputs and tells the story as events'],
  'step.agent': ['reference-workflows.test.ts', 'the ETL pipeline, over real HTTP components'],
  'step.capability': [here, 'capability finds who offers it'],
  'step.action': [engine, 'takes one branch and joins it'],
  'step.workflow': [engine, 'runs another workflow as a step, with its own inputs, outputs and steps at the end'],
  'step.prompt': [engine, 'waits for a person, and goes on or fails as decided'],
  'step.components': [here, 'components bounds what an ai-routing step may use'],
  'step.approvers': [engine, 'waits for a person, and goes on or fails as decided'],
  'step.duration': [engine, 'ends at its own timeout, and still cleans up'],
  'step.until': [here, 'until waits for a time'],
  'step.event': [engine, 'waits for an event'],
  'step.parallel': ['reference-workflows.test.ts', 'the hybrid analysis, whose plans are made while it runs'],
  'step.if': [engine, 'takes one branch and joins it'],
  'step.then': [engine, 'takes one branch and joins it'],
  'step.else': [engine, 'takes one branch and joins it'],
  'step.switch': [engine, 'chooses a case, or the default'],
  'step.cases': [engine, 'chooses a case, or the default'],
  'step.default': [engine, 'chooses a case, or the default'],
  'step.inputs': [engine, 'gives null for an input that is used but not declared'],
  'step.depends_on': [here, 'depends_on orders steps that share nothing'],
  'step.when': [here, 'when skips a step'],
  'step.for_each': [here, 'for_each runs a step once for each item'],
  'step.retry': [here, 'retry calls again'],
  'step.timeout': [here, 'timeout ends a call'],
  'step.on_error': [here, 'on_error holds for steps that do not say'],
  'step.effect': [here, 'effect decides what may be called again'],
  'step.compensate': { later: 'durable runs' },
  'step.cache': [engine, 'keeps the output of a step with a cache'],
  'step.artifact': [engine, 'passes an artifact on by reference'],
  'retry.max_attempts': [here, 'retry waits as it says: %s'],
  'retry.backoff': [here, 'retry waits as it says: %s'],
  'retry.backoff_factor': [here, 'retry waits as it says: %s'],
  'retry.initial_wait': [here, 'retry waits as it says: %s'],
  'retry.max_wait': [here, 'retry waits as it says: %s'],
  'retry.jitter': [here, 'retry waits as it says: %s'],
  'for_each.items': [here, 'for_each takes so many items at a time'],
  'for_each.max_parallel': [here, 'for_each takes so many items at a time'],
  'for_each.on_error': [here, 'for_each goes on after a failed item when it says so'],
  'on_error.fallback': [here, 'fallback runs in the place of a failed step'],
  'cache.ttl': [here, 'cache keeps by its key, for its time'],
  'cache.key': [here, 'cache keeps by its key, for its time'],
  'concurrency.group': [engine, 'cancels the run of its group that is at work when it says so'],
  'concurrency.policy': [engine, 'cancels the run of its group that is at work when it says so'],
  'budget.tokens': [here, 'budget limits %s'],
  'budget.cost_usd': [here, 'budget limits %s'],
  'budget.model_calls': [here, 'budget limits %s'],
  'budget.tool_calls': [here, 'budget ends what costs too much'],
  'budget.time': [here, 'budget limits the time'],
  'defaults.retry': [here, 'defaults hold for steps that do not say'],
  'defaults.timeout': [here, 'defaults limit the time of calls'],
  'migration.from': [here, 'migration is handed out as it is written'],
  'migration.steps': [here, 'migration is handed out as it is written'],
  'migration.inputs': [here, 'migration is handed out as it is written'],
  'migration_step.rename': [here, 'migration is handed out as it is written'],
  'migration_step.add': [here, 'migration is handed out as it is written'],
  'migration_step.remove': [here, 'migration is handed out as it is written'],
};

const groups = 'whole-groups.test.ts';

/** What any step may say, on a group (parallel, if, switch): the test that fails when it is ignored there, or that it does nothing. */
const testOfGroupKey: Readonly<Record<string, readonly [file: string, test: string] | 'no effect' | 'later'>> = {
  description: [here, 'keeps descriptions'],
  inputs: 'no effect',
  depends_on: [groups, 'keeps its steps to itself: skipped with the group, and seen through it'],
  when: [groups, 'keeps its steps to itself: skipped with the group, and seen through it'],
  for_each: [groups, 'runs it once for each item, which its steps see, and returns a list'],
  retry: [groups, 'runs all of it again after %s failed, counts, and tells'],
  timeout: [groups, 'ends all of it, and what is at work inside is told'],
  on_error: [groups, 'gives a step that stands in for another its place'],
  effect: [groups, 'repeats only what may be repeated, and says what may not'],
  compensate: 'later',
  cache: [groups, 'gives the outputs again while all that the steps inside refer to is the same'],
  artifact: [groups, 'waits for what its steps wait for, and passes artifacts on'],
};

const run = async (
  yaml: string,
  call: (action: string, inputs: Record<string, unknown>, signal: AbortSignal) => Promise<unknown> = () =>
    Promise.resolve({}),
  options: WorkflowRunOptions & { readonly aiClient?: AIClient } = {},
) => {
  const { aiClient, ...runOptions } = options;
  await using made = createWorkflowEngine({
    logger: createRecordingLogger(),
    call: ({ action, inputs, signal }) => call(action, inputs, signal),
    ...(aiClient === undefined ? {} : { aiClient }),
  });
  return await made.execute(workflowOf(yaml), {}, runOptions);
};

function expectTest(key: string, [file, test]: readonly [file: string, test: string]): void {
  const source = readFileSync(join(import.meta.dirname, file), 'utf8');
  expect(source.replaceAll(/\(\s+'/g, "('"), `${key}: ${test}`).toContain(`('${test}'`);
}

const workflowOf = (yaml: string): WorkflowDefinition => {
  const { workflow, diagnostics } = parseWorkflow(`name: w\n${yaml}\n`);
  return workflow ?? expect.fail(JSON.stringify(diagnostics));
};

const hang = (_action: string, _inputs: Record<string, unknown>, signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      reject(new Error('aborted'));
    });
  });

describe('every key of the format', () => {
  it('stands in the table, with a test that exists', () => {
    const { keys } = workflowFileSchema();
    const known = Object.entries(keys).flatMap(([owner, names]) => names.map((key) => `${owner}.${key}`));
    expect(Object.keys(testOfKey).toSorted()).toEqual(known.toSorted());
    for (const [key, entry] of Object.entries(testOfKey)) if (!('later' in entry)) expectTest(key, entry);
  });

  it('has a test for groups too, or does nothing there and says so', () => {
    const ofAnyStep = Object.keys(testOfKey)
      .filter((key) => key.startsWith('step.'))
      .map((key) => key.slice('step.'.length));
    const ofKinds = 'name type tool agent capability action workflow prompt components approvers duration until event';
    const ofGroups = 'parallel if then else switch cases default';
    const others = new Set(`${ofKinds} ${ofGroups}`.split(' '));
    expect(Object.keys(testOfGroupKey).toSorted()).toEqual(ofAnyStep.filter((key) => !others.has(key)).toSorted());
    const idle = Object.entries(testOfGroupKey).flatMap(([key, entry]) => (entry === 'no effect' ? [key] : []));
    for (const [key, entry] of Object.entries(testOfGroupKey)) if (typeof entry !== 'string') expectTest(key, entry);
    const inside = '[{name: a, tool: t, action: x}]';
    for (const kind of [
      `parallel: ${inside}`,
      `if: "true", then: ${inside}`,
      `switch: run.id, cases: {a: ${inside}}`,
    ]) {
      const keys = `inputs: {n: 1}, for_each: [1], retry: {max_attempts: 2}, timeout: 1s, effect: pure, cache: true, artifact: true`;
      const { diagnostics } = parseWorkflow(`name: w\nsteps: [{name: g, ${kind}, ${keys}}]\n`);
      expect(diagnostics.map(({ code, path }) => [code, path])).toEqual(
        idle.map((key) => ['NO_EFFECT', `steps.0.${key}`]),
      );
    }
    // What a group does to the world is what its steps do; it is asked for only where it would run again.
    const { diagnostics } = parseWorkflow(`name: w\nsteps: [{name: g, effect: pure, parallel: ${inside}}]\n`);
    expect(diagnostics).toMatchObject([{ code: 'NO_EFFECT', path: 'steps.0.effect' }]);
  });

  it('is not silently ignored where it takes effect later: the file and its run say so', async () => {
    const yaml = [
      'name: w',
      'triggers: [{schedule: "0 0 * * *"}]',
      'steps:',
      '  - {name: a, tool: t, action: x, compensate: undo}',
      '  - {name: g, parallel: [{name: b, tool: t, action: x, compensate: undo}], inputs: {n: 1}}',
    ].join('\n');
    const { workflow, diagnostics } = parseWorkflow(yaml, { file: 'w.yaml' });
    expect(diagnostics).toMatchObject([
      { code: 'NO_EFFECT', severity: 'warning', path: 'triggers', file: 'w.yaml', line: 2 },
      { code: 'NO_EFFECT', severity: 'warning', path: 'steps.0.compensate', step: 'a', line: 4, column: 47 },
      { code: 'NO_EFFECT', severity: 'warning', path: 'steps.1.parallel.0.compensate', step: 'b', line: 5 },
      { code: 'NO_EFFECT', severity: 'warning', path: 'steps.1.inputs', step: 'g', line: 5 },
    ]);
    const later = Object.entries(testOfKey).flatMap(([key, entry]) => ('later' in entry ? [key] : []));
    expect(later).toEqual(['workflow.$schema', 'workflow.triggers', 'step.compensate']);
    await using made = createWorkflowEngine({ logger: createRecordingLogger(), call: () => Promise.resolve({}) });
    const { status, warnings } = await made.execute(workflow ?? expect.fail());
    expect(status).toBe('completed');
    const told = (list: readonly Diagnostic[]) => new Map(list.map(({ path, message }) => [path, message]));
    expect(told(warnings)).toEqual(told(diagnostics));
  });

  it('retry of a workflow step has none: what has happened must not happen twice', async () => {
    const outer = 'steps: [{name: s, workflow: inner, timeout: 1s, retry: {max_attempts: 3}}]';
    const { workflow, diagnostics } = parseWorkflow(`name: w\ndefaults: {retry: {max_attempts: 3}}\n${outer}\n`);
    expect(diagnostics).toMatchObject([
      { code: 'NO_EFFECT', severity: 'warning', path: 'steps.0.retry', step: 's', line: 3 },
    ]);
    expect(diagnostics[0]?.message).toContain('to the steps of that workflow');
    const inner = parseWorkflow('name: inner\nsteps: [{name: a, tool: t, action: x}]\n').workflow ?? expect.fail();
    const clock = createFakeClock();
    let calls = 0;
    const call = (): Promise<never> => {
      calls++;
      return new Promise(() => undefined);
    };
    await using made = createWorkflowEngine({ logger: createRecordingLogger(), call, clock });
    made.registry.register(inner);
    const run = made.execute(workflow ?? expect.fail());
    await expect.poll(() => calls).toBe(1);
    await clock.runAll();
    expect(await run).toMatchObject({ status: 'failed', errors: [{ code: 'STEP_TIMEOUT' }] });
    expect(calls).toBe(1);
  });

  it.each([
    ['steps: [{name: a, tool: t, action: x, retry: {max_attemts: 2}}]', 'max_attempts'],
    ['steps: [{name: a, tool: t, action: x, for_each: {items: [1], max_paralel: 2}}]', 'max_parallel'],
    ['steps: [{name: a, tool: t, action: x, on_error: {falback: b}}, {name: b, tool: t, action: x}]', 'fallback'],
    ['steps: [{name: a, tool: t, action: x, cache: {ttll: 1m}}]', 'ttl'],
    ['concurrency: {group: g, polcy: wait}\nsteps: [{name: a, tool: t, action: x}]', 'policy'],
    ['budget: {tool_cals: 1}\nsteps: [{name: a, tool: t, action: x}]', 'tool_calls'],
    ['migration: {from: 1, steps: [{renam: a -> b}]}\nsteps: [{name: a, tool: t, action: x}]', 'rename'],
  ])('is suggested where a name is close to it: %s', (yaml, suggestion) => {
    const { diagnostics } = parseWorkflow(`name: w\n${yaml}\n`);
    expect(diagnostics).toMatchObject([{ code: 'UNKNOWN_KEY', suggestion }]);
  });

  it('keeps descriptions', () => {
    const { workflow } = parseWorkflow(
      'name: w\ndescription: all\nsteps: [{name: a, tool: t, action: x, description: one, effect: pure}]\n',
    );
    expect(workflow).toMatchObject({ description: 'all', steps: [{ description: 'one', effect: 'pure' }] });
  });

  it('max_concurrency bounds the calls at work', async () => {
    let [atWork, most] = [0, 0];
    await run('max_concurrency: 2\nsteps: [{name: a, tool: t, action: x, for_each: [1, 2, 3, 4, 5]}]', async () => {
      most = Math.max(most, ++atWork);
      await new Promise((resolve) => setImmediate(resolve));
      atWork--;
      return {};
    });
    expect(most).toBe(2);
  });

  it('on_error holds for steps that do not say', async () => {
    const fail = () => Promise.reject(new Error('no'));
    const steps = 'steps: [{name: a, tool: t, action: x}]';
    expect((await run(steps, fail)).status).toBe('failed');
    expect((await run(`on_error: continue\n${steps}`, fail)).status).toBe('completed');
    expect((await run('on_error: continue\nsteps: [{name: a, tool: t, action: x, on_error: fail}]', fail)).status).toBe(
      'failed',
    );
  });

  it('budget ends what costs too much', async () => {
    const result = await run(
      'budget: {tool_calls: 2}\nmax_concurrency: 1\nsteps: [{name: a, tool: t, action: x, for_each: [1, 2, 3]}]',
    );
    expect(result).toMatchObject({ status: 'failed', errors: [{ code: 'BUDGET_EXCEEDED' }] });
  });

  it('defaults hold for steps that do not say', async () => {
    let calls = 0;
    const fail = () => {
      calls++;
      return Promise.reject(new Error('no'));
    };
    await run('defaults: {retry: {max_attempts: 3, initial_wait: 1ms}}\nsteps: [{name: a, tool: t, action: x}]', fail);
    expect(calls).toBe(3);
  });

  it('defaults limit the time of calls', async () => {
    const result = await run('defaults: {timeout: 20ms}\nsteps: [{name: a, tool: t, action: x}]', hang);
    expect(result.errors[0]).toMatchObject({ code: 'STEP_TIMEOUT', step: 'a' });
  });

  it.each([
    ['backoff: fixed, initial_wait: 2ms', [2, 2, 2]],
    ['backoff: linear, initial_wait: 2ms', [2, 4, 6]],
    ['backoff: exponential, initial_wait: 2ms', [2, 4, 8]],
    ['backoff: exponential, initial_wait: 2ms, backoff_factor: 3', [2, 6, 18]],
    ['backoff: exponential, initial_wait: 2ms, max_wait: 5ms', [2, 4, 5]],
  ])('retry waits as it says: %s', async (retry, delays) => {
    const waited: number[] = [];
    await run(
      `steps: [{name: a, tool: t, action: x, retry: {max_attempts: 4, jitter: false, ${retry}}}]`,
      () => Promise.reject(new Error('no')),
      { onEvent: (event) => event.type === 'step.attempt.failed' && waited.push(event.delayMs) },
    );
    expect(waited).toEqual(delays);
  });

  it('for_each takes so many items at a time', async () => {
    let [atWork, most, calls] = [0, 0, 0];
    await run('steps: [{name: a, tool: t, action: x, for_each: {items: [1, 2, 3, 4], max_parallel: 2}}]', async () => {
      calls++;
      most = Math.max(most, ++atWork);
      await new Promise((resolve) => setImmediate(resolve));
      atWork--;
      return {};
    });
    expect([most, calls]).toEqual([2, 4]);
  });

  it('for_each goes on after a failed item when it says so', async () => {
    const result = await run(
      'steps: [{name: a, tool: t, action: x, for_each: {items: [1, 2, 3], on_error: continue}, inputs: {n: "${item}"}}]',
      (_action, inputs) => (inputs['n'] === 2 ? Promise.reject(new Error('no')) : Promise.resolve(inputs)),
    );
    expect(result).toMatchObject({ status: 'completed', steps: { a: { output: [{ n: 1 }, null, { n: 3 }] } } });
  });

  it('fallback runs in the place of a failed step', async () => {
    const result = await run(
      'steps: [{name: a, tool: t, action: x, on_error: {fallback: b}}, {name: b, tool: t, action: y}]\noutputs: {from: "${steps.a.output.from}"}',
      (action) => (action === 'x' ? Promise.reject(new Error('no')) : Promise.resolve({ from: action })),
    );
    expect(result).toMatchObject({ status: 'completed', outputs: { from: 'y' } });
  });

  it('cache keeps by its key, for its time', async () => {
    const clock = createFakeClock();
    let calls = 0;
    await using made = createWorkflowEngine({
      logger: createRecordingLogger(),
      clock,
      call: () => Promise.resolve({ call: ++calls }),
    });
    const workflow = workflowOf(
      'inputs: {n: number}\nsteps: [{name: a, tool: t, action: x, cache: {ttl: 1m, key: "same"}, inputs: {n: "${inputs.n}"}}]',
    );
    await made.execute(workflow, { n: 1 });
    await made.execute(workflow, { n: 2 });
    expect(calls).toBe(1);
    await clock.advance(61_000);
    await made.execute(workflow, { n: 1 });
    expect(calls).toBe(2);
  });

  it('cache takes keys that are no text for what they are', async () => {
    const calls: unknown[] = [];
    const workflow =
      'steps: [{name: a, tool: t, action: x, for_each: [{n: 1}, {n: 2}, 3], cache: {key: "${item}"}, inputs: {n: "${item}"}}]';
    await run(workflow, (_action, inputs) => Promise.resolve(calls.push(inputs['n'])));
    expect(calls).toEqual([{ n: 1 }, { n: 2 }, 3]);
  });

  it('cache tells workflows apart whose steps have one name', async () => {
    const called: string[] = [];
    await using made = createWorkflowEngine({
      logger: createRecordingLogger(),
      call: ({ action }) => Promise.resolve({ n: called.push(action) }),
    });
    for (const name of ['one', 'two']) {
      made.registry.register(
        parseWorkflow(`name: ${name}\nsteps: [{name: a, tool: t, action: ${name}}]\n`).workflow ?? expect.fail(),
      );
    }
    for (const name of ['one', 'two', 'one'])
      await made.execute(workflowOf(`steps: [{name: s, workflow: ${name}, cache: true}]`));
    expect(called).toEqual(['one', 'two']);
  });

  it.each([
    ['tokens', 'tokens: 10', 'tokens'],
    ['money', 'cost_usd: 0', 'costUsd'],
    ['questions to models', 'model_calls: 0', 'modelCalls'],
  ])('budget limits %s', async (_what, limit, name) => {
    const aiClient = createScriptedAIClient('{"steps": [], "reason": "none"}');
    const result = await run(`budget: {${limit}}\nsteps: [{name: a, type: ai-routing, prompt: go}]`, undefined, {
      aiClient,
    });
    expect(result.errors).toMatchObject([{ code: 'BUDGET_EXCEEDED', step: 'a', details: { limit: name } }]);
  });

  it('budget limits the time', async () => {
    const result = await run('budget: {time: 20ms}\nsteps: [{name: a, type: wait, duration: 1h}]');
    expect(result.errors).toMatchObject([{ code: 'BUDGET_EXCEEDED', details: { limit: 'timeMs' } }]);
  });

  it('effect decides what may be called again', async () => {
    const tool = defineTool({
      name: 'shop',
      description: 'Sells',
      capabilities: {
        buy: {
          description: 'Buy',
          effect: 'irreversible',
          input: z.object({}),
          handler: () => {
            throw new GomindError({ code: 'BROKEN', message: 'broken', isRetryable: true });
          },
        },
      },
    });
    await using discovery = new LocalDiscovery();
    await using _served = await serve(tool, { registry: discovery, handleSignals: false });
    await using made = createWorkflowEngine({ discovery, logger: createRecordingLogger() });
    const step = (effect: string) =>
      workflowOf(`steps: [{name: a, tool: shop, action: buy, retry: {max_attempts: 3, initial_wait: 1ms}${effect}}]`);
    const attempts = async (effect: string) => (await made.execute(step(effect))).steps['a']?.attempts;
    expect(await attempts('')).toBe(1);
    expect(await attempts(', effect: pure')).toBe(3);
  });

  it('migration is handed out as it is written', () => {
    const workflow = workflowOf(
      [
        'version: 2.0',
        'compatible_with: ">=1.5"',
        'migration:',
        '  from: 1.0',
        '  steps: [{rename: a -> b}, {add: c}, {remove: d}]',
        '  inputs: {x: "${inputs.y}"}',
        'steps: [{name: b, tool: t, action: x}]',
      ].join('\n'),
    );
    expect(['1.6', '1.2'].map((version) => canContinue(version, workflow).ok)).toEqual([true, false]);
    expect(canContinue('1.0', workflow)).toMatchObject({ ok: true, changes: workflow.migrations[0]?.changes });
    expect(workflow.migrations).toEqual([
      {
        from: '1.0',
        changes: [
          { kind: 'rename', from: 'a', to: 'b' },
          { kind: 'add', step: 'c' },
          { kind: 'remove', step: 'd' },
          { kind: 'map-input', input: 'x', value: '${inputs.y}' },
        ],
      },
    ]);
  });

  it('capability finds who offers it', async () => {
    const actions: string[] = [];
    await run('steps: [{name: a, capability: translate}]', (action) => {
      actions.push(action);
      return Promise.resolve({});
    });
    expect(actions).toEqual(['translate']);
  });

  it('components bounds what an ai-routing step may use', async () => {
    const { workflow } = parseWorkflow(
      'name: w\nsteps: [{name: a, type: ai-routing, prompt: go, components: [one]}]\n',
    );
    expect(workflow?.steps[0]).toMatchObject({ kind: 'ai-routing', components: ['one'] });
    const result = await run('steps: [{name: a, type: ai-routing, prompt: go, components: [one]}]');
    expect(result.errors[0]).toMatchObject({ code: 'NO_PLAN' });
  });

  it('until waits for a time', async () => {
    const result = await run('steps: [{name: a, type: wait, until: "2020-01-01T00:00:00Z"}]');
    expect(result.steps['a']?.output).toMatchObject({ waitedMs: expect.any(Number) as number });
  });

  it('depends_on orders steps that share nothing', async () => {
    const order: string[] = [];
    await run(
      'steps: [{name: b, tool: t, action: second, depends_on: [a]}, {name: a, tool: t, action: first}]',
      (action) => {
        order.push(action);
        return Promise.resolve({});
      },
    );
    expect(order).toEqual(['first', 'second']);
  });

  it('when skips a step', async () => {
    expect((await run('steps: [{name: a, tool: t, action: x, when: 1 > 2}]')).steps['a']?.status).toBe('skipped');
  });

  it('for_each runs a step once for each item', async () => {
    const result = await run(
      'steps: [{name: a, tool: t, action: x, for_each: [3, 4], inputs: {n: "${item}", i: "${index}"}}]',
      (_action, inputs) => Promise.resolve(inputs),
    );
    expect(result.steps['a']?.output).toEqual([
      { n: 3, i: 0 },
      { n: 4, i: 1 },
    ]);
  });

  it('retry calls again', async () => {
    let calls = 0;
    const result = await run(
      'steps: [{name: a, tool: t, action: x, retry: {max_attempts: 2, initial_wait: 1ms}}]',
      () => (++calls === 1 ? Promise.reject(new Error('no')) : Promise.resolve({})),
    );
    expect([calls, result.status]).toEqual([2, 'completed']);
  });

  it('timeout ends a call', async () => {
    const result = await run('steps: [{name: a, tool: t, action: x, timeout: 20ms}]', hang);
    expect(result.errors[0]).toMatchObject({ code: 'STEP_TIMEOUT', step: 'a' });
  });
});
