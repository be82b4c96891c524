/**
 * The wire format of protobuf: https://protobuf.dev/programming-guides/encoding/ .
 *
 * @module
 */

/** One field of a message: a number for whole numbers, bytes for all else. */
export interface Field {
  readonly number: number;
  readonly value: number | Buffer;
}

/**
 * Splits a message into its fields.
 *
 * @throws Error for bytes that are no message
 */
export function fieldsOf(message: Buffer): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = message[at++];
      if (byte === undefined) break;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new Error('A number of the message has no end.');
  };
  const bytes = (length: number): Buffer => {
    if (at + length > message.length) throw new Error('The message ends within a field.');
    at += length;
    return message.subarray(at - length, at);
  };
  const readers: Readonly<Record<number, () => number | Buffer>> = {
    0: varint,
    1: () => bytes(8),
    2: () => bytes(varint()),
    5: () => bytes(4),
  };
  while (at < message.length) {
    const tag = varint();
    const read = readers[tag % 8];
    if (read === undefined) throw new Error(`A field has the unknown wire type ${String(tag % 8)}.`);
    fields.push({ number: Math.floor(tag / 8), value: read() });
  }
  return fields;
}
