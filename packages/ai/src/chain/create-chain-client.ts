/**
 * Several providers as one: the first that is well answers.
 *
 * - A provider that fails is left alone for a while; its first call afterwards is a probe, the others go past it.
 * - A stream fails over before its first piece only: what people have read is not taken back.
 * - Embeddings do not fail over: vectors of different models cannot be compared.
 *
 * @module
 */
import {
  aFunction,
  type AIClient,
  type AIClientCapabilities,
  type AIEmbedRequest,
  type AIEmbedResponse,
  type AIRequest,
  type AIResponse,
  type AIStreamPart,
  type AIUsage,
  cancellationError,
  checkNames,
  checkOptions,
  type CircuitBreaker,
  type Clock,
  GomindError,
  linkedAbort,
  milliseconds,
  noopTelemetry,
  type OptionCheck,
  systemClock,
  type Telemetry,
  toGomindError,
  unconfiguredAIClient,
  withMethods,
} from '@gomind/core';
import { checkChatRequest } from '../client/check-request.ts';
import { type ChainCause, chainError } from './chain-error.ts';
import { addUsage, usageOfCauses } from './chain-usage.ts';
import { failsOverByDefault, isUnwell } from './failover-policy.ts';
import { ProviderMemory } from './provider-memory.ts';

/** One provider of a chain. */
export interface ChainLink {
  readonly aiClient: AIClient;
  /** Asked for in place of the request's model, whose name may mean nothing to this provider. Default: the request's. */
  readonly model?: string;
  /** Decides when the provider is left alone, in place of the chain's own memory. It stays yours to close. */
  readonly circuitBreaker?: CircuitBreaker;
}

/** Settings of {@link createChainClient}. */
export interface ChainOptions {
  /** Whether the next provider is asked after this error. Default: {@link failsOverByDefault}. */
  readonly failsOver?: (error: GomindError) => boolean;
  /**
   * Longest pause in milliseconds for a provider that failed, unless it said for how long itself; begins with 1,000 and
   * doubles with every failure. Default: 30,000.
   */
  readonly cooldownMs?: number;
  /** Told each time that the chain goes on to the next provider. Must not throw. */
  readonly onFailover?: (failover: { readonly from: string; readonly to: string; readonly error: GomindError }) => void;
  /**
   * Makes the breaker of a provider that brings none, in place of the chain's own memory, for example a shared one of
   * `@gomind/resilience`; it is called `model:` and the provider's name. The chain closes it. Default: the memory.
   */
  readonly breaker?: (name: string) => CircuitBreaker;
  /** Receives `gomind.fallback.used` when another provider than the first answers. Default: none. */
  readonly telemetry?: Telemetry;
  readonly clock?: Clock;
}

interface Link extends Required<Pick<ChainLink, 'aiClient' | 'circuitBreaker'>> {
  readonly model: string | undefined;
  /** Whether the chain made the breaker, and closes it. */
  readonly isOwn: boolean;
}

/**
 * Makes one client of several, in the order in which they are asked. `response.provider` says who answered, usage counts what
 * failed attempts cost as well, and when nobody answers one error lists every cause. Closing the chain closes its clients.
 *
 * A request with `timeoutMs` shares what is left of it among the providers that are left; without, each has its own deadline.
 *
 * @throws GomindError `CONFIG_INVALID` for an empty list, and for options that cannot be used
 * @example
 * const aiClient = createChainClient([createAIClient({ provider: 'openai' }), createAIClient({ provider: 'anthropic' })]);
 */
export function createChainClient(links: readonly (AIClient | ChainLink)[], options: ChainOptions = {}): AIClient {
  checkLinks(links);
  checkOptions('createChainClient', options, optionChecks);
  checkNames('createChainClient', options, [...Object.keys(optionChecks), 'clock']);
  const { cooldownMs = 30_000, clock = systemClock } = options;
  const { breaker = (name: string) => new ProviderMemory(name, cooldownMs, clock) } = options;
  const all = links.map((link): ChainLink => ('aiClient' in link ? link : { aiClient: link }));
  const configured = all.filter(({ aiClient }) => aiClient.isConfigured !== false);
  if (configured.length === 0) return unconfiguredAIClient;
  return new ChainClient(
    configured.map(({ aiClient, model, circuitBreaker: own }) => {
      const circuitBreaker = own ?? breaker(`model:${aiClient.provider}`);
      checkOptions(`${aiClient.provider} in createChainClient`, { circuitBreaker }, linkChecks);
      return { aiClient, model, circuitBreaker, isOwn: own === undefined };
    }),
    { ...options, clock },
  );
}

