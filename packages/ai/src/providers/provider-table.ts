/**
 * The providers known by name: where they are, which variables configure them, and what they take. All of them speak
 * OpenAI's chat completions protocol, so one SDK serves them; a server that is not listed works by its base URL.
 *
 * @module
 */

/** How JSON is asked for: with its schema, as "some JSON object", or in words only. Servers differ in what they take. */
export type JsonMode = 'schema' | 'object' | 'words';

/** Names for models by purpose, the same for every provider. */
export type ModelAlias = 'default' | 'fast' | 'smart' | 'premium' | 'code' | 'vision';

/** What is known about a provider. */
export interface ProviderEntry {
  readonly name: string;
  readonly otherNames?: readonly string[];
  /** Absent: it differs for every customer and has to be given. */
  readonly baseUrl?: string;
  /** The first that is set counts. */
  readonly apiKeyVariables: readonly string[];
  readonly baseUrlVariables: readonly string[];
  /** `own-url`: a server of one's own, at another address than the listed one, may want none. */
  readonly needsKey: 'always' | 'unless-own-url' | 'never';
  /** Higher is found first. Those of the Go original keep its numbers, so that a newcomer never displaces one of them. */
  readonly priority: number;
  /** The best form of JSON output it is known to enforce; less is found out by asking. */
  readonly json: JsonMode;
  /** `by-name`: OpenAI's reasoning models, which take other parameters, are known by their names. */
  readonly reasoningModels: 'by-name' | 'none';
  /** Whether it takes `reasoning_effort`. */
  readonly takesEffort: boolean;
  readonly tokensField: 'max_tokens' | 'max_completion_tokens';
  /** Whether tokens of a stream have to be asked for; some servers count unasked and refuse the question. */
  readonly asksForStreamUsage: boolean;
  readonly embeddings?: { readonly model: string; readonly maxBatch: number };
  /** What is missing here falls back: `premium` to `smart`, the rest to `default`. Absent as a whole: a model has to be given. */
  readonly models: Readonly<Partial<Record<ModelAlias, string>>>;
}

/** What most servers take. */
const common = {
  needsKey: 'unless-own-url',
  json: 'schema',
  reasoningModels: 'none',
  takesEffort: false,
  tokensField: 'max_tokens',
  asksForStreamUsage: true,
} as const;

/**
 * Base URLs and models: the
 * providers' own documentation; model names as listed by models.dev (MIT) on 2026-07-02.
 */
