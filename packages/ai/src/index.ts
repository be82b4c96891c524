/**
 * The public names of `@gomind/ai`: language models behind core's `AIClient`. The SDK is loaded by the first call.
 *
 * @module
 */

// One provider
export { createAIClient, createAIClientFromEnvironment } from './client/create-ai-client.ts';
export type { AIClientOptions } from './client/create-ai-client.ts';
export type { ModelOptions } from './client/model-options.ts';
export type { AICall, AICallResult } from './client/model-call.ts';
export type { ModelAlias } from './providers/provider-table.ts';

// Several providers
export { createChainClient } from './chain/create-chain-client.ts';
export type { ChainLink, ChainOptions } from './chain/create-chain-client.ts';
export { failsOverByDefault } from './chain/failover-policy.ts';

// Models of the AI SDK
export { fromLanguageModel } from './language-model/from-language-model.ts';
export type { LanguageModelOptions } from './language-model/from-language-model.ts';
export type { AnyEmbeddingModel, AnyLanguageModel, LanguageModelCall } from './language-model/language-model.ts';

// What models cost
export { modelPrices } from './pricing/model-prices.ts';
export type { ModelPrice, ModelPrices } from './pricing/model-prices.ts';
