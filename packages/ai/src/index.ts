/**
 * The public names of `@gomind/ai`: a language model behind core's `AIClient`. The SDK is loaded by the first call.
 *
 * @module
 */
export { createAIClient } from './client/create-ai-client.ts';
export type { AIClientOptions } from './client/ai-client-options.ts';
export { createAIClientFromEnvironment } from './client/from-environment.ts';
