import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerAncestorQuestions } from './ancestors.ts';
import { StepGraph } from '../step-graph.ts';

/** Step `n` waits for some of those before it. */
const graphs = fc.array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 60 }).map((steps) =>
  steps.map((dependencies, index) => ({
    name: String(index),
    dependsOn: index === 0 ? [] : dependencies.map((number) => String(number % index)),
  })),
);

function ancestorsOf(
  nodes: readonly { readonly name: string; readonly dependsOn: readonly string[] }[],
  name: string,
): Set<string> {
  const found = new Set<string>();
  const stack = [...(nodes[Number(name)]?.dependsOn ?? [])];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    stack.push(...(nodes[Number(next)]?.dependsOn ?? []));
  }
  return found;
}

describe('answerAncestorQuestions', () => {
  it('says of every two steps what walking the graph says', () => {
    fc.assert(
      fc.property(graphs, (nodes) => {
        const questions = nodes.flatMap(({ name: step }) => nodes.map(({ name: ancestor }) => ({ ancestor, step })));
        const answers = answerAncestorQuestions(new StepGraph(nodes), questions);
        const expected = nodes.flatMap(({ name }) => {
          const ancestors = ancestorsOf(nodes, name);
          return nodes.map((node) => ancestors.has(node.name));
        });
        expect(answers).toEqual(expected);
      }),
    );
  });

  it('knows nothing of steps that are not there or wait in a circle', () => {
    const graph = new StepGraph([
      { name: 'a', dependsOn: ['b'] },
      { name: 'b', dependsOn: ['a'] },
      { name: 'c', dependsOn: [] },
    ]);
    const questions = [
      { ancestor: 'a', step: 'b' },
      { ancestor: 'x', step: 'c' },
      { ancestor: 'c', step: 'x' },
    ];
    expect(answerAncestorQuestions(graph, questions)).toEqual([false, false, false]);
  });
});
