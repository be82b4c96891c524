import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRecordingLogger } from '@gomind/core/testing';
import { describe, expect, it } from 'vitest';
import { parseWorkflow } from '../workflow/parse-workflow.ts';
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
  'workflow.triggers': { later: 'a server acts on them; gomind run says so' },
  'workflow.defaults': [here, 'defaults hold for steps that do not say'],
  'workflow.compatible_with': ['../workflow/versions.test.ts', 'decides about %s'],
  'workflow.migration': ['../workflow/versions.test.ts', 'hands out the changes of the migration'],
  'step.name': [parsing, 'says where the mistake is: %s'],
  'step.description': [here, 'keeps descriptions'],
  'step.type': [parsing, 'says where the mistake is: %s'],
  'step.tool': [engine, 'runs its steps, resolves its outputs and tells the story as events'],
  'step.agent': ['reference-workflows.test.ts', 'the ETL pipeline, over real HTTP components'],
  'step.capability': [here, 'capability finds who offers it'],
  'step.action': [engine, 'runs its steps, resolves its outputs and tells the story as events'],
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
  'step.effect': [here, 'keeps descriptions'],
  'step.compensate': { later: 'durable runs' },
  'step.cache': [engine, 'keeps the output of a step with a cache'],
  'step.artifact': [engine, 'passes an artifact on by reference'],
};

const run = async (
  yaml: string,
  call: (action: string, inputs: Record<string, unknown>, signal: AbortSignal) => Promise<unknown> = () =>
    Promise.resolve({}),
) => {
  const { workflow, diagnostics } = parseWorkflow(`name: w\n${yaml}\n`);
  await using made = createWorkflowEngine({
    logger: createRecordingLogger(),
    call: ({ action, inputs, signal }) => call(action, inputs, signal),
  });
  return await made.execute(workflow ?? expect.fail(JSON.stringify(diagnostics)));
};

describe('every key of the format', () => {
  it('stands in the table, with a test that exists', () => {
    const { keys } = workflowFileSchema();
    const known = ['workflow', 'step'].flatMap((owner) => (keys[owner] ?? []).map((key) => `${owner}.${key}`));
    expect(Object.keys(testOfKey).toSorted()).toEqual(known.toSorted());
    for (const [key, entry] of Object.entries(testOfKey)) {
      if ('later' in entry) continue;
      const [file, test] = entry;
      expect(readFileSync(join(import.meta.dirname, file), 'utf8'), `${key}: ${test}`).toContain(`('${test}'`);
    }
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
    const result = await run(
      'steps: [{name: a, tool: t, action: x, timeout: 20ms}]',
      (_action, _inputs, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reject(new Error('aborted'));
          });
        }),
    );
    expect(result.errors[0]).toMatchObject({ code: 'STEP_TIMEOUT', step: 'a' });
  });
});
