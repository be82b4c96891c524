import { GomindError } from '@gomind/core';
import { createRecordingLogger } from '@gomind/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import type { ComponentCall } from '../execution/execute-plan.ts';
import type { RunEvent } from '../plan/events/run-event.ts';
import type { WorkflowDefinition } from '../workflow/definition.ts';
import type { WorkflowEngine } from '../workflow/engine/workflow-engine.ts';
import { parseWorkflow } from '../workflow/parse-workflow.ts';
import { WorkflowRegistry } from '../workflow/workflow-registry.ts';
import { createWorkflowEngine, type WorkflowEngineDependencies } from './create-workflow-engine.ts';

const open: WorkflowEngine[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((engine) => engine.close()));
});

const definitionOf = (...lines: readonly string[]): WorkflowDefinition => {
  const { workflow, diagnostics } = parseWorkflow(`${lines.join('\n')}\n`);
  return workflow ?? expect.fail(JSON.stringify(diagnostics));
};

const hang = ({ signal }: Pick<ComponentCall, 'signal'>): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      reject(new Error('aborted'));
    });
  });

/** An engine that knows some workflows; the action `hang` ends only when it is aborted, `fail` fails. */
function engineOf(workflows: readonly WorkflowDefinition[], dependencies: Partial<WorkflowEngineDependencies> = {}) {
  const calls: (readonly [action: string, inputs: Record<string, unknown>])[] = [];
  const engine = createWorkflowEngine({
    logger: createRecordingLogger(),
    registry: new WorkflowRegistry(workflows),
    call: async (call) => {
      calls.push([call.action, call.inputs]);
      await Promise.resolve();
      if (call.action === 'hang') return hang(call);
      if (call.action === 'fail') throw new GomindError({ code: 'NO_LUCK', message: 'it failed' });
      return { action: call.action };
    },
    ...dependencies,
  });
  open.push(engine);
  return { engine, calls, actions: () => calls.map(([action]) => action) };
}

const outer = (step: string) => definitionOf('name: outer', `steps: [{name: sub, workflow: inner${step}}]`);

