/**
 * The public names of `@gomind/redis`. Importing it loads no Redis client; the first command does.
 *
 * @module
 */
export { createRedisRegistry, RedisDiscovery } from './registry/redis-discovery.ts';
export type { RedisDiscoveryOptions, RedisRegistryOptions } from './registry/redis-discovery.ts';
export { RedisStorage } from './storage/redis-storage.ts';
export type { RedisStorageOptions } from './storage/redis-storage.ts';
export type { RedisClientOptions } from './connection/connect.ts';
