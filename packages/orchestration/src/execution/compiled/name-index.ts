/**
 * Places of steps by name.
 *
 * @module
 */

/** Beyond this size a map's table is memory of its own kind, which costs more to get than filling it. */
const namesInOneMap = 4_000;
/** Chosen by a name's last letter; a power of 2. */
const maps = 8;

/** An index of a known number of names. */
export class NameIndex {
  readonly #maps: readonly Map<string, number>[];

  /** @param expected how many names there will be, roughly */
  constructor(expected: number) {
    this.#maps = Array.from({ length: expected > namesInOneMap ? maps : 1 }, () => new Map<string, number>());
  }

  /** Different names so far. */
  get size(): number {
    return this.#maps.reduce((sum, { size }) => sum + size, 0);
  }

  set(name: string, place: number): void {
    this.#mapOf(name)?.set(name, place);
  }

  get(name: string): number | undefined {
    return this.#mapOf(name)?.get(name);
  }

  #mapOf(name: string): Map<string, number> | undefined {
    if (this.#maps.length === 1) return this.#maps[0];
    return this.#maps[name.charCodeAt(name.length - 1) & (maps - 1)];
  }
}
