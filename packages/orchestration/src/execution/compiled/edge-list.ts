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

  /**
   * @param starts where each node's targets begin, and at last where those of the last node end
   * @param targets as many as `starts` ends with
   */
  constructor(starts: Int32Array, targets: Int32Array) {
    this.#starts = starts;
    this.#targets = targets;
  }

  get nodes(): number {
    return this.#starts.length - 1;
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

  /** How many targets each node has. */
  counts(): Int32Array {
    const counts = new Int32Array(this.nodes);
    for (let node = 0; node < counts.length; node++) counts[node] = this.end(node) - this.start(node);
    return counts;
  }

  /** The targets of a node as a list of its own. */
  targetsOf(node: number): number[] {
    return [...this.#targets.subarray(this.start(node), this.end(node))];
  }

  /** Whether every target comes before its node. */
  pointsBackwards(): boolean {
    for (let node = 0; node < this.nodes; node++) {
      for (let at = this.start(node); at < this.end(node); at++) if (this.target(at) >= node) return false;
    }
    return true;
  }

  /** The same edges by their targets: from each node to those that lead to it, in their order (a counting sort). */
  inverted(): EdgeList {
    const { nodes } = this;
    const starts = new Int32Array(nodes + 1);
    for (const target of this.#targets) starts[target] = (starts[target] ?? 0) + 1;
    let before = 0;
    for (let node = 0; node <= nodes; node++) {
      before += starts[node] ?? 0;
      starts[node] = before;
    }
    // Each node's end moves down to its start while its edges are put down, the last one first.
    const targets = new Int32Array(this.#targets.length);
    for (let node = nodes - 1; node >= 0; node--) {
      for (let at = this.end(node) - 1; at >= this.start(node); at--) {
        const target = this.target(at);
        const place = (starts[target] ?? 0) - 1;
        starts[target] = place;
        targets[place] = node;
      }
    }
    return new EdgeList(starts, targets);
  }
}
