/**
 * The settings of an AI client.
 *
 * @module
 */
import { type Clock, GomindError, systemClock, type Telemetry, noopTelemetry } from '@gomind/core';

/** Settings of {@link createAIClient}; `apiKey` or `baseUrl` is needed. */
export interface AIClientOptions {
  /** Sent as a bearer token. Default: none, for local servers that want none. */
  readonly apiKey?: string;
  /** Any server that speaks the OpenAI protocol, for example `http://localhost:11434/v1`. Default: OpenAI's own. */
  readonly baseUrl?: string;
  /** Default: `gpt-5-mini`. */
  readonly model?: string;
  /** Default: `text-embedding-3-small`. */
  readonly embeddingModel?: string;
  /** Name in errors, spans and responses. Default: `openai`, or the host of `baseUrl`. */
  readonly provider?: string;
  /** Milliseconds for one whole call. Default: 60,000. */
  readonly timeoutMs?: number;
  /** Milliseconds without a new piece of a streamed answer. Default: 20,000. */
  readonly idleTimeoutMs?: number;
  /** Largest answer in bytes. Default: 16 MiB. */
  readonly maxAnswerBytes?: number;
  readonly telemetry?: Telemetry;
  readonly clock?: Clock;
}

/** Settings with every default filled in. */
export interface AISettings {
  readonly apiKey: string | undefined;
  readonly baseUrl: string;
  readonly model: string;
  readonly embeddingModel: string;
  readonly provider: string;
  readonly timeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly maxAnswerBytes: number;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
}

const openAIBaseUrl = 'https://api.openai.com/v1';

/**
 * Fills in the defaults and checks what was given.
 *
 * @throws GomindError `CONFIG_INVALID`, `AI_CLIENT_NOT_CONFIGURED`
 */
export function resolveSettings(options: AIClientOptions): AISettings {
  if (options.apiKey === undefined && options.baseUrl === undefined) {
    throw new GomindError({
      code: 'AI_CLIENT_NOT_CONFIGURED',
      message:
        'createAIClient needs an apiKey, or the baseUrl of a server that wants none. Set OPENAI_API_KEY or OPENAI_BASE_URL, or pass one of them.',
    });
  }
  const url = URL.parse(options.baseUrl ?? openAIBaseUrl);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw invalid('baseUrl', 'an http or https URL such as http://localhost:11434/v1');
  }
  for (const name of ['timeoutMs', 'idleTimeoutMs', 'maxAnswerBytes'] as const) {
    const value = options[name];
    if (value !== undefined && !(value > 0)) throw invalid(name, 'a number above 0');
  }
  return {
    apiKey: options.apiKey,
    baseUrl: url.href.replace(/\/+$/, ''),
    model: options.model ?? 'gpt-5-mini',
    embeddingModel: options.embeddingModel ?? 'text-embedding-3-small',
    provider: options.provider ?? (options.baseUrl === undefined ? 'openai' : url.hostname),
    timeoutMs: options.timeoutMs ?? 60_000,
    idleTimeoutMs: options.idleTimeoutMs ?? 20_000,
    maxAnswerBytes: options.maxAnswerBytes ?? 16 * 1_048_576,
    telemetry: options.telemetry ?? noopTelemetry,
    clock: options.clock ?? systemClock,
  };
}

function invalid(name: string, accepted: string): GomindError {
  return new GomindError({
    code: 'CONFIG_INVALID',
    message: `The AI client's ${name} cannot be used. Accepted: ${accepted}.`,
  });
}