describe('a workflow that is a step of another', () => {
  it('sees the secrets and variables that it lists itself, and no others', async () => {
    const inner = definitionOf(
      'name: inner',
      'secrets: [inner_key]',
      'env: {INNER: none}',
      'steps: [{name: a, tool: t, action: x, inputs: {key: "${secrets.inner_key}", env: "${env.INNER}"}}]',
    );
    const curious = definitionOf(
      'name: curious',
      'steps: [{name: a, tool: t, action: x, inputs: {env: "${env.OUTER ?? \'not seen\'}"}}]',
    );
    const { engine, calls } = engineOf([inner, curious], {
      secrets: { get: (name) => `value-of-${name}` },
      env: { INNER: 'in', OUTER: 'out' },
    });
    const events: RunEvent[] = [];
    const run = await engine.execute(
      definitionOf(
        'name: outer',
        'secrets: [outer_key]',
        'env: [OUTER]',
        'steps: [{name: sub, workflow: inner}, {name: other, workflow: curious}]',
      ),
      {},
      { onEvent: (event) => events.push(event) },
    );
    expect(run.errors).toEqual([]);
    expect(calls.map(([, inputs]) => inputs)).toEqual(
      expect.arrayContaining([{ key: 'value-of-inner_key', env: 'in' }, { env: 'not seen' }]),
    );
    expect(JSON.stringify([events, run])).not.toContain('value-of');
  });

  it('keeps to its own budget, and to that of the run around it', async () => {
    const inner = definitionOf(
      'name: inner',
      'budget: {tool_calls: 1}',
      'steps: [{name: a, tool: t, action: x}, {name: b, tool: t, action: y, depends_on: [a]}]',
    );
    const { engine, actions } = engineOf([inner]);
    const run = await engine.execute(outer(''));
    expect(run.errors).toMatchObject([{ code: 'BUDGET_EXCEEDED', step: 'sub', details: { scope: 'sub', allowed: 1 } }]);
    expect(actions()).toEqual(['x']);

    const twice = definitionOf(
      'name: twice',
      'budget: {tool_calls: 1}',
      'steps: [{name: one, workflow: inner}, {name: two, tool: t, action: z, depends_on: [one], when: always()}]',
    );
    const second = engineOf([inner]);
    const bounded = await second.engine.execute(twice);
    expect(bounded.steps['two']?.error).toMatchObject({ code: 'BUDGET_EXCEEDED' });
    expect(second.actions()).toEqual(['x']);
  });

  it('ends at its own timeout, which its steps at the end outlive', async () => {
    const inner = definitionOf(
      'name: inner',
      'timeout: 30ms',
      'steps: [{name: a, tool: t, action: hang}]',
      'on_failure: [{name: alarm, tool: t, action: alarm}]',
      'finally: [{name: tidy, tool: t, action: tidy}]',
    );
    const { engine, actions } = engineOf([inner]);
    const run = await engine.execute(outer(''));
    expect(run.errors).toMatchObject([{ code: 'RUN_TIMEOUT', step: 'sub', details: { timeoutMs: 30 } }]);
    expect(actions()).toEqual(['hang', 'alarm', 'tidy']);
  });

  it.each([
    ['the run is cancelled', '', true],
    ['its step runs out of time', ', timeout: 30ms', false],
  ])('cleans up when %s, before the run ends', async (_why, step, isCancelled) => {
    const deep = definitionOf(
      'name: deep',
      'steps: [{name: a, tool: t, action: hang}]',
      'finally: [{name: tidy, tool: t, action: tidy deep}]',
    );
    const inner = definitionOf(
      'name: inner',
      'steps: [{name: d, workflow: deep}]',
      'finally: [{name: tidy, tool: t, action: tidy inner}]',
    );
    const { engine, actions } = engineOf([inner, deep]);
    const abort = new AbortController();
    const events: string[] = [];
    const running = engine.execute(
      outer(step),
      {},
      {
        signal: abort.signal,
        onEvent: (event) => events.push('step' in event ? `${event.type} ${event.step}` : event.type),
      },
    );
    await expect.poll(() => actions()[0]).toBe('hang');
    if (isCancelled) abort.abort();
    const run = await running;
    expect(run.status).toBe(isCancelled ? 'cancelled' : 'failed');
    expect(actions().toSorted()).toEqual(['hang', 'tidy deep', 'tidy inner']);
    expect(events).toContain('step.completed sub/d#2/tidy');
    expect(events.at(-1)).toBe(isCancelled ? 'run.cancelled' : 'run.failed');
  });

  it('waits for the runs of its group, but not for the workflow that it is part of', async () => {
    const gate = Promise.withResolvers<undefined>();
    const order: string[] = [];
    const inner = definitionOf(
      'name: inner',
      'concurrency: deploy ${inputs.to}',
      'steps: [{name: a, tool: t, action: x, inputs: {n: "${inputs.n}"}}]',
    );
    const { engine } = engineOf([inner], {
      call: async ({ inputs }) => {
        order.push(`begin ${String(inputs['n'])}`);
        if (inputs['n'] === 1) await gate.promise;
        order.push(`end ${String(inputs['n'])}`);
        return {};
      },
    });
    const by = (name: string, n: number) =>
      definitionOf(`name: ${name}`, `steps: [{name: sub, workflow: inner, inputs: {n: ${String(n)}, to: eu}}]`);
    const first = engine.execute(by('one', 1));
    await expect.poll(() => order).toEqual(['begin 1']);
    const second = engine.execute(by('two', 2));
    const around = definitionOf(
      'name: around',
      'concurrency: deploy us',
      'steps: [{name: sub, workflow: inner, inputs: {n: 3, to: us}}]',
    );
    await expect(engine.execute(around)).resolves.toMatchObject({ status: 'completed' });
    expect(order).toEqual(['begin 1', 'begin 3', 'end 3']);
    gate.resolve(undefined);
    await Promise.all([first, second]);
    expect(order.slice(3)).toEqual(['end 1', 'begin 2', 'end 2']);
  });

  it('is loaded for the workflow that names it, also from inside a group, and kept in the cache as what it is', async () => {
    const leaf = (action: string) => definitionOf('name: leaf', `steps: [{name: a, tool: t, action: ${action}}]`);
    const naming = (name: string) =>
      definitionOf(`name: ${name}`, 'steps: [{name: s, workflow: ./leaf.yaml, cache: true}]');
    const [one, two, leafOfOne, leafOfTwo] = [naming('one'), naming('two'), leaf('x'), leaf('y')];
    const start = definitionOf(
      'name: start',
      'steps: [{name: one, workflow: one}, {name: g, timeout: 1m, parallel: [{name: two, workflow: two.yaml}]}]',
      'finally: [{name: again, workflow: two.yaml}]',
    );
    const asked: (readonly [string, string | undefined])[] = [];
    const { engine, actions } = engineOf([one], {
      loadWorkflow: (reference, from) => {
        asked.push([reference, from?.name]);
        if (reference === 'two.yaml') return Promise.resolve(from === start ? two : expect.fail());
        return Promise.resolve(from === one ? leafOfOne : from === two ? leafOfTwo : expect.fail());
      },
    });
    const run = await engine.execute(start);
    expect(run.errors).toEqual([]);
    expect(actions().toSorted()).toEqual(['x', 'y']);
    expect(new Set(asked.map((pair) => pair.join(' for ')))).toEqual(
      new Set(['two.yaml for start', './leaf.yaml for one', './leaf.yaml for two']),
    );
  });

  it('comes to an end when it contains itself', async () => {
    const { engine } = engineOf([definitionOf('name: inner', 'steps: [{name: again, workflow: inner}]')]);
    const run = await engine.execute('inner');
    expect(run.errors[0]).toMatchObject({ code: 'LIMIT_EXCEEDED' });
  });

  it('is used by ai-routing steps that name "workflows"', async () => {
    const inner = definitionOf('name: inner', 'steps: [{name: a, tool: t, action: x}]');
    const offered: string[][] = [];
    const { engine, actions } = engineOf([inner], {
      planner: {
        plan: (_request, components) => {
          offered.push(components.map(({ name }) => name));
          const steps = [{ name: 's', component: 'workflows', action: 'inner', inputs: {}, dependsOn: [] }];
          return Promise.resolve({ ok: true, plan: { steps } });
        },
      },
    });
    const think = (components: string) =>
      definitionOf('name: w', `steps: [{name: think, type: ai-routing, prompt: go${components}}]`);
    await expect(engine.execute(think(', components: [workflows]'))).resolves.toMatchObject({ status: 'completed' });
    await engine.execute(think(''));
    expect(offered).toEqual([['workflows'], []]);
    expect(actions()[0]).toBe('x');
  });
});

