import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GomindError } from '@gomind/core';
import { createFakeClock, createRecordingLogger } from '@gomind/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { createFileArtifactStore } from '../execution/artifact-store.ts';
import type { ComponentCall } from '../execution/execute-plan.ts';
import { foldRun } from '../plan/events/fold-run.ts';
import type { RunEvent } from '../plan/events/run-event.ts';
import { parseWorkflow } from '../workflow/parse-workflow.ts';
import type { WorkflowEngine } from '../workflow/engine/workflow-engine.ts';
import { WorkflowRegistry } from '../workflow/workflow-registry.ts';
import { createWorkflowEngine, type WorkflowEngineDependencies } from './create-workflow-engine.ts';

const open: WorkflowEngine[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((engine) => engine.close()));
});

const workflowOf = (...lines: readonly string[]) => {
  const { workflow, diagnostics } = parseWorkflow(`name: test\n${lines.join('\n')}\n`);
  return workflow ?? expect.fail(JSON.stringify(diagnostics));
};

/** An engine whose tools answer `{ action, ...inputs }`, or fail when the action is `fail`. */
function engineOf(dependencies: Partial<WorkflowEngineDependencies> = {}) {
  const calls: Pick<ComponentCall, 'component' | 'action' | 'inputs'>[] = [];
  const engine = createWorkflowEngine({
    logger: createRecordingLogger(),
    call: async ({ component, action, inputs }) => {
      await Promise.resolve();
      calls.push({ component, action, inputs });
      if (action === 'fail') throw new GomindError({ code: 'NO_LUCK', message: 'it failed' });
      return { action, ...inputs };
    },
    ...dependencies,
  });
  open.push(engine);
  return { engine, calls, actions: () => calls.map(({ action }) => action) };
}

