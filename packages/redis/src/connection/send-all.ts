/**
 * Many commands in one round trip.
 *
 * @module
 */
import type { Redis } from 'ioredis';

/** A command and its parameters. */
export type RedisCommand = readonly [name: string, ...parameters: (string | number)[]];

/**
 * Sends commands together. For use within `RedisConnection.run`, which turns what is thrown into a GomindError.
 *
 * @param isTolerated errors of single commands that are handed back in place of a reply. Default: none
 * @returns a reply for each command
 * @throws the first error that is not tolerated
 */
export async function sendAll(
  client: Redis,
  commands: readonly RedisCommand[],
  isTolerated: (error: Error) => boolean = () => false,
): Promise<unknown[]> {
  const results = (await client.pipeline(commands.map((command) => [...command])).exec()) ?? [];
  if (results.length !== commands.length) throw new Error('Redis gave fewer replies than it was sent commands');
  return results.map(([error, reply]) => {
    if (error === null) return reply;
    if (isTolerated(error)) return error;
    throw error;
  });
}
