/**
 * The edges of a graph in two flat lists ("compressed sparse rows"): all targets, one node's after the other's, and where each
 * node's begin. A list for each node would be as readable, and several times as heavy.
 *
 * @module
 */

/** Targets by node. Those of a node stand from `start(node)` to before `end(node)`. */
export class EdgeList {
  readonly #starts: Int32Array;
  readonly #targets: Int32Array;

  constructor(starts: Int32Array, targets: Int32Array) {
    this.#starts = starts;
    this.#targets = targets;
  }

  start(node: number): number {
    return this.#starts[node] ?? 0;
  }

  end(node: number): number {
    return this.#starts[node + 1] ?? 0;
  }

  /** The target at a place between a node's start and end. */
  target(at: number): number {
    return this.#targets[at] ?? -1;
  }

  /** The targets of a node as a list of its own. */
  targetsOf(node: number): number[] {
    return [...this.#targets.subarray(this.start(node), this.end(node))];
  }
}

/**
 * Groups edges by node; those of a node keep their order.
 *
 * @param nodes the node that each edge belongs to
 * @param targets where each edge leads
 * @param count number of nodes
 */
export function groupEdges(nodes: readonly number[], targets: readonly number[], count: number): EdgeList {
  const starts = new Int32Array(count + 1);
  for (const node of nodes) starts[node + 1] = (starts[node + 1] ?? 0) + 1;
  for (let node = 0; node < count; node++) starts[node + 1] = (starts[node + 1] ?? 0) + (starts[node] ?? 0);
  const next = starts.slice();
  const grouped = new Int32Array(targets.length);
  for (const [at, node] of nodes.entries()) {
    const place = next[node] ?? 0;
    next[node] = place + 1;
    grouped[place] = targets[at] ?? -1;
  }
  return new EdgeList(starts, grouped);
}
