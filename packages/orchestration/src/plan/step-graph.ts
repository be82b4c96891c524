/**
 * The graph of a plan's steps: order, cycles, ancestors, longest path. Never recursive, so a chain of 10,000 steps is fine.
 *
 * @module
 */

/** A node and what it waits for. */
export interface GraphNode {
  readonly name: string;
  readonly dependsOn: readonly string[];
}

/** A directed graph; edges to unknown nodes are left out. */
export class StepGraph {
  readonly #nodes: ReadonlyMap<string, GraphNode>;
  readonly #dependants = new Map<string, string[]>();

  constructor(nodes: readonly GraphNode[]) {
    this.#nodes = new Map(nodes.map((node) => [node.name, node]));
    for (const node of this.#nodes.values()) {
      for (const dependency of this.dependenciesOf(node.name)) {
        const dependants = this.#dependants.get(dependency);
        if (dependants === undefined) this.#dependants.set(dependency, [node.name]);
        else dependants.push(node.name);
      }
    }
  }

  /** Names of the steps that a step waits for, each once. */
  dependenciesOf(name: string): string[] {
    const dependencies = this.#nodes.get(name)?.dependsOn ?? [];
    return [...new Set(dependencies)].filter((dependency) => this.#nodes.has(dependency));
  }

  /** Names of the steps that wait for a step. */
  dependantsOf(name: string): readonly string[] {
    return this.#dependants.get(name) ?? [];
  }

  /**
   * The steps so that each comes after what it waits for (Kahn's algorithm); steps on or behind a cycle are left out.
   */
  topologicalOrder(): string[] {
    const waiting = new Map([...this.#nodes.keys()].map((name) => [name, this.dependenciesOf(name).length]));
    const order = [...waiting].filter(([, count]) => count === 0).map(([name]) => name);
    for (let index = 0; index < order.length; index++) {
      for (const dependant of this.dependantsOf(order[index] ?? '')) {
        const left = (waiting.get(dependant) ?? 0) - 1;
        waiting.set(dependant, left);
        if (left === 0) order.push(dependant);
      }
    }
    return order;
  }

  /** One cycle as a closed walk (`a, b, a`), or undefined when there is none. */
  findCycle(): string[] | undefined {
    const ordered = new Set(this.topologicalOrder());
    const left = [...this.#nodes.keys()].filter((name) => !ordered.has(name));
    // Every node that is left waits for another one that is left, so walking along dependencies must come round.
    const seenAt = new Map<string, number>();
    const walk: string[] = [];
    for (let name = left[0]; name !== undefined; name = this.dependenciesOf(name).find((next) => !ordered.has(next))) {
      const first = seenAt.get(name);
      if (first !== undefined) return [...walk.slice(first), name];
      seenAt.set(name, walk.length);
      walk.push(name);
    }
    return undefined;
  }

  /** Whether one step waits for another, directly or through others. */
  isAncestor(ancestor: string, name: string): boolean {
    const seen = new Set<string>();
    const stack = this.dependenciesOf(name);
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (next === ancestor) return true;
      if (seen.has(next)) continue;
      seen.add(next);
      stack.push(...this.dependenciesOf(next));
    }
    return false;
  }

  /**
   * The longest path's weight.
   *
   * @param weightOf weight of each step, 1 by default (then it is the number of steps on the path)
   */
  criticalPath(weightOf: (name: string) => number = () => 1): number {
    const finish = new Map<string, number>();
    let longest = 0;
    for (const name of this.topologicalOrder()) {
      const start = Math.max(0, ...this.dependenciesOf(name).map((dependency) => finish.get(dependency) ?? 0));
      const end = start + weightOf(name);
      finish.set(name, end);
      longest = Math.max(longest, end);
    }
    return longest;
  }
}
