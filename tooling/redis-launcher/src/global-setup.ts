/**
 * vitest globalSetup: one Redis server for a project's run; tests get its address with `inject('redisUrl')`.
 *
 * @module
 */
import type { TestProject } from 'vitest/node';
import { startRedis } from './start-redis.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A server that all tests of the project share; each test keeps to a namespace of its own. */
    redisUrl: string;
  }
}

/** Starts the server; what it returns ends it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const redis = await startRedis();
  project.provide('redisUrl', redis.url);
  return () => redis.stop();
}