const optionChecks: Readonly<Record<string, OptionCheck>> = {
  failsOver: aFunction,
  cooldownMs: milliseconds,
  onFailover: aFunction,
  breaker: aFunction,
  telemetry: withMethods('a Telemetry such as noopTelemetry', ['recordMetric']),
};

const linkChecks: Readonly<Record<string, OptionCheck>> = {
  circuitBreaker: { ...withMethods('a CircuitBreaker such as passThroughBreaker', ['execute']), isRequired: true },
};

/** JavaScript callers are not held by types. */
function checkLinks(links: unknown): void {
  const isList = Array.isArray(links) && links.length > 0;
  const problem = !isList
    ? 'at least one client, in a list'
    : links.every((link: unknown) => isClient(link) || (isObject(link) && isClient(link['aiClient'])))
      ? undefined
      : 'clients, or { aiClient, model }, and nothing else in its list';
  if (problem === undefined) return;
  throw new GomindError({
    code: 'CONFIG_INVALID',
    message: `createChainClient needs ${problem}: createChainClient([createAIClient({ provider: 'openai' }), ...]), in the order in which they are to be asked.`,
  });
}

function isClient(value: unknown): boolean {
  return isObject(value) && typeof value['generate'] === 'function';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

class ChainClient implements AIClient {
  readonly provider: string;
  readonly isConfigured = true;
  readonly capabilities: AIClientCapabilities;
  readonly circuits: readonly CircuitBreaker[];
  readonly #links: readonly Link[];
  readonly #failsOver: (error: GomindError) => boolean;
  readonly #onFailover: NonNullable<ChainOptions['onFailover']>;
  readonly #telemetry: Telemetry;
  readonly #clock: Clock;

  constructor(links: readonly Link[], options: ChainOptions & { readonly clock: Clock }) {
    this.#links = links;
    this.#failsOver = options.failsOver ?? failsOverByDefault;
    this.#onFailover = options.onFailover ?? (() => undefined);
    this.#telemetry = options.telemetry ?? noopTelemetry;
    this.#clock = options.clock;
    this.circuits = links.map(({ circuitBreaker }) => circuitBreaker);
    this.provider = links.map(({ aiClient }) => aiClient.provider).join(' > ');
    this.capabilities = {
      // What holds for the chain is what holds whoever answers.
      jsonSchema: links.every(({ aiClient }) => aiClient.capabilities?.jsonSchema === true),
      embeddings: links.some(({ aiClient }) => aiClient.capabilities?.embeddings !== false),
    };
  }

  /** The dearest answer that any of them may give. */
  priceUsd(usage: Pick<AIUsage, 'inputTokens' | 'outputTokens'>, requested?: string): number | undefined {
    const prices = this.#links.map(({ aiClient, model }) => aiClient.priceUsd?.(usage, model ?? requested));
    return prices.some((price) => price === undefined) ? undefined : Math.max(...prices.map((price) => price ?? 0));
  }

  async generate(request: AIRequest): Promise<AIResponse> {
    checkChatRequest(request);
    const causes: ChainCause[] = [];
    const requestFor = this.#sharedDeadline(request);
    for (const [at, link] of this.#links.entries()) {
      try {
        const response = await link.circuitBreaker.execute(
          (signal) => link.aiClient.generate({ ...requestFor(at), signal }),
          signalOf(request),
        );
        this.#answered(causes);
        return withUsage(response, causes);
      } catch (error) {
        this.#goOn({ at, error, request, causes });
      }
    }
    throw chainError(this.provider, causes);
  }

  async *stream(request: AIRequest): AsyncGenerator<AIStreamPart, void, undefined> {
    checkChatRequest(request);
    const causes: ChainCause[] = [];
    const requestFor = this.#sharedDeadline(request);
    for (const [at, link] of this.#links.entries()) {
      const abort = linkedAbort(request.signal);
      const parts = link.aiClient.stream({ ...requestFor(at), signal: abort.signal })[Symbol.asyncIterator]();
      let hasBegun = false;
      try {
        // The breaker guards the first piece; its signal ends with it, so the stream has one of its own.
        let next = await link.circuitBreaker.execute(
          (signal) => parts.next().finally(abort.follow(signal)),
          signalOf(request),
        );
        this.#answered(causes);
        for (; next.done !== true; next = await parts.next()) {
          hasBegun = true;
          yield next.value.type === 'finish'
            ? { type: 'finish', response: withUsage(next.value.response, causes) }
            : next.value;
        }
        return;
      } catch (error) {
        if (hasBegun) {
          if (isUnwell(error)) await remember(link.circuitBreaker, error);
          throw error;
        }
        this.#goOn({ at, error, request, causes });
      } finally {
        abort.unlink();
        abort.abort(new GomindError({ code: 'CANCELLED', message: 'The stream was left' }));
        parts.return?.().catch(() => undefined);
      }
    }
    throw chainError(this.provider, causes);
  }

  async embed(request: AIEmbedRequest): Promise<AIEmbedResponse> {
    const link = this.#links.find(({ aiClient }) => aiClient.capabilities?.embeddings !== false);
    if (link === undefined) {
      throw new GomindError({
        code: 'MODEL_BAD_REQUEST',
        message: `None of ${this.provider} offers embeddings. Add a provider that does, or pass an embeddingModel.`,
        details: { provider: this.provider },
      });
    }
    return link.aiClient.embed(request);
  }

  async close(): Promise<void> {
    const own = this.#links.filter(({ isOwn }) => isOwn);
    await Promise.all([
      ...this.#links.map(({ aiClient }) => aiClient.close()),
      ...own.map(({ circuitBreaker }) => circuitBreaker.close()),
    ]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Counts an answer that the first provider did not give; one that is paid for is not lost to who counts it. */
  #answered(causes: readonly ChainCause[]): void {
    if (causes.length === 0) return;
    const metric = { kind: 'counter', unit: '{fallback}' } as const;
    try {
      this.#telemetry.recordMetric('gomind.fallback.used', 1, { to: 'provider' }, metric);
    } catch {
      // Nobody is left to tell.
    }
  }

  /** Notes a failure and lets the loop go on to the next provider, or throws it when no other provider can help. */
  #goOn(failed: {
    readonly at: number;
    readonly error: unknown;
    readonly request: AIRequest;
    readonly causes: ChainCause[];
  }): void {
    const { at, request, causes } = failed;
    if (request.signal?.aborted === true) throw cancellationError(request.signal, 'The model call');
    const error = toGomindError(failed.error, { code: 'MODEL_UNAVAILABLE', isRetryable: true });
    if (!this.#failsOver(error)) throw error;
    const from = this.#links[at]?.aiClient.provider ?? '';
    causes.push({ provider: from, error });
    const to = this.#links[at + 1]?.aiClient.provider;
    if (to !== undefined) this.#onFailover({ from, to, error });
  }

  /** The request for each link: its model, and its share of the deadline. */
  #sharedDeadline(request: AIRequest): (at: number) => AIRequest {
    const startedAt = this.#clock.monotonicMs();
    return (at) => {
      const model = this.#links[at]?.model ?? request.model;
      const leftMs = (request.timeoutMs ?? 0) - (this.#clock.monotonicMs() - startedAt);
      return {
        ...request,
        ...(model === undefined ? {} : { model }),
        ...(request.timeoutMs === undefined ? {} : { timeoutMs: Math.max(1, leftMs / (this.#links.length - at)) }),
      };
    };
  }
}

function signalOf({ signal }: AIRequest): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

function withUsage(response: AIResponse, causes: readonly ChainCause[]): AIResponse {
  return { ...response, usage: addUsage(response.usage, usageOfCauses(causes)) };
}

/** Tells a breaker of a failure that came after the call it admitted had succeeded. */
async function remember(breaker: CircuitBreaker, error: unknown): Promise<void> {
  await breaker
    .execute(() => Promise.reject(error instanceof Error ? error : new Error(String(error))))
    .catch(() => undefined);
}
