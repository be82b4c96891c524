/**
 * Clients of everything that speaks OpenAI's protocol.
 *
 * @module
 */
import { type AIClient, checkNames, type Environment, GomindError, unconfiguredAIClient } from '@gomind/core';
import { providers } from '../providers/provider-table.ts';
import { type ResolvedProvider, resolveProvider } from '../providers/resolve-provider.ts';
import { ModelClient } from './model-client.ts';
import { modelOptionNames, modelSettings, type ModelOptions, requirePositive } from './model-options.ts';
import { OpenAIDriver } from './openai-driver.ts';

/** Settings of {@link createAIClient}. An option beats the environment, which beats a default. */
export interface AIClientOptions extends ModelOptions {
  /**
   * `openai`, `azure`, `anthropic`, `gemini`, `groq`, `deepseek`, `mistral`, `together`, `xai`, `qwen`, `openrouter`, `ollama`,
   * `vllm`, or with a `baseUrl` any name of your own. Default: `GOMIND_AI_PROVIDER`, else found by the keys in the environment.
   */
  readonly provider?: string;
  /** Sent as a bearer token. Default: the provider's own variable, for example `OPENAI_API_KEY`. */
  readonly apiKey?: string;
  /** Any server that speaks the OpenAI protocol, for example `http://localhost:11434/v1`. Default: the provider's. */
  readonly baseUrl?: string;
  /** A model, or `fast`, `smart`, `premium`, `code`, `vision`. Default: `GOMIND_AI_MODEL`, else the provider's default model. */
  readonly model?: string;
  /** Default: the provider's, where it has one. */
  readonly embeddingModel?: string;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Largest answer in bytes. Default: 16 MiB. */
  readonly maxAnswerBytes?: number;
  /** Default: the process's own variables. */
  readonly environment?: Environment;
}

/**
 * Makes a client of one provider. No call is made and nothing heavy is loaded before the first request. Nothing is retried
 * inside, with one exception: a server that does not know a part of a request is asked again without it.
 *
 * @throws GomindError `CONFIG_INVALID`, `AI_CLIENT_NOT_CONFIGURED`
 * @example
 * await using aiClient = createAIClient({ provider: 'groq', model: 'fast' });
 * const { content } = await aiClient.generate({ messages: [{ role: 'user', content: 'Hello' }] });
 */
export function createAIClient(options: AIClientOptions = {}): AIClient {
  checkClientOptions('createAIClient', options);
  const resolved = resolveProvider(options, options.environment);
  if (resolved === undefined) throw notConfigured();
  return clientOf(resolved, options);
}

/**
 * Makes the client that the environment describes, as {@link createAIClient} does; without any key and base URL in it, a
 * client whose calls reject with `AI_CLIENT_NOT_CONFIGURED`, so that the basic router plans.
 *
 * @throws GomindError `CONFIG_INVALID`; `AI_CLIENT_NOT_CONFIGURED` when a provider is named but its key is missing
 */
export function createAIClientFromEnvironment(options: AIClientOptions = {}): AIClient {
  checkClientOptions('createAIClientFromEnvironment', options);
  const resolved = resolveProvider(options, options.environment);
  return resolved === undefined ? unconfiguredAIClient : clientOf(resolved, options);
}

const clientOptionNames: readonly string[] = [
  ...modelOptionNames,
  'provider',
  'apiKey',
  'baseUrl',
  'model',
  'embeddingModel',
  'headers',
  'maxAnswerBytes',
  'environment',
];

function checkClientOptions(maker: string, options: AIClientOptions): void {
  checkNames(maker, options, clientOptionNames);
}

function clientOf(resolved: ResolvedProvider, options: AIClientOptions): AIClient {
  requirePositive('maxAnswerBytes', options.maxAnswerBytes);
  const driver = new OpenAIDriver({
    resolved,
    embeddingModel: options.embeddingModel,
    maxAnswerBytes: options.maxAnswerBytes ?? 16 * 1_048_576,
    headers: options.headers ?? {},
    environment: options.environment,
  });
  // A model that does not exist by any name is found out now, not by the first request.
  driver.placeOf(undefined, 'chat');
  return new ModelClient(driver, modelSettings(options));
}

function notConfigured(): GomindError {
  const variables = providers.filter(({ needsKey }) => needsKey !== 'never').flatMap((entry) => entry.apiKeyVariables);
  return new GomindError({
    code: 'AI_CLIENT_NOT_CONFIGURED',
    message: `No AI provider is configured. Set one of ${variables.join(', ')}, or OPENAI_BASE_URL or OLLAMA_BASE_URL for a server of your own, or pass a provider, an apiKey or a baseUrl.`,
  });
}
