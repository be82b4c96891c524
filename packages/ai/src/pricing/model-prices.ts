/**
 * What models cost, as far as it was published. Prices change: replace the table, or parts of it, with the `prices` option.
 *
 * @module
 */

/** US dollars for a million tokens. */
export interface ModelPrice {
  readonly input: number;
  readonly output: number;
  /** Input read from the provider's cache. Default: the price of input. */
  readonly cachedInput?: number;
}

/** Prices by model name, or by `provider/model` where a model's price differs between providers. */
export type ModelPrices = Readonly<Record<string, ModelPrice>>;

/**
 * List prices as collected by models.dev (MIT, commit f3fc692) on 2026-07-02 from the price pages of the providers:
 * platform.openai.com/docs/pricing, docs.anthropic.com (models overview), ai.google.dev/gemini-api/docs/pricing,
 * groq.com/pricing, api-docs.deepseek.com/quick_start/pricing, mistral.ai/pricing, together.ai/pricing, docs.x.ai/docs/models,
 * alibabacloud.com/help/en/model-studio/models. Surcharges for very long prompts, batches and tiers are not in it.
 */
export const modelPrices: ModelPrices = {
  'gpt-5.5': { input: 5, cachedInput: 0.5, output: 30 },
  'gpt-5.4': { input: 2.5, cachedInput: 0.25, output: 15 },
  'gpt-5.4-mini': { input: 0.75, cachedInput: 0.075, output: 4.5 },
  'gpt-5.4-nano': { input: 0.2, cachedInput: 0.02, output: 1.25 },
  'gpt-5.2': { input: 1.75, cachedInput: 0.175, output: 14 },
  'gpt-5.1': { input: 1.25, cachedInput: 0.125, output: 10 },
  'gpt-5': { input: 1.25, cachedInput: 0.125, output: 10 },
  'gpt-5-mini': { input: 0.25, cachedInput: 0.025, output: 2 },
  'gpt-5-nano': { input: 0.05, cachedInput: 0.005, output: 0.4 },
  'gpt-4.1': { input: 2, cachedInput: 0.5, output: 8 },
  'gpt-4.1-mini': { input: 0.4, cachedInput: 0.1, output: 1.6 },
  'gpt-4.1-nano': { input: 0.1, cachedInput: 0.025, output: 0.4 },
  'gpt-4o': { input: 2.5, cachedInput: 1.25, output: 10 },
  'gpt-4o-mini': { input: 0.15, cachedInput: 0.075, output: 0.6 },
  o3: { input: 2, cachedInput: 0.5, output: 8 },
  'o4-mini': { input: 1.1, cachedInput: 0.275, output: 4.4 },
  'text-embedding-3-small': { input: 0.02, output: 0 },
  'text-embedding-3-large': { input: 0.13, output: 0 },

  'claude-haiku-4-5': { input: 1, cachedInput: 0.1, output: 5 },
  'claude-sonnet-4-5': { input: 3, cachedInput: 0.3, output: 15 },
  'claude-sonnet-4-6': { input: 3, cachedInput: 0.3, output: 15 },
  'claude-sonnet-5': { input: 2, cachedInput: 0.2, output: 10 },
  'claude-opus-4-5': { input: 5, cachedInput: 0.5, output: 25 },
  'claude-opus-4-6': { input: 5, cachedInput: 0.5, output: 25 },
  'claude-opus-4-8': { input: 5, cachedInput: 0.5, output: 25 },

  'gemini-2.5-flash': { input: 0.3, cachedInput: 0.03, output: 2.5 },
  'gemini-2.5-flash-lite': { input: 0.1, cachedInput: 0.01, output: 0.4 },
  'gemini-2.5-pro': { input: 1.25, cachedInput: 0.125, output: 10 },
  'gemini-3.1-pro-preview': { input: 2, cachedInput: 0.2, output: 12 },
  'gemini-3.5-flash': { input: 1.5, cachedInput: 0.15, output: 9 },
  'gemini-embedding-001': { input: 0.15, output: 0 },

  'groq/llama-3.1-8b-instant': { input: 0.05, output: 0.08 },
  'groq/llama-3.3-70b-versatile': { input: 0.59, output: 0.79 },
  'groq/openai/gpt-oss-120b': { input: 0.15, cachedInput: 0.075, output: 0.6 },
  'groq/openai/gpt-oss-20b': { input: 0.075, cachedInput: 0.0375, output: 0.3 },

  'deepseek-chat': { input: 0.14, cachedInput: 0.0028, output: 0.28 },
  'deepseek-reasoner': { input: 0.14, cachedInput: 0.0028, output: 0.28 },
  'deepseek-v4-flash': { input: 0.14, cachedInput: 0.0028, output: 0.28 },
  'deepseek-v4-pro': { input: 0.435, cachedInput: 0.003625, output: 0.87 },

  'mistral-small-latest': { input: 0.15, output: 0.6 },
  'mistral-medium-latest': { input: 0.4, output: 2 },
  'mistral-large-latest': { input: 0.5, output: 1.5 },
  'codestral-latest': { input: 0.3, output: 0.9 },
  'pixtral-large-latest': { input: 2, output: 6 },
  'mistral-embed': { input: 0.1, output: 0 },

  'together/meta-llama/Llama-3.3-70B-Instruct-Turbo': { input: 0.88, output: 0.88 },
  'together/Qwen/Qwen2.5-7B-Instruct-Turbo': { input: 0.3, output: 0.3 },
  'together/Qwen/Qwen3-Coder-Next-FP8': { input: 0.5, output: 1.2 },

  'grok-4.3': { input: 1.25, cachedInput: 0.2, output: 2.5 },
  'grok-4.20-0309-non-reasoning': { input: 1.25, cachedInput: 0.2, output: 2.5 },
  'grok-4.20-0309-reasoning': { input: 1.25, cachedInput: 0.2, output: 2.5 },

  'qwen-plus': { input: 0.4, output: 1.2 },
  'qwen-turbo': { input: 0.05, output: 0.2 },
  'qwen-max': { input: 1.6, output: 6.4 },
  'qwen3-coder-plus': { input: 1, output: 5 },
  'qwen-vl-max': { input: 0.8, output: 3.2 },

  'openrouter/openai/gpt-5-mini': { input: 0.25, cachedInput: 0.025, output: 2 },
  'openrouter/openai/gpt-4.1-mini': { input: 0.4, cachedInput: 0.1, output: 1.6 },
  'openrouter/openai/gpt-5.4': { input: 2.5, cachedInput: 0.25, output: 15 },
  'openrouter/anthropic/claude-sonnet-4.5': { input: 3, cachedInput: 0.3, output: 15 },
};
