/**
 * What a user of the published packages sees, for tests and benchmarks.
 *
 * @module
 */
export { createConsumerProject } from './consumer-project.ts';
export type { ConsumerProject } from './consumer-project.ts';