describe('a workflow', () => {
  it('keeps to its budget, and what cleans up runs all the same', async () => {
    const { engine, actions } = engineOf();
    const workflow = workflowOf(
      'budget: {tool_calls: 1}',
      'steps:',
      '  - {name: a, tool: t, action: first}',
      '  - {name: b, tool: t, action: second, depends_on: [a]}',
      'finally:',
      '  - {name: c, tool: t, action: tidy}',
    );
    const run = await engine.execute(workflow, {});
    expect(run).toMatchObject({ status: 'failed', errors: [{ code: 'BUDGET_EXCEEDED', step: 'b' }] });
    expect(actions()).toEqual(['first', 'tidy']);
  });

  it('tells each step that ended, and its state follows from its events', async () => {
    // Time stands still: a result and its event read the clock one after the other.
    const { engine } = engineOf({ clock: createFakeClock() });
    const workflow = workflowOf(
      'steps:',
      '  - {name: a, tool: t, action: first}',
      '  - {name: b, tool: t, action: second, depends_on: [a]}',
    );
    const ends: string[] = [];
    const progress: string[] = [];
    const events: RunEvent[] = [];
    const run = await engine.execute(
      workflow,
      {},
      {
        onEvent: (event) => events.push(event),
        onStepComplete: (step) => ends.push(step),
        onProgress: ({ settled, total }) => progress.push(`${String(settled)}/${String(total)}`),
      },
    );
    expect(ends).toEqual(['a', 'b']);
    expect(progress.at(-1)).toBe('2/2');
    expect(foldRun(events)).toMatchObject({ status: 'completed', runId: run.runId, steps: run.steps });
  });

  it('runs its steps, resolves its outputs and tells the story as events', async () => {
    const { engine, calls } = engineOf();
    const events: RunEvent[] = [];
    const workflow = workflowOf(
      'inputs: {n: {type: number, required: true}, m: {type: number, default: 2}}',
      'steps:',
      '  - {name: a, tool: t, action: first, inputs: {n: "${inputs.n * inputs.m}"}}',
      '  - {name: b, tool: t, action: second, inputs: {n: "${steps.a.output.n + 1}"}}',
      'outputs: {result: "${steps.b.output.n}"}',
    );
    const run = await engine.execute(workflow, { n: '5' }, { onEvent: (event) => events.push(event) });
    expect(run).toMatchObject({ status: 'completed', outputs: { result: 11 }, errors: [], workflow: 'test' });
    expect(calls.map(({ inputs }) => inputs)).toEqual([{ n: 10 }, { n: 11 }]);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_event, index) => index + 1));
    expect(events[1]).toMatchObject({ type: 'plan.created', source: 'workflow' });
    expect(events.at(-1)).toMatchObject({ type: 'run.completed', response: { status: 'completed' } });
  });

  it.each([
    ['a required input is missing', {}, 'INPUT_REQUIRED'],
    ['an input has the wrong type', { n: 'many' }, 'INPUT_TYPE'],
    ['an input is not known', { n: 1, q: 1 }, 'UNKNOWN_INPUT'],
  ])('is refused before anything is called when %s', async (_what, inputs, code) => {
    const { engine, calls } = engineOf();
    const workflow = workflowOf(
      'inputs: {n: {type: number, required: true}}',
      'steps: [{name: a, tool: t, action: x, inputs: {n: "${inputs.n}"}}]',
    );
    await expect(engine.execute(workflow, inputs)).rejects.toMatchObject({ code });
    expect(calls).toEqual([]);
  });

  it('gives null for an input that is used but not declared', async () => {
    const { engine, calls } = engineOf();
    await engine.execute(workflowOf('steps: [{name: a, tool: t, action: x, inputs: {rules: "${inputs.rules}"}}]'));
    expect(calls[0]?.inputs).toEqual({ rules: null });
  });

  it('runs what follows a failure, and what comes at the end, which can look at what happened', async () => {
    const { engine, calls } = engineOf();
    const run = await engine.execute(
      workflowOf(
        'steps: [{name: a, tool: t, action: ok}, {name: b, tool: t, action: fail}]',
        'on_failure: [{name: alarm, tool: t, action: tell, inputs: {why: "${steps.b.error.message}"}}]',
        'finally: [{name: clean, tool: t, action: clean, inputs: {was: "${steps.a.output.action}"}}]',
      ),
    );
    expect(run).toMatchObject({ status: 'failed', errors: [{ step: 'b', code: 'NO_LUCK' }] });
    expect(calls.slice(2)).toEqual([
      { component: 't', action: 'tell', inputs: { why: 'it failed' } },
      { component: 't', action: 'clean', inputs: { was: 'ok' } },
    ]);
    expect(run.steps['clean']?.status).toBe('completed');
  });

  it('does not run on_failure without a failure, and fails with what comes at the end', async () => {
    const { engine, actions } = engineOf();
    const run = await engine.execute(
      workflowOf(
        'steps: [{name: a, tool: t, action: ok}]',
        'on_failure: [{name: alarm, tool: t, action: tell}]',
        'finally: [{name: clean, tool: t, action: fail}]',
      ),
    );
    expect(actions()).toEqual(['ok', 'fail']);
    expect(run).toMatchObject({ status: 'failed', errors: [{ step: 'clean' }] });
  });

  it('takes one branch and joins it', async () => {
    const { engine, actions } = engineOf();
    const workflow = workflowOf(
      'steps:',
      '  - {name: look, tool: t, action: look, inputs: {n: "${inputs.n}"}}',
      '  - name: decide',
      '    if: steps.look.output.n > 3',
      '    then: [{name: big, tool: t, action: big}]',
      '    else: [{name: small, tool: t, action: small}]',
      '  - {name: after, tool: t, action: after, inputs: {taken: "${steps.decide.output}"}}',
      'outputs: {taken: "${steps.decide.output}"}',
    );
    const run = await engine.execute(workflow, { n: 5 });
    expect(run).toMatchObject({ status: 'completed', outputs: { taken: { big: { action: 'big' } } } });
    await engine.execute(workflow, { n: 1 });
    expect(actions()).toEqual(['look', 'big', 'after', 'look', 'small', 'after']);
  });

  it('chooses a case, or the default', async () => {
    const { engine, actions } = engineOf();
    const workflow = workflowOf(
      'steps:',
      '  - name: route',
      '    switch: ${inputs.kind}',
      '    cases: {refund: [{name: r, tool: t, action: refund}], order: [{name: o, tool: t, action: order}]}',
      '    default: [{name: d, tool: t, action: other}]',
    );
    for (const kind of ['order', 'refund', 'complaint']) await engine.execute(workflow, { kind });
    expect(actions()).toEqual(['order', 'refund', 'other']);
  });

  it('runs another workflow as a step, with its own inputs, outputs and steps at the end', async () => {
    const inner = parseWorkflow(
      'name: inner\nversion: "1.2"\ninputs: {x: {type: number, required: true}}\nsteps: [{name: twice, tool: t, action: twice, inputs: {x: "${inputs.x * 2}"}}]\nfinally: [{name: clean, tool: t, action: clean, inputs: {x: "${steps.twice.output.x}"}}]\noutputs: {y: "${steps.twice.output.x}"}\n',
    ).workflow;
    const { engine, calls } = engineOf({ registry: new WorkflowRegistry([inner ?? expect.fail()]) });
    const run = await engine.execute(
      workflowOf(
        'steps: [{name: sub, workflow: "inner@^1.0", inputs: {x: 4}}, {name: next, tool: t, action: next, inputs: {y: "${steps.sub.output.y}"}}]',
      ),
    );
    expect(run.status).toBe('completed');
    expect(calls.map(({ action, inputs }) => [action, inputs])).toEqual([
      ['twice', { x: 8 }],
      ['clean', { x: 8 }],
      ['next', { y: 8 }],
    ]);
    const wrong = await engine.execute(workflowOf('steps: [{name: sub, workflow: iner, inputs: {x: 4}}]'));
    expect(wrong.errors[0]?.message).toContain('Did you mean "inner"');
  });

  it('keeps secrets out of everything that is recorded', async () => {
    const { engine, calls } = engineOf({ secrets: { get: (name) => (name === 'KEY' ? 'hush-hush' : undefined) } });
    const events: RunEvent[] = [];
    const workflow = workflowOf(
      'secrets: [KEY]',
      'steps: [{name: a, tool: t, action: fail, inputs: {key: "Bearer ${secrets.KEY}"}}]',
    );
    const run = await engine.execute(workflow, {}, { onEvent: (event) => events.push(event) });
    expect(calls[0]?.inputs).toEqual({ key: 'Bearer hush-hush' });
    expect(JSON.stringify([events, run])).not.toContain('hush-hush');
    await expect(
      engineOf().engine.execute(workflowOf('secrets: [KEY]', 'steps: [{name: a, tool: t, action: x}]')),
    ).rejects.toMatchObject({ code: 'CONFIG_INVALID', details: { missing: ['KEY'] } });
  });

  it('reads only the variables that the application gives', async () => {
    const { engine, calls } = engineOf({ env: { REGION: 'eu', OTHER: 'x' } });
    await engine.execute(
      workflowOf(
        'env: {REGION: us, MODE: test}',
        'steps: [{name: a, tool: t, action: x, inputs: {region: "${env.REGION}", mode: "${env.MODE}"}}]',
      ),
    );
    expect(calls[0]?.inputs).toEqual({ region: 'eu', mode: 'test' });
  });

  it('waits for a person, and goes on or fails as decided', async () => {
    const { engine, actions } = engineOf();
    const workflow = workflowOf(
      'steps:',
      '  - {name: ask, type: approval, prompt: "Send ${inputs.n}?", approvers: [ada]}',
      '  - {name: send, tool: t, action: send, depends_on: [ask]}',
    );
    const events: RunEvent[] = [];
    const running = engine.execute(workflow, { n: 3 }, { onEvent: (event) => events.push(event) });
    await expect.poll(() => engine.approvals()).toMatchObject([{ prompt: 'Send 3?', step: 'ask' }]);
    const id = engine.approvals()[0]?.id ?? '';
    expect(() => {
      engine.decide(id, { decision: 'approved', by: 'bob' });
    }).toThrow(expect.objectContaining({ code: 'NOT_AUTHORIZED' }) as Error);
    engine.decide(id, { decision: 'approved', by: 'ada' });
    await expect(running).resolves.toMatchObject({ status: 'completed' });
    expect(events.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['approval.requested', 'approval.decided', 'step.waiting']),
    );
    expect(actions()).toEqual(['send']);

    const rejecting = engineOf({
      onApproval: () => Promise.resolve({ decision: 'rejected', by: 'ada', comment: 'too much' }),
    });
    const rejected = await rejecting.engine.execute(workflow, { n: 3 });
    expect(rejected).toMatchObject({ status: 'failed', errors: [{ code: 'APPROVAL_REJECTED', step: 'ask' }] });
    expect(rejecting.actions()).toEqual([]);
  });

  it('waits for an event', async () => {
    const { engine } = engineOf();
    const running = engine.execute(
      workflowOf('steps: [{name: w, type: wait, event: paid}]', 'outputs: {amount: "${steps.w.output.amount}"}'),
    );
    await expect.poll(() => engine.send('paid', { amount: 7 })).toBe(1);
    await expect(running).resolves.toMatchObject({ status: 'completed', outputs: { amount: 7 } });
  });

  it('keeps the output of a step with a cache', async () => {
    const clock = createFakeClock();
    const { engine, actions } = engineOf({ clock });
    const workflow = workflowOf('steps: [{name: a, tool: t, action: x, inputs: {n: "${inputs.n}"}, cache: 1m}]');
    await engine.execute(workflow, { n: 1 });
    await engine.execute(workflow, { n: 1 });
    await engine.execute(workflow, { n: 2 });
    expect(actions()).toHaveLength(2);
    await clock.advance(61_000);
    await engine.execute(workflow, { n: 1 });
    expect(actions()).toHaveLength(3);
  });

  it('passes an artifact on by reference', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gomind-artifacts-'));
    try {
      const { engine, calls } = engineOf({ artifacts: createFileArtifactStore(folder) });
      await engine.execute(
        workflowOf(
          'steps: [{name: a, tool: t, action: big, artifact: true}, {name: b, tool: t, action: read, inputs: {from: "${steps.a.output.uri}"}}]',
        ),
      );
      const uri = new URL(String(calls[1]?.inputs['from']));
      expect(JSON.parse(await readFile(uri, 'utf8'))).toEqual({ action: 'big' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('does not run at the same time as another of its group', async () => {
    const gate = Promise.withResolvers<undefined>();
    const order: string[] = [];
    const { engine } = engineOf({
      call: async ({ inputs }) => {
        order.push(`begin ${String(inputs['n'])}`);
        if (inputs['n'] === 1) await gate.promise;
        order.push(`end ${String(inputs['n'])}`);
        return {};
      },
    });
    const workflow = workflowOf(
      'concurrency: "deploy ${inputs.to}"',
      'steps: [{name: a, tool: t, action: x, inputs: {n: "${inputs.n}"}}]',
    );
    const first = engine.execute(workflow, { n: 1, to: 'eu' });
    await expect.poll(() => order).toEqual(['begin 1']);
    const second = engine.execute(workflow, { n: 2, to: 'eu' });
    const other = engine.execute(workflow, { n: 3, to: 'us' });
    await other;
    expect(order).toEqual(['begin 1', 'begin 3', 'end 3']);
    gate.resolve(undefined);
    await Promise.all([first, second]);
    expect(order.slice(3)).toEqual(['end 1', 'begin 2', 'end 2']);
  });

  it('cancels the run of its group that is at work when it says so', async () => {
    const { engine } = engineOf({
      call: ({ inputs, signal }) =>
        inputs['n'] === 1
          ? new Promise((_resolve, reject) => {
              signal.addEventListener('abort', () => {
                reject(new Error('aborted'));
              });
            })
          : Promise.resolve({}),
    });
    const workflow = workflowOf(
      'concurrency: {group: one, policy: cancel}',
      'steps: [{name: a, tool: t, action: x, inputs: {n: "${inputs.n}"}}]',
    );
    const first = engine.execute(workflow, { n: 1 });
    const second = engine.execute(workflow, { n: 2 });
    await expect(second).resolves.toMatchObject({ status: 'completed' });
    await expect(first).resolves.toMatchObject({ status: 'cancelled' });
  });

  it('ends at its own timeout, and still cleans up', async () => {
    const { engine, actions } = engineOf();
    const run = await engine.execute(
      workflowOf(
        'timeout: 50ms',
        'steps: [{name: w, type: wait, duration: 1h}]',
        'finally: [{name: clean, tool: t, action: clean}]',
      ),
    );
    expect(run).toMatchObject({ status: 'failed', errors: [{ code: 'RUN_TIMEOUT' }] });
    expect(actions()).toEqual(['clean']);
  });

  it('checks the outputs that it declares', async () => {
    const { engine } = engineOf();
    const run = await engine.execute(
      workflowOf(
        'steps: [{name: a, tool: t, action: x}]',
        'outputs: {n: {value: "${steps.a.output.action}", type: number}}',
      ),
    );
    expect(run).toMatchObject({ status: 'failed', errors: [{ code: 'OUTPUT_TYPE' }] });
  });

  it('is cancelled when the reader of its stream leaves, and when the engine closes', async () => {
    const { engine } = engineOf();
    const workflow = workflowOf('steps: [{name: w, type: wait, duration: 1h}]');
    for await (const event of engine.stream(workflow)) if (event.type === 'step.waiting') break;
    const running = engine.execute(workflow);
    await engine.close();
    await expect(running).resolves.toMatchObject({ status: 'cancelled' });
    await expect(engine.execute(workflow)).rejects.toMatchObject({ code: 'CLOSED' });
  });
});
