/**
 * Who waits for whom, for many questions at once, without a set of ancestors for each step (which would take the square of the
 * plan in memory).
 *
 * Most answers are read off a tree: each step hangs below its latest dependency, and who stands above whom in a tree is a
 * comparison of two numbers. What the tree cannot say is answered with one bit for each ancestor that is asked about: bits of 32
 * at a time are passed down the graph in topological order.
 *
 * @module
 */
import type { StepGraph } from '../step-graph.ts';

/** A question: does `step` wait for `ancestor`, directly or through others? */
export interface AncestorQuestion {
  readonly ancestor: string;
  readonly step: string;
}

const bitsPerWalk = 32;

/** For each place in topological order, the places of what it waits for. */
type Edges = readonly (readonly number[])[];

/**
 * Answers questions about ancestors.
 *
 * @param graph the graph; steps on or behind a circle have no ancestors here
 * @param questions any number
 * @returns the answers in the order of the questions
 */
export function answerAncestorQuestions(graph: StepGraph, questions: readonly AncestorQuestion[]): boolean[] {
  if (questions.length === 0) return [];
  const order = graph.topologicalOrder();
  const places = new Map(order.map((name, place) => [name, place]));
  const edges = order.map((name) => graph.dependenciesOf(name).map((dependency) => places.get(dependency) ?? -1));
  const isAbove = hangTree(edges);
  const left = new Map<number, { readonly index: number; readonly step: number }[]>();
  const answers = questions.map(({ ancestor, step }, index) => {
    const above = places.get(ancestor) ?? -1;
    const below = places.get(step) ?? -1;
    if (above < 0 || above >= below) return false;
    if (isAbove(above, below)) return true;
    const others = left.get(above);
    if (others === undefined) left.set(above, [{ index, step: below }]);
    else others.push({ index, step: below });
    return false;
  });
  const asked = [...left].toSorted(([first], [second]) => first - second);
  for (let start = 0; start < asked.length; start += bitsPerWalk) {
    const group = asked.slice(start, start + bitsPerWalk);
    const reached = passDown(
      edges,
      group.map(([place]) => place),
    );
    for (const [bit, [, open]] of group.entries()) {
      for (const { index, step } of open) answers[index] = ((reached[step] ?? 0) & (1 << bit)) !== 0;
    }
  }
  return answers;
}

/** Hangs each place below the latest one that it waits for; the answer says whether one stands above another in that tree. */
function hangTree(edges: Edges): (above: number, below: number) => boolean {
  const parents = edges.map((dependencies) => dependencies.reduce((latest, place) => Math.max(latest, place), -1));
  const sizes = new Int32Array(edges.length).fill(1);
  for (let place = edges.length - 1; place >= 0; place--) {
    const parent = parents[place] ?? -1;
    if (parent >= 0) sizes[parent] = (sizes[parent] ?? 0) + (sizes[place] ?? 0);
  }
  // Each subtree gets as many numbers in a row as it has places.
  const numbers = new Int32Array(edges.length);
  const next = new Int32Array(edges.length);
  let nextRoot = 0;
  for (const [place, parent] of parents.entries()) {
    const size = sizes[place] ?? 0;
    const number = parent < 0 ? nextRoot : (next[parent] ?? 0);
    if (parent < 0) nextRoot += size;
    else next[parent] = number + size;
    numbers[place] = number;
    next[place] = number + 1;
  }
  return (above, below) => {
    const distance = (numbers[below] ?? 0) - (numbers[above] ?? 0);
    return distance > 0 && distance < (sizes[above] ?? 0);
  };
}

/** For each place, the bits of the ancestors that it waits for. */
function passDown(edges: Edges, ancestors: readonly number[]): Int32Array {
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