export const providers: readonly ProviderEntry[] = [
  {
    ...common,
    name: 'openai',
    baseUrl: 'https://api.openai.com/v1',
    apiKeyVariables: ['OPENAI_API_KEY'],
    baseUrlVariables: ['OPENAI_BASE_URL'],
    priority: 100,
    reasoningModels: 'by-name',
    takesEffort: true,
    tokensField: 'max_completion_tokens',
    embeddings: { model: 'text-embedding-3-small', maxBatch: 256 },
    models: {
      default: 'gpt-5-mini',
      fast: 'gpt-4.1-mini',
      smart: 'gpt-5.4',
      premium: 'gpt-5.5',
      code: 'gpt-5.4',
      vision: 'gpt-4.1',
    },
  },
  {
    ...common,
    name: 'groq',
    baseUrl: 'https://api.groq.com/openai/v1',
    apiKeyVariables: ['GROQ_API_KEY'],
    baseUrlVariables: ['GROQ_BASE_URL'],
    priority: 95,
    // Only some of its models take a schema; the default one does not.
    json: 'object',
    takesEffort: true,
    models: { default: 'llama-3.3-70b-versatile', fast: 'llama-3.1-8b-instant', smart: 'openai/gpt-oss-120b' },
  },
  {
    ...common,
    name: 'deepseek',
    baseUrl: 'https://api.deepseek.com',
    apiKeyVariables: ['DEEPSEEK_API_KEY'],
    baseUrlVariables: ['DEEPSEEK_BASE_URL'],
    priority: 90,
    json: 'object',
    models: { default: 'deepseek-chat', smart: 'deepseek-reasoner', code: 'deepseek-chat' },
  },
  {
    ...common,
    name: 'xai',
    otherNames: ['grok'],
    baseUrl: 'https://api.x.ai/v1',
    apiKeyVariables: ['XAI_API_KEY'],
    baseUrlVariables: ['XAI_BASE_URL'],
    priority: 85,
    takesEffort: true,
    models: { default: 'grok-4.3', fast: 'grok-4.20-0309-non-reasoning', smart: 'grok-4.20-0309-reasoning' },
  },
  {
    ...common,
    name: 'anthropic',
    otherNames: ['claude'],
    baseUrl: 'https://api.anthropic.com/v1',
    apiKeyVariables: ['ANTHROPIC_API_KEY'],
    baseUrlVariables: ['ANTHROPIC_BASE_URL'],
    priority: 80,
    // Its OpenAI endpoint ignores response_format without a word, so asking for it would only look like a promise.
    json: 'words',
    models: {
      default: 'claude-sonnet-4-5',
      fast: 'claude-haiku-4-5',
      smart: 'claude-sonnet-4-6',
      premium: 'claude-opus-4-6',
    },
  },
  {
    ...common,
    name: 'qwen',
    otherNames: ['alibaba', 'dashscope'],
    baseUrl: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1',
    apiKeyVariables: ['QWEN_API_KEY', 'DASHSCOPE_API_KEY'],
    baseUrlVariables: ['QWEN_BASE_URL'],
    priority: 80,
    json: 'object',
    embeddings: { model: 'text-embedding-v4', maxBatch: 10 },
    models: {
      default: 'qwen-plus',
      fast: 'qwen-turbo',
      smart: 'qwen-max',
      code: 'qwen3-coder-plus',
      vision: 'qwen-vl-max',
    },
  },
  {
    ...common,
    name: 'together',
    otherNames: ['togetherai'],
    baseUrl: 'https://api.together.xyz/v1',
    apiKeyVariables: ['TOGETHER_API_KEY'],
    baseUrlVariables: ['TOGETHER_BASE_URL'],
    priority: 75,
    embeddings: { model: 'intfloat/multilingual-e5-large-instruct', maxBatch: 100 },
    models: {
      default: 'meta-llama/Llama-3.3-70B-Instruct-Turbo',
      fast: 'Qwen/Qwen2.5-7B-Instruct-Turbo',
      code: 'Qwen/Qwen3-Coder-Next-FP8',
    },
  },
  {
    ...common,
    name: 'gemini',
    otherNames: ['google'],
    baseUrl: 'https://generativelanguage.googleapis.com/v1beta/openai',
    apiKeyVariables: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
    baseUrlVariables: ['GEMINI_BASE_URL'],
    priority: 70,
    takesEffort: true,
    embeddings: { model: 'gemini-embedding-001', maxBatch: 100 },
    models: {
      default: 'gemini-2.5-flash',
      fast: 'gemini-2.5-flash-lite',
      smart: 'gemini-2.5-pro',
      premium: 'gemini-3.1-pro-preview',
      code: 'gemini-2.5-pro',
    },
  },
  {
    ...common,
    name: 'azure',
    otherNames: ['azure-openai'],
    apiKeyVariables: ['AZURE_OPENAI_API_KEY'],
    // The endpoint of a resource, as the portal shows it, gets the path of the v1 API; a base URL is taken as it is.
    baseUrlVariables: ['AZURE_OPENAI_BASE_URL', 'AZURE_OPENAI_ENDPOINT'],
    needsKey: 'always',
    priority: 68,
    reasoningModels: 'by-name',
    takesEffort: true,
    tokensField: 'max_completion_tokens',
    embeddings: { model: 'text-embedding-3-small', maxBatch: 256 },
    models: {},
  },
  {
    ...common,
    name: 'mistral',
    baseUrl: 'https://api.mistral.ai/v1',
    apiKeyVariables: ['MISTRAL_API_KEY'],
    baseUrlVariables: ['MISTRAL_BASE_URL'],
    priority: 66,
    asksForStreamUsage: false,
    embeddings: { model: 'mistral-embed', maxBatch: 64 },
    models: {
      default: 'mistral-medium-latest',
      fast: 'mistral-small-latest',
      smart: 'mistral-large-latest',
      code: 'codestral-latest',
      vision: 'pixtral-large-latest',
    },
  },
  {
    ...common,
    name: 'openrouter',
    baseUrl: 'https://openrouter.ai/api/v1',
    apiKeyVariables: ['OPENROUTER_API_KEY'],
    baseUrlVariables: ['OPENROUTER_BASE_URL'],
    priority: 64,
    takesEffort: true,
    models: {
      default: 'openai/gpt-5-mini',
      fast: 'openai/gpt-4.1-mini',
      smart: 'openai/gpt-5.4',
      code: 'anthropic/claude-sonnet-4.5',
    },
  },
  {
    ...common,
    name: 'vllm',
    baseUrl: 'http://localhost:8000/v1',
    apiKeyVariables: ['VLLM_API_KEY'],
    baseUrlVariables: ['VLLM_BASE_URL'],
    needsKey: 'never',
    priority: 52,
    models: {},
  },
  {
    ...common,
    name: 'ollama',
    baseUrl: 'http://localhost:11434/v1',
    apiKeyVariables: ['OLLAMA_API_KEY'],
    baseUrlVariables: ['OLLAMA_BASE_URL'],
    needsKey: 'never',
    priority: 50,
    embeddings: { model: 'nomic-embed-text', maxBatch: 64 },
    models: { default: 'llama3.2', fast: 'llama3.2:1b', code: 'codellama', vision: 'llama3.2-vision' },
  },
];

/**
 * A provider by its name, by another name of it, or by the Go original's form `openai.groq`.
 *
 * @returns undefined for a name that is not listed
 */
export function findProvider(name: string): ProviderEntry | undefined {
  const plain = name
    .trim()
    .toLowerCase()
    .replace(/^openai\./, '');
  return providers.find((entry) => entry.name === plain || entry.otherNames?.includes(plain) === true);
}

/** A server that is not listed, under a name of one's own. */
export function unlistedProvider(name: string): ProviderEntry {
  return {
    ...common,
    name,
    apiKeyVariables: ['OPENAI_API_KEY'],
    baseUrlVariables: ['OPENAI_BASE_URL'],
    priority: 0,
    needsKey: 'never',
    // Gateways pass OpenAI's models on under their own names.
    reasoningModels: 'by-name',
    takesEffort: true,
    embeddings: { model: 'text-embedding-3-small', maxBatch: 256 },
    models: { default: 'gpt-5-mini' },
  };
}
