/**
 * Any model of the AI SDK as an `AIClient`.
 *
 * @module
 */
import { type AIClient, checkNames, GomindError } from '@gomind/core';
import { ModelClient } from '../client/model-client.ts';
import { modelOptionNames, modelSettings, type ModelOptions } from '../client/model-options.ts';
import { findProvider } from '../providers/provider-table.ts';
import type { AnyEmbeddingModel, AnyLanguageModel } from './language-model.ts';
import { LanguageModelDriver } from './language-model-driver.ts';

/** Settings of {@link fromLanguageModel}. */
export interface LanguageModelOptions extends ModelOptions {
  /** Name in errors, spans and responses. Default: the model's own, without what follows its first dot. */
  readonly provider?: string;
  /** Makes the vectors. Default: none; `embed` then rejects with `MODEL_BAD_REQUEST`. */
  readonly embeddingModel?: AnyEmbeddingModel;
  /** Whether the model enforces a JSON schema. Default: false, and the schema stands in the prompt as well. */
  readonly enforcesSchema?: boolean;
}

/**
 * Makes a client of one model of any AI SDK provider (specification v2, v3 or v4), with deadlines, idle limits, error codes
 * and cost like every other client. Needs nothing of the AI SDK at run time but the model itself. The model answers whatever
 * `model` a request names.
 *
 * @throws GomindError `CONFIG_INVALID` for what is no such model
 * @example
 * import { anthropic } from '@ai-sdk/anthropic';
 * const aiClient = fromLanguageModel(anthropic('claude-sonnet-4-5'));
 */
export function fromLanguageModel(model: AnyLanguageModel, options: LanguageModelOptions = {}): AIClient {
  const version: unknown = (model as AnyLanguageModel | null | undefined)?.specificationVersion;
  if (version !== 'v2' && version !== 'v3' && version !== 'v4') {
    const advice =
      typeof version === 'string'
        ? `not ${version}. Install a matching version of the provider's package.`
        : "such as anthropic('claude-sonnet-4-5') of the package @ai-sdk/anthropic; this is none.";
    throw new GomindError({
      code: 'CONFIG_INVALID',
      message: `fromLanguageModel takes models of the AI SDK's specification v2, v3 or v4, ${advice}`,
      details: { specificationVersion: String(version) },
    });
  }
  checkNames('fromLanguageModel', options, [...modelOptionNames, 'provider', 'embeddingModel', 'enforcesSchema']);
  const ownName = model.provider.split('.')[0] ?? model.provider;
  const driver = new LanguageModelDriver({
    model,
    embeddingModel: options.embeddingModel,
    provider: options.provider ?? findProvider(ownName)?.name ?? ownName,
    enforcesSchema: options.enforcesSchema ?? false,
  });
  return new ModelClient(driver, modelSettings(options));
}
