/**
 * Finds a cycle in a directed graph.
 *
 * @module
 */

/**
 * Looks for cycles, depth first.
 *
 * @param edges what each node points to
 * @returns one cycle for each knot that is met, as the nodes along it, the first one repeated at the end
 */
export function findCycles(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  for (const start of edges.keys()) {
    const path: { readonly node: string; next: number }[] = done.has(start) ? [] : [{ node: start, next: 0 }];
    while (path.length > 0) {
      const top = path.at(-1);
      if (top === undefined) break;
      const target = edges.get(top.node)?.[top.next++];
      if (target === undefined) {
        done.add(top.node);
        path.pop();
        continue;
      }
      const at = path.findIndex(({ node }) => node === target);
      if (at !== -1) cycles.push([...path.slice(at).map(({ node }) => node), target]);
      else if (!done.has(target)) path.push({ node: target, next: 0 });
    }
  }
  return cycles;
}
