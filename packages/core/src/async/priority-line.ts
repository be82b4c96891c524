/**
 * A line in which higher priorities come first and nobody waits for ever.
 *
 * Weighted fair queueing after Golestani, "A self-clocked fair queueing scheme for broadband applications" (INFOCOM 1994): the
 * first of each class carries a number, the lowest number is served, and the next of its class is numbered one stride later.
 * Of 21 who are served while all classes wait, 16 are `high`, 4 `normal` and 1 `low`. Entering, leaving and serving cost the
 * same however long the line is.
 *
 * @module
 */
import type { Priority } from '../contracts/priority.ts';

/** A place in a {@link PriorityLine}. */
export interface LinePlace<T> {
  readonly value: T;
  readonly priority: Priority;
}

interface Node<T> extends LinePlace<T> {
  /** False once it was served, removed or dropped. */
  isInLine: boolean;
  before: Node<T> | undefined;
  after: Node<T> | undefined;
}

/** Those of one priority, first come, first served. */
interface ClassLine<T> {
  readonly priority: Priority;
  readonly stride: number;
  /** Of the first, while there is one. */
  number: number;
  /** Of the last that was served: who leaves without being served costs the class nothing. */
  served: number;
  first: Node<T> | undefined;
  last: Node<T> | undefined;
}

const rankOf: Readonly<Record<Priority, number>> = { high: 2, normal: 1, low: 0 };

/** Who waits, by priority. */
export class PriorityLine<T> {
  /** In the order in which equal numbers are served. */
  readonly #classes: readonly ClassLine<T>[] = [emptyClass('high', 1), emptyClass('normal', 4), emptyClass('low', 16)];
  /** The number that was served last. */
  #served = 0;
  #size = 0;

  /** How many wait. */
  get size(): number {
    return this.#size;
  }

  /** Puts someone at the end of the line of their priority. */
  push(value: T, priority: Priority): LinePlace<T> {
    const line = this.#classOf(priority);
    const node: Node<T> = { value, priority, isInLine: true, before: line.last, after: undefined };
    if (line.last === undefined) {
      line.first = node;
      line.number = Math.max(line.served, this.#served) + line.stride;
    } else line.last.after = node;
    line.last = node;
    this.#size++;
    return node;
  }

  /** Takes out whose turn it is; undefined when nobody waits. */
  shift(): T | undefined {
    let next: ClassLine<T> | undefined;
    for (const line of this.#classes) {
      if (line.first !== undefined && (next === undefined || line.number < next.number)) next = line;
    }
    const node = next?.first;
    if (next === undefined || node === undefined) return undefined;
    this.#served = next.number;
    next.served = next.number;
    this.#unlink(node);
    if (next.first !== undefined) next.number += next.stride;
    return node.value;
  }

  /** Takes out one who no longer waits. */
  remove(place: LinePlace<T>): void {
    this.#unlink(place as Node<T>);
  }

  /** Takes out the one who came last among those of the lowest priority below the given one; undefined when there is none. */
  dropBelow(priority: Priority): T | undefined {
    for (const line of this.#classes.toReversed()) {
      if (rankOf[line.priority] >= rankOf[priority]) return undefined;
      if (line.last === undefined) continue;
      const node = line.last;
      this.#unlink(node);
      return node.value;
    }
    return undefined;
  }

  /** Whether {@link dropBelow} would find someone. */
  hasBelow(priority: Priority): boolean {
    return this.#classes.some((line) => line.first !== undefined && rankOf[line.priority] < rankOf[priority]);
  }

  #classOf(priority: Priority): ClassLine<T> {
    const line = this.#classes.find((one) => one.priority === priority);
    if (line === undefined) throw new RangeError(`There is no priority "${priority}".`);
    return line;
  }

  #unlink(node: Node<T>): void {
    if (!node.isInLine) return;
    node.isInLine = false;
    this.#size--;
    const line = this.#classOf(node.priority);
    if (node.before === undefined) line.first = node.after;
    else node.before.after = node.after;
    if (node.after === undefined) line.last = node.before;
    else node.after.before = node.before;
  }
}

function emptyClass<T>(priority: Priority, stride: number): ClassLine<T> {
  return { priority, stride, number: 0, served: 0, first: undefined, last: undefined };
}
