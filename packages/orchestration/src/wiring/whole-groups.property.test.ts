import { GomindError } from '@gomind/core';
import { createFakeClock, createRecordingLogger } from '@gomind/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../plan/events/run-event.ts';
import { emptyWorkflow, type WorkflowStep } from '../workflow/definition.ts';
import { parseWorkflow } from '../workflow/parse-workflow.ts';
import { printWorkflow } from '../workflow/print-workflow.ts';
import { createWorkflowEngine } from './create-workflow-engine.ts';

/** A call that fails the first times for each item, or a group of such. */
type Node =
  | { readonly name: string; readonly fails: number }
  | {
      readonly name: string;
      readonly children: readonly Node[];
      readonly items: number | undefined;
      readonly attempts: number | undefined;
      readonly goesOn: boolean;
      readonly isTimed: boolean;
    };

const { node: unnamed } = fc.letrec<{ node: Node; group: Node }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.record({ name: fc.constant(''), fails: fc.constantFrom(0, 0, 0, 1, 2) }),
    tie('group'),
  ),
  group: fc.record({
    name: fc.constant(''),
    children: fc.array(tie('node'), { minLength: 1, maxLength: 3 }),
    items: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
    attempts: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
    goesOn: fc.boolean(),
    isTimed: fc.boolean(),
  }),
}));

const forest = fc.array(unnamed, { minLength: 1, maxLength: 3 }).map((nodes) => {
  let count = 0;
  const named = (node: Node): Node => {
    const name = `s${String(count++)}`;
    return 'fails' in node ? { ...node, name } : { ...node, name, children: node.children.map(named) };
  };
  return nodes.map(named);
});

function stepOf(node: Node, inList: boolean): WorkflowStep {
  const { name } = node;
  const base = { name, dependsOn: [], inputs: {} };
  if ('fails' in node) {
    const call = { kind: 'component', componentType: 'tool', component: 't', action: name } as const;
    return { ...base, ...call, inputs: inList ? { item: '${item}' } : {} };
  }
  const { children, items, attempts, goesOn, isTimed } = node;
  const list = Array.from({ length: items ?? 0 }, (_, index) => `${name}:${String(index)}`);
  return {
    ...base,
    kind: 'parallel',
    steps: children.map((child) => stepOf(child, inList || items !== undefined)),
    // One after the other, so that what happens is known.
    ...(items === undefined
      ? {}
      : { forEach: { items: list, maxParallel: 1, onError: goesOn ? ('continue' as const) : ('fail' as const) } }),
    ...(attempts === undefined ? {} : { retry: { maxAttempts: attempts, initialWaitMs: 1, jitter: false } }),
    ...(isTimed ? { timeoutMs: 3_600_000 } : {}),
  };
}

type Outcome = { readonly output: unknown } | 'failed';

/** What should come of it, by the words of the documentation. */
class Model {
  readonly calls = new Map<string, number>();

  run(node: Node, item: string | undefined): Outcome {
    if ('fails' in node) return fails(this.calls, node, item) ? 'failed' : { output: item ?? null };
    if (node.items === undefined) return this.#attempts(node, item);
    const outputs: unknown[] = [];
    for (let index = 0; index < node.items; index++) {
      const outcome = this.#attempts(node, `${node.name}:${String(index)}`);
      if (outcome === 'failed' && !node.goesOn) return 'failed';
      outputs.push(outcome === 'failed' ? null : outcome.output);
    }
    return { output: outputs };
  }

  #attempts(node: Exclude<Node, { fails: number }>, item: string | undefined): Outcome {
    for (let attempt = 1; attempt <= (node.attempts ?? 1); attempt++) {
      const outcomes = node.children.map((child) => [child.name, this.run(child, item)] as const);
      if (outcomes.every(([, outcome]) => outcome !== 'failed')) {
        return {
          output: Object.fromEntries(
            outcomes.map(([name, outcome]) => [name, (outcome as { output: unknown }).output]),
          ),
        };
      }
    }
    return 'failed';
  }
}

function fails(
  calls: Map<string, number>,
  { name, fails: times }: { name: string; fails: number },
  item: string | undefined,
): boolean {
  const key = `${name} ${item ?? 'none'}`;
  const count = (calls.get(key) ?? 0) + 1;
  calls.set(key, count);
  return count <= times;
}

function leaves(nodes: readonly Node[]): { name: string; fails: number }[] {
  return nodes.flatMap((node) => ('fails' in node ? [node] : leaves(node.children)));
}

describe('groups that run as a whole, in any nesting', () => {
  it('make the calls and return what their keys say', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(forest, async (nodes) => {
        const model = new Model();
        const expected = nodes.map((node) => [node.name, model.run(node, undefined)] as const);
        const definition = { ...emptyWorkflow, name: 'w', steps: nodes.map((node) => stepOf(node, false)) };
        const { workflow, diagnostics } = parseWorkflow(printWorkflow(definition));
        expect(diagnostics).toEqual([]);
        expect(workflow).toEqual(definition);
        const calls = new Map<string, number>();
        const known = new Map(leaves(nodes).map((leaf) => [leaf.name, leaf]));
        const clock = createFakeClock();
        await using engine = createWorkflowEngine({
          logger: createRecordingLogger(),
          clock,
          call: ({ action, inputs }) => {
            const item = inputs['item'] as string | undefined;
            if (!fails(calls, known.get(action) ?? expect.fail(), item)) return Promise.resolve(item ?? null);
            return Promise.reject(new GomindError({ code: 'BUSY', message: 'later', isRetryable: true }));
          },
        });
        const open = new Map<string, number>();
        const onEvent = (event: RunEvent): void => {
          if (event.type === 'step.started') open.set(event.step, (open.get(event.step) ?? 0) + 1);
          if (event.type === 'step.completed' || event.type === 'step.failed')
            open.set(event.step, (open.get(event.step) ?? 0) - 1);
        };
        const state = { isOver: false };
        const running = engine.execute(workflow ?? expect.fail(), {}, { onEvent }).finally(() => (state.isOver = true));
        while (!state.isOver) {
          await clock.runAll();
          await new Promise((resolve) => setImmediate(resolve));
        }
        const run = await running;
        expect(calls).toEqual(model.calls);
        expect(run.status).toBe(expected.every(([, outcome]) => outcome !== 'failed') ? 'completed' : 'failed');
        for (const [name, outcome] of expected) {
          if (outcome !== 'failed')
            expect(run.steps[name]).toMatchObject({ status: 'completed', output: outcome.output });
        }
        // Each step that began has ended, exactly once.
        expect([...open].filter(([, count]) => count !== 0)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});
