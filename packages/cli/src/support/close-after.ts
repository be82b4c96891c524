/**
 * Closes what a command opened, whatever happens. `await using` would say the same, but Node 22 does not know it.
 *
 * @module
 */

/** Something that has to be closed. */
export interface Closable {
  close(): Promise<void>;
}

/**
 * Runs a piece of work, then closes what it kept, last opened first.
 *
 * @param work gets `keep`, which takes note of a resource and returns it
 */
export async function closeAfter<T>(work: (keep: <R extends Closable>(resource: R) => R) => Promise<T>): Promise<T> {
  const kept: Closable[] = [];
  try {
    return await work((resource) => {
      kept.push(resource);
      return resource;
    });
  } finally {
    for (const resource of kept.toReversed()) await resource.close();
  }
}
