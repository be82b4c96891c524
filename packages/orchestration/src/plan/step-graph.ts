/**
 * The graph of a plan's steps: order, circles, ancestors, longest path. Never recursive, so a chain of 10,000 steps is fine.
 *
 * @module
 */

import { distinct } from './distinct.ts';

/** A node and what it waits for. */
export interface GraphNode {
  readonly name: string;
  readonly dependsOn: readonly string[];
}

/** A path through the graph and what it weighs. */
export interface WeightedPath {
  readonly weight: number;
  /** Names along it, the first to run first. */
  readonly names: readonly string[];
}

/** A directed graph; edges to unknown nodes are left out. */
export class StepGraph {
  readonly #dependencies = new Map<string, readonly string[]>();
  readonly #dependants = new Map<string, string[]>();
  #order: readonly string[] | undefined;

  constructor(nodes: readonly GraphNode[]) {
    const last = new Map<string, GraphNode>();
    for (const node of nodes) {
      last.set(node.name, node);
      this.#dependants.set(node.name, []);
    }
    for (const { name, dependsOn } of last.values()) {
      const once = distinct(dependsOn);
      const dependencies = once.every((dependency) => last.has(dependency))
        ? once
        : once.filter((dependency) => last.has(dependency));
      this.#dependencies.set(name, dependencies);
      for (const dependency of dependencies) this.#dependants.get(dependency)?.push(name);
    }
  }

  /** Names of the steps that a step waits for, each once. */
  dependenciesOf(name: string): readonly string[] {
    return this.#dependencies.get(name) ?? [];
  }

  /** Names of the steps that wait for a step. */
  dependantsOf(name: string): readonly string[] {
    return this.#dependants.get(name) ?? [];
  }

  /**
   * The steps so that each comes after what it waits for (Kahn's algorithm); steps on or behind a circle are left out.
   */
  topologicalOrder(): readonly string[] {
    if (this.#order !== undefined) return this.#order;
    const waiting = new Map<string, number>();
    const order: string[] = [];
    for (const [name, { length }] of this.#dependencies) {
      if (length === 0) order.push(name);
      else waiting.set(name, length);
    }
    for (let index = 0; index < order.length; index++) {
      for (const dependant of this.dependantsOf(order[index] ?? '')) {
        const left = (waiting.get(dependant) ?? 0) - 1;
        if (left === 0) order.push(dependant);
        else waiting.set(dependant, left);
      }
    }
    this.#order = order;
    return order;
  }

  /** One circle as a closed walk (`a, b, a`), or undefined when there is none. */
  findCycle(): readonly string[] | undefined {
    return this.findCycles()[0];
  }

  /** Circles as closed walks, no two of which share a step. */
  findCycles(): readonly (readonly string[])[] {
    const order = this.topologicalOrder();
    if (order.length === this.#dependencies.size) return [];
    const ordered = new Set(order);
    const visited = new Set<string>();
    const cycles: string[][] = [];
    for (const start of this.#dependencies.keys()) {
      // Every node that is left waits for another one that is left, so walking along dependencies comes round, or to an old walk.
      const seenAt = new Map<string, number>();
      const walk: string[] = [];
      let name: string | undefined = start;
      while (name !== undefined && !ordered.has(name) && !visited.has(name)) {
        visited.add(name);
        seenAt.set(name, walk.length);
        walk.push(name);
        name = this.dependenciesOf(name).find((next) => !ordered.has(next));
      }
      const first = name === undefined ? undefined : seenAt.get(name);
      if (first !== undefined && name !== undefined) cycles.push([...walk.slice(first), name]);
    }
    return cycles;
  }

  /**
   * The heaviest path.
   *
   * @param weightOf weight of each step, 1 by default (then it is the number of steps on the path)
   */
  heaviestPath(weightOf: (name: string) => number = () => 1): WeightedPath {
    const ends = new Map<string, { readonly weight: number; readonly from: string | undefined }>();
    let last: string | undefined;
    for (const name of this.topologicalOrder()) {
      let from: string | undefined;
      for (const dependency of this.dependenciesOf(name)) {
        if (from === undefined || weightAt(ends, dependency) > weightAt(ends, from)) from = dependency;
      }
      ends.set(name, { weight: (from === undefined ? 0 : weightAt(ends, from)) + weightOf(name), from });
      if (last === undefined || weightAt(ends, name) > weightAt(ends, last)) last = name;
    }
    const names: string[] = [];
    for (let name = last; name !== undefined; name = ends.get(name)?.from) names.push(name);
    return { weight: last === undefined ? 0 : weightAt(ends, last), names: names.toReversed() };
  }

  /** Weight of the heaviest path. */
  criticalPath(weightOf?: (name: string) => number): number {
    return this.heaviestPath(weightOf).weight;
  }
}

function weightAt(ends: ReadonlyMap<string, { readonly weight: number }>, name: string): number {
  return ends.get(name)?.weight ?? 0;
}
