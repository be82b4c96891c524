/**
 * The first part of every key, which keeps applications on one server apart.
 *
 * @module
 */
import { GomindError, readEnv } from '@gomind/core';

const maxLength = 128;

/**
 * The namespace to use.
 *
 * @param namespace default: `GOMIND_NAMESPACE`, else `gomind`
 * @throws GomindError `CONFIG_INVALID` when it is empty, too long or has white space or control characters
 */
export function keyNamespace(namespace: string | undefined): string {
  const name = namespace ?? readEnv('GOMIND_NAMESPACE') ?? 'gomind';
  if (name !== '' && name.length <= maxLength && !/[\s\p{Cc}]/u.test(name)) return name;
  const from = namespace === undefined ? ' of GOMIND_NAMESPACE' : '';
  throw new GomindError({
    code: 'CONFIG_INVALID',
    message: `The namespace${from} ${JSON.stringify(name.slice(0, maxLength))} cannot be used. Accepted: 1 to ${String(maxLength)} characters without white space.`,
    details: { variable: 'GOMIND_NAMESPACE' },
  });
}

/**
 * A time option as whole milliseconds.
 *
 * @throws GomindError `CONFIG_INVALID` unless it is a finite number of at least `min`
 */
export function wholeMilliseconds(option: string, value: number, min: number): number {
  if (Number.isFinite(value) && value >= min) return Math.ceil(value);
  throw new GomindError({
    code: 'CONFIG_INVALID',
    message: `The option ${option} is ${String(value)}. Accepted: milliseconds, at least ${String(min)}.`,
    details: { option, min },
  });
}
