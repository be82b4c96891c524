/**
 * A line of small numbers, first in, first out.
 *
 * @module
 */

/** Places in a plan, waiting for their turn. An emptied line keeps its room for the next ones. */
export class IndexQueue {
  readonly #line: number[] = [];
  #first = 0;
  #end = 0;

  get size(): number {
    return this.#end - this.#first;
  }

  push(index: number): void {
    this.#line[this.#end++] = index;
  }

  /** The next one; the line must not be empty. */
  shift(): number {
    const index = this.#line[this.#first++] ?? -1;
    if (this.#first === this.#end) this.clear();
    return index;
  }

  clear(): void {
    this.#first = 0;
    this.#end = 0;
  }
}
