import { MemoryStorage } from '@gomind/core';
import { createRecordingLogger } from '@gomind/core/testing';
import { describe, expect, it } from 'vitest';
import type { WorkflowDefinition } from '../workflow/definition.ts';
import { parseWorkflow } from '../workflow/parse-workflow.ts';
import { createWorkflowEngine, type WorkflowEngineDependencies } from './create-workflow-engine.ts';

function workflowOf(yaml: string, name = 'w'): WorkflowDefinition {
  const { workflow, diagnostics } = parseWorkflow(`name: ${name}\n${yaml}`);
  return workflow ?? expect.fail(JSON.stringify(diagnostics));
}

/** Calls an action and returns what it returned. */
const leaf = (action: string): WorkflowDefinition =>
  workflowOf(`steps: [{name: l, tool: t, action: ${action}}]\noutputs: {o: "\${steps.l.output}"}`, 'leaf');
const middle = (): WorkflowDefinition =>
  workflowOf('steps: [{name: m, workflow: leaf.yaml}]\noutputs: {o: "${steps.m.output.o}"}', 'middle');

/** An engine whose tool returns the name of its action, and remembers it. */
function engineOf(dependencies: Partial<WorkflowEngineDependencies>) {
  const called: unknown[] = [];
  const engine = createWorkflowEngine({
    logger: createRecordingLogger(),
    call: ({ action }) => {
      called.push(action);
      return Promise.resolve(action);
    },
    ...dependencies,
  });
  return { engine, called };
}

describe('the cache of a workflow inside another', () => {
  it('tells files apart that say the same and name other files', async () => {
    const [here, there] = [middle(), middle()];
    const [one, two] = [leaf('one'), leaf('two')];
    const { engine } = engineOf({
      loadWorkflow: (reference, from) =>
        Promise.resolve({ here, there }[reference] ?? (from === here ? one : from === there ? two : expect.fail())),
    });
    const { outputs } = await engine.execute(
      workflowOf(
        'steps: [{name: a, workflow: here, cache: true}, {name: b, workflow: there, cache: true, depends_on: [a]}]\noutputs: {o: ["${steps.a.output.o}", "${steps.b.output.o}"]}',
      ),
    );
    expect(outputs).toEqual({ o: ['one', 'two'] });
  });

  it.each([
    ['a step', '{name: s, cache: 1h, workflow: middle.yaml}'],
    ['a step with a key', '{name: s, cache: {ttl: 1h, key: same}, workflow: middle.yaml}'],
    ['a group', '{name: s, cache: 1h, parallel: [{name: i, workflow: middle.yaml}]}'],
    ['a group with a key', '{name: s, cache: {ttl: 1h, key: same}, parallel: [{name: i, workflow: middle.yaml}]}'],
    [
      'a group in a group',
      '{name: s, cache: 1h, parallel: [{name: j, timeout: 1m, parallel: [{name: i, workflow: middle.yaml}]}]}',
    ],
  ])('forgets what a deeper one gave before it was changed: %s', async (_what, step) => {
    let inner = leaf('one');
    const around = middle();
    const { engine, called } = engineOf({
      loadWorkflow: (reference) => Promise.resolve(reference === 'leaf.yaml' ? inner : around),
    });
    const workflow = workflowOf(`steps: [${step}]`);
    await engine.execute(workflow);
    await engine.execute(workflow);
    inner = leaf('two');
    await engine.execute(workflow);
    expect(called).toEqual(['one', 'two']);
  });

  it('forgets a registered one that was changed', async () => {
    const { engine, called } = engineOf({});
    const workflow = workflowOf('steps: [{name: s, cache: 1h, tool: workflows, action: leaf}]');
    for (const action of ['one', 'one', 'two']) {
      engine.registry.register(leaf(action));
      await engine.execute(workflow);
    }
    expect(called).toEqual(['one', 'two']);
  });

  it('is not shared between those who have other secrets and variables, however deep', async () => {
    const storage = new MemoryStorage();
    const keyed = workflowOf(
      'secrets: [K]\nenv: [E]\nsteps: [{name: l, tool: t, action: x, inputs: {k: "${secrets.K}", e: "${env.E}"}}]\noutputs: {o: "${steps.l.output}"}',
      'keyed',
    );
    const total: number[] = [];
    for (const [secret, variable] of [
      ['hush-one', 'a'],
      ['hush-two', 'a'],
      ['hush-two', 'b'],
      ['hush-one', 'a'],
    ] as const) {
      const { engine, called } = engineOf({
        storage,
        secrets: { get: () => secret },
        env: { E: variable },
        loadWorkflow: (reference) => Promise.resolve(reference === 'leaf.yaml' ? keyed : middle()),
      });
      await engine.execute(workflowOf('steps: [{name: s, cache: 1h, workflow: middle.yaml}]'));
      total.push(called.length);
    }
    expect(total).toEqual([1, 1, 1, 0]);
  });

  it('ends for one that names itself, also when it is read anew each time', async () => {
    const { engine } = engineOf({
      loadWorkflow: () =>
        Promise.resolve(workflowOf('steps: [{name: again, workflow: loop.yaml, cache: true}]', 'loop')),
    });
    const { errors } = await engine.execute(workflowOf('steps: [{name: s, cache: true, workflow: loop.yaml}]'));
    expect(errors).toMatchObject([{ code: 'LIMIT_EXCEEDED' }]);
  });

  it('says what to do when they are too many', async () => {
    const steps = Array.from({ length: 11 }, (_, at) => `{name: s${String(at)}, workflow: n${String(at)}.yaml}`);
    const { engine, called } = engineOf({
      loadWorkflow: () => Promise.resolve(workflowOf(`steps: [${steps.join()}]`, 'many')),
    });
    const { errors } = await engine.execute(workflowOf('steps: [{name: s, cache: true, workflow: many.yaml}]'));
    expect(errors).toMatchObject([
      { code: 'LIMIT_EXCEEDED', message: expect.stringMatching(/Leave "cache" out/) as string },
    ]);
    expect(called).toEqual([]);
  });

  it('does not look for what is never called', async () => {
    const { engine, called } = engineOf({
      loadWorkflow: (reference) =>
        reference === 'outer.yaml'
          ? Promise.resolve(
              workflowOf(
                'steps: [{name: l, tool: t, action: x}, {name: n, workflow: gone.yaml, when: "steps.l.output == \'y\'"}]',
                'outer',
              ),
            )
          : Promise.reject(new Error('There is no such file.')),
    });
    const workflow = workflowOf('steps: [{name: s, cache: true, workflow: outer.yaml}]');
    expect((await engine.execute(workflow)).status).toBe('completed');
    expect((await engine.execute(workflow)).status).toBe('completed');
    expect(called).toEqual(['x']);
  });
});
