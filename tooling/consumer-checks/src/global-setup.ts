/**
 * vitest globalSetup: one consumer project for all tests; they get its folder with `inject('consumerFolder')`.
 *
 * @module
 */
import type { TestProject } from 'vitest/node';
import { createConsumerProject } from './consumer-project.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** An empty project with the packed packages installed; each test writes to a folder of its own below it. */
    consumerFolder: string;
  }
}

/** Makes the project; what it returns removes it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const consumer = await createConsumerProject();
  project.provide('consumerFolder', consumer.folder);
  return async () => {
    await consumer[Symbol.asyncDispose]();
  };
}
