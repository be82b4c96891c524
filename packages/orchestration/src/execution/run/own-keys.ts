/**
 * Objects whose keys somebody else has chosen: names of steps, inputs and outputs.
 *
 * @module
 */

/** From about this many keys on, an object is a table inside; below, it has a shape of its own, which reads faster. */
const keysOfTable = 64;

/**
 * A plain object to be filled. One that grows key by key gets a new shape with each, and is then turned into a table; with many
 * keys it begins as one (objects without a prototype do).
 *
 * @param keys how many there will be, roughly
 */
export function emptyRecord<Value>(keys: number): Record<string, Value> {
  const record: Record<string, Value> = {};
  return keys < keysOfTable ? record : (Object.setPrototypeOf(Object.create(null), Object.prototype) as typeof record);
}

/** Sets a key, whatever its name: assigning to `__proto__` would set the prototype instead. */
export function setOwn(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== '__proto__') target[name] = value;
  else Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}
