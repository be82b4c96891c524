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
  if (questions.length === 0) return answers;
  const order = graph.topologicalOrder();
  const places = new Map(order.map((name, place) => [name, place]));
  const edges = order.map((name) => graph.dependenciesOf(name).map((dependency) => places.get(dependency) ?? -1));
  const byAncestor = new Map<number, number[]>();
  for (const [index, { ancestor }] of questions.entries()) {
    const place = places.get(ancestor);
    if (place === undefined) continue;
    const indices = byAncestor.get(place);
    if (indices === undefined) byAncestor.set(place, [index]);
    else indices.push(index);
  }
  const asked = [...byAncestor].toSorted(([left], [right]) => left - right);
  for (let start = 0; start < asked.length; start += bitsPerWalk) {
    const group = asked.slice(start, start + bitsPerWalk);
    const reached = passDown(
      edges,
      group.map(([place]) => place),
    );
    for (const [bit, [, indices]] of group.entries()) {
      for (const index of indices) {
        const step = places.get(questions[index]?.step ?? '') ?? -1;
        answers[index] = ((reached[step] ?? 0) & (1 << bit)) !== 0;
      }
    }
  }
  return answers;
}

/** For each place in the order, the bits of the ancestors that it waits for. */
function passDown(edges: readonly (readonly number[])[], ancestors: readonly number[]): Int32Array {
  // What a step passes on: what it waits for, and its own bit.
  const passed = new Int32Array(edges.length);
  const reached = new Int32Array(edges.length);
  for (const [bit, place] of ancestors.entries()) passed[place] = 1 << bit;
  for (let place = ancestors[0] ?? 0; place < edges.length; place++) {
    let mask = 0;
    for (const dependency of edges[place] ?? []) mask |= passed[dependency] ?? 0;
    reached[place] = mask;
    passed[place] = (passed[place] ?? 0) | mask;
  }
  return reached;
}
