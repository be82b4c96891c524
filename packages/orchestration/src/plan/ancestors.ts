/**
 * Who waits for whom, for many questions at once. Each step that is asked about gets one bit, and bits of 32 steps at a time are
 * passed down the graph in topological order: a plan whose steps all refer to its first one costs one walk, and n different
 * ancestors cost n / 32 walks. Sets of all ancestors would cost the square of the plan in memory.
 *
 * @module
 */
import type { StepGraph } from './step-graph.ts';

/** A question: does `step` wait for `ancestor`, directly or through others? */
export interface AncestorQuestion {
  readonly ancestor: string;
  readonly step: string;
}

const bitsPerWalk = 32;

/**
 * Answers questions about ancestors.
 *
 * @param graph the graph; steps on or behind a circle have no ancestors here
 * @param questions any number
 * @returns the answers in the order of the questions
 */
export function answerAncestorQuestions(graph: StepGraph, questions: readonly AncestorQuestion[]): boolean[] {
  const answers = questions.map(() => false);
  const byAncestor = new Map<string, number[]>();
  for (const [index, { ancestor }] of questions.entries()) {
    const indices = byAncestor.get(ancestor);
    if (indices === undefined) byAncestor.set(ancestor, [index]);
    else indices.push(index);
  }
  const asked = [...byAncestor];
  for (let start = 0; start < asked.length; start += bitsPerWalk) {
    const group = asked.slice(start, start + bitsPerWalk);
    const reached = passDown(graph, new Map(group.map(([ancestor], bit) => [ancestor, 1 << bit])));
    for (const [bit, [, indices]] of group.entries()) {
      for (const index of indices) {
        const question = questions[index];
        if (question !== undefined) answers[index] = ((reached.get(question.step) ?? 0) & (1 << bit)) !== 0;
      }
    }
  }
  return answers;
}

/** For each step, the bits of the steps that it waits for. */
function passDown(graph: StepGraph, bits: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const reached = new Map<string, number>();
  for (const name of graph.topologicalOrder()) {
    let mask = 0;
    for (const dependency of graph.dependenciesOf(name)) {
      mask |= (reached.get(dependency) ?? 0) | (bits.get(dependency) ?? 0);
    }
    if (mask !== 0) reached.set(name, mask);
  }
  return reached;
}
