/**
 * A real Redis server for tests, without root and without a fixed port.
 *
 * @module
 */
export { startRedis } from './start-redis.ts';
export type { RunningRedis, StartRedisOptions } from './start-redis.ts';