describe('a secret where it would be recorded or shown', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['an output', 'steps: [{name: a, tool: t, action: x}]\noutputs: {k: "${secrets.K}"}', 'outputs.k'],
    ['a condition', 'steps: [{name: a, tool: t, action: x, when: secrets.K == "x"}]', 'steps.0.when'],
    ['a prompt', 'steps: [{name: a, type: ai-routing, prompt: "say ${secrets.K}"}]', 'steps.0.prompt'],
    ['what a model is given', 'steps: [{name: a, type: ai-routing, inputs: {k: "${secrets.K}"}}]', 'steps.0.inputs.k'],
    ['what a person is asked', 'steps: [{name: a, type: approval, prompt: "${secrets.K}?"}]', 'steps.0.prompt'],
    ['the inputs of a workflow', 'steps: [{name: a, workflow: w, inputs: {k: "${secrets.K}"}}]', 'steps.0.inputs.k'],
    ['a list of items', 'steps: [{name: a, tool: t, action: x, for_each: ["${secrets.K}"]}]', 'steps.0.for_each.0'],
    ['a key of the cache', 'steps: [{name: a, tool: t, action: x, cache: {key: "${secrets.K}"}}]', 'steps.0.cache'],
    ['a group', 'concurrency: "${secrets.K}"\nsteps: [{name: a, tool: t, action: x}]', 'concurrency'],
    [
      'an offered workflow',
      'steps: [{name: a, tool: workflows, action: x, inputs: {k: "${secrets.K}"}}]',
      'steps.0.inputs.k',
    ],
  ];

  it.each(cases)('is refused in the file: %s', (_where, yaml, path) => {
    const { ok, diagnostics } = parseWorkflow(`name: w\nsecrets: [K]\n${yaml}\n`);
    expect(ok).toBe(false);
    const found = diagnostics.find(({ code }) => code === 'SECRET_EXPOSED');
    expect(found).toMatchObject({ severity: 'error', line: expect.any(Number) as number });
    expect(found?.path?.startsWith(path)).toBe(true);
  });

  it('is refused when a definition comes from elsewhere, before anything is called', async () => {
    const { engine, calls } = engineOf([], { secrets: { get: () => 'hush-hush' } });
    const workflow = definitionOf('name: w', 'secrets: [K]', 'steps: [{name: a, tool: t, action: x}]');
    await expect(engine.execute({ ...workflow, outputs: { k: { value: '${secrets.K}' } } })).rejects.toMatchObject({
      code: 'SECRET_EXPOSED',
    });
    expect(calls).toEqual([]);
  });
});
