import { createRecordingLogger } from '@gomind/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WorkflowDefinition } from '../workflow/definition.ts';
import { workflow } from '../workflow/builder/workflow-builder.ts';
import { parseWorkflow } from '../workflow/parse-workflow.ts';
import { WorkflowRegistry } from '../workflow/workflow-registry.ts';
import { createWorkflowEngine } from './create-workflow-engine.ts';

const definitionOf = (...lines: readonly string[]): WorkflowDefinition => {
  const { workflow: read, diagnostics } = parseWorkflow(`${lines.join('\n')}\n`);
  return read ?? expect.fail(JSON.stringify(diagnostics));
};

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Runs a workflow and says how many calls were at work at the same time at most, by what an action's name begins with. */
async function most(outer: WorkflowDefinition, others: readonly WorkflowDefinition[]) {
  const atWork = new Map<string, number>();
  const highest = new Map<string, number>();
  await using engine = createWorkflowEngine({
    logger: createRecordingLogger(),
    registry: new WorkflowRegistry(others),
    call: async ({ action }) => {
      const names = action.split('.').map((_name, index, all) => all.slice(0, index + 1).join('.'));
      for (const name of names) {
        const count = (atWork.get(name) ?? 0) + 1;
        atWork.set(name, count);
        highest.set(name, Math.max(highest.get(name) ?? 0, count));
      }
      await turn();
      await turn();
      for (const name of names) atWork.set(name, (atWork.get(name) ?? 0) - 1);
      return {};
    },
  });
  const run = await engine.execute(outer);
  expect(run.errors).toEqual([]);
  return Object.fromEntries(highest);
}

describe('max_concurrency of a workflow inside another', () => {
  it('holds for its own steps, and no further', async () => {
    const inner = definitionOf(
      'name: inner',
      'max_concurrency: 2',
      'steps: [{name: a, tool: t, action: all.in, for_each: [1, 2, 3, 4, 5, 6, 7]}, {name: b, tool: t, action: all.in}]',
      'finally: [{name: c, tool: t, action: all.end, for_each: [1, 2, 3, 4]}]',
    );
    const outer = definitionOf(
      'name: outer',
      'max_concurrency: 6',
      'steps: [{name: s, workflow: inner}, {name: x, tool: t, action: all.out, for_each: [1, 2, 3, 4, 5, 6, 7, 8]}]',
    );
    expect(await most(outer, [inner])).toEqual({ all: 6, 'all.in': 2, 'all.end': 2, 'all.out': 6 });
  });

  it('lets no more run than the workflow around it', async () => {
    const inner = definitionOf(
      'name: inner',
      'max_concurrency: 50',
      'steps: [{name: a, tool: t, action: all, for_each: [1, 2, 3, 4, 5, 6, 7]}]',
    );
    const outer = definitionOf(
      'name: outer',
      'max_concurrency: 3',
      'steps: [{name: s, workflow: inner}, {name: r, workflow: inner}]',
    );
    expect(await most(outer, [inner])).toEqual({ all: 3 });
  });

  it('holds for what is inside its groups and workflows, and for each run of it', async () => {
    const deep = definitionOf('name: deep', 'steps: [{name: a, tool: t, action: all.deep, for_each: [1, 2, 3, 4]}]');
    const inner = definitionOf(
      'name: inner',
      'max_concurrency: 1',
      'steps: [{name: d, workflow: deep}, {name: g, for_each: [1, 2, 3], parallel: [{name: b, tool: t, action: all.group}, {name: c, tool: t, action: all.group}]}]',
    );
    const once = definitionOf('name: outer', 'steps: [{name: s, workflow: inner}]');
    expect(await most(once, [inner, deep])).toEqual({ all: 1, 'all.deep': 1, 'all.group': 1 });
    const thrice = definitionOf('name: outer', 'steps: [{name: s, workflow: inner, for_each: [1, 2, 3]}]');
    expect((await most(thrice, [inner, deep]))['all']).toBe(3);
  });

  it('is kept in any nesting, and every call is made', { timeout: 60_000 }, async () => {
    const limit = fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined });
    const level = fc.record({ limit, calls: fc.integer({ min: 0, max: 6 }), times: fc.integer({ min: 1, max: 2 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(level, { minLength: 1, maxLength: 4 }), async (levels) => {
        const names = levels.map((_level, index) => `w${String(index)}`);
        const definitions = levels.map(({ limit: max, calls }, index) => {
          const action = names.slice(0, index + 1).join('.');
          const next = names[index + 1];
          const items = JSON.stringify(Array.from({ length: calls }, (_, item) => item));
          return definitionOf(
            `name: ${names[index] ?? ''}`,
            ...(max === undefined ? [] : [`max_concurrency: ${String(max)}`]),
            'steps:',
            `  - {name: calls, tool: t, action: ${action}, for_each: {items: ${items}, max_parallel: 20}}`,
            ...(next === undefined
              ? []
              : [
                  `  - {name: next, workflow: ${next}, for_each: ${JSON.stringify(Array.from({ length: levels[index + 1]?.times ?? 1 }, (_, n) => n))}}`,
                ]),
          );
        });
        const [outer, ...others] = definitions;
        const highest = await most(outer ?? expect.fail(), others);
        let runs = 1;
        let around = levels[0]?.limit ?? 10;
        for (const [index, { limit: max = Infinity, times }] of levels.entries()) {
          // All runs of a workflow together, as the action of a call names it with those inside.
          if (index > 0) runs *= times;
          around = Math.min(around, max * runs);
          expect(highest[names.slice(0, index + 1).join('.')] ?? 0).toBeLessThanOrEqual(around);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('does not keep its slots when it is given up in the middle', async () => {
    const inner = definitionOf(
      'name: inner',
      'max_concurrency: 1',
      'steps: [{name: a, tool: t, action: hang, for_each: {items: [1, 2, 3], max_parallel: 3}}]',
    );
    const outer = definitionOf(
      'name: outer',
      'max_concurrency: 2',
      'steps: [{name: s, workflow: inner, timeout: 10ms, on_error: continue}, {name: z, tool: t, action: z, for_each: [1, 2, 3, 4], depends_on: [s]}]',
    );
    const calls: string[] = [];
    await using engine = createWorkflowEngine({
      logger: createRecordingLogger(),
      registry: new WorkflowRegistry([inner]),
      call: ({ action, signal }) => {
        calls.push(action);
        if (action !== 'hang') return Promise.resolve({});
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reject(new Error('aborted'));
          });
        });
      },
    });
    const run = await engine.execute(outer);
    expect([run.status, calls]).toEqual(['completed', ['hang', 'z', 'z', 'z', 'z']]);
  });

  it.each([0, -1, 1.5, Number.NaN])('is refused where it could never be kept: %s', async (maxConcurrency) => {
    const step = { name: 'a', kind: 'wait', wait: { duration: 1 }, inputs: {}, dependsOn: [] } as const;
    const bad = { ...workflow('bad').settings({ maxConcurrency }).build(), steps: [step] };
    await using engine = createWorkflowEngine({
      logger: createRecordingLogger(),
      registry: new WorkflowRegistry([bad]),
      call: () => Promise.resolve({}),
    });
    await expect(engine.execute(bad)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    const run = await engine.execute(definitionOf('name: outer', 'steps: [{name: s, workflow: bad}]'));
    expect(run.errors).toMatchObject([{ code: 'CONFIG_INVALID', step: 's' }]);
  });
});
