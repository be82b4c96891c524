/**
 * The AI client that the environment describes.
 *
 * @module
 */
import { type AIClient, type Environment, readEnv, unconfiguredAIClient } from '@gomind/core';
import type { AIClientOptions } from './ai-client-options.ts';
import { createAIClient } from './create-ai-client.ts';

/**
 * Makes a client from `OPENAI_API_KEY`, `OPENAI_BASE_URL`, `GOMIND_AI_MODEL` and `GOMIND_AI_PROVIDER`. Without a key and a
 * base URL it is one whose calls reject with `AI_CLIENT_NOT_CONFIGURED`, so that the basic router plans.
 *
 * @param options settings that beat the environment
 * @throws GomindError `CONFIG_INVALID`
 */
export function createAIClientFromEnvironment(options: AIClientOptions = {}, environment?: Environment): AIClient {
  const fromEnvironment = {
    apiKey: readEnv('OPENAI_API_KEY', environment),
    baseUrl: readEnv('OPENAI_BASE_URL', environment),
    model: readEnv('GOMIND_AI_MODEL', environment),
    provider: readEnv('GOMIND_AI_PROVIDER', environment),
  };
  const known = Object.entries(fromEnvironment).filter(([, value]) => value !== undefined);
  const settings: AIClientOptions = { ...Object.fromEntries(known), ...options };
  if (settings.apiKey === undefined && settings.baseUrl === undefined) return unconfiguredAIClient;
  return createAIClient(settings);
}
