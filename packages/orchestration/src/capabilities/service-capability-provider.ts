/**
 * Offers what an external capability service finds: breaker(retries(call)), then the fallback provider. The service is told the
 * request's metadata, without what looks like a secret.
 *
 * @module
 */
import {
  type CircuitBreaker,
  type Clock,
  CooldownBreaker,
  GomindError,
  type HeaderCarrier,
  type Logger,
  noopLogger,
  noopTelemetry,
  redact,
  redactingLogger,
  retry,
  systemClock,
  type Telemetry,
  withTimeout,
} from '@gomind/core';
import { readServiceAnswer } from './capability-service-answer.ts';
import { badServiceAnswer, postToService, type ServiceQuestion } from './capability-service-client.ts';
import type { CapabilityProvider } from './capability-provider.ts';
import { observeRetrieval } from './observe-retrieval.ts';
import { asComponents, checkThreshold, checkTopK, type ComponentSource, componentsOf, recordOffer } from './offer.ts';

/** Options of {@link createServiceCapabilityProvider}. */
export interface ServiceCapabilityProviderOptions {
  /** Base URL of the service, for example `http://capabilities:8080`. */
  readonly url: string;
  /** What is registered: only that can be offered. */
  readonly components: ComponentSource;
  /** Offers when the service fails, is left alone, or names nothing that is registered. */
  readonly fallback: CapabilityProvider;
  /** Path of the search. Default: `/search`; the Go original's service has `/capabilities`. */
  readonly path?: string;
  /** Results asked for. Default: 20. */
  readonly topK?: number;
  /** Least cosine similarity asked for. Default: 0.7. */
  readonly threshold?: number;
  /** Milliseconds for one call. Default: 30,000. */
  readonly timeoutMs?: number;
  /** Calls after the first one. Default: 3. */
  readonly maxRetries?: number;
  /** Default: five failures open it for 30 s. */
  readonly circuitBreaker?: CircuitBreaker | undefined;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly telemetry?: Telemetry;
}

const initialDelayMs = 500;
const maxDelayMs = 8_000;

/**
 * Makes a provider that asks a capability service.
 *
 * @throws GomindError `CONFIG_INVALID` for an address, `topK` or threshold that cannot be used
 * @example
 * const capabilityProvider = createServiceCapabilityProvider({ url, components: catalog, fallback });
 */
export function createServiceCapabilityProvider(options: ServiceCapabilityProviderOptions): CapabilityProvider {
  const { components: source, fallback, topK = 20, threshold = 0.7, timeoutMs = 30_000, maxRetries = 3 } = options;
  const { clock = systemClock, telemetry = noopTelemetry } = options;
  const logger = redactingLogger(options.logger ?? noopLogger);
  checkTopK(topK);
  checkThreshold(threshold);
  const url = searchUrl(options.url, options.path ?? '/search');
  const breaker =
    options.circuitBreaker ??
    new CooldownBreaker({
      name: 'capability-service',
      // All calls of one request are one operation of the breaker.
      timeoutMs: (timeoutMs + maxDelayMs) * (maxRetries + 1),
      clock,
      telemetry,
    });

  const questionOf = (query: string, metadata: unknown): ServiceQuestion => {
    const headers: HeaderCarrier = {};
    telemetry.inject(headers);
    return { body: { query, top_k: topK, threshold, metadata }, headers };
  };
  const ask = (query: string, metadata: unknown, signal: AbortSignal): Promise<unknown> =>
    retry(
      () =>
        withTimeout((callSignal) => postToService(url, questionOf(query, metadata), callSignal), {
          timeoutMs,
          code: 'TIMEOUT',
          what: `The capability service at ${url.origin}`,
          signal,
          clock,
        }),
      { maxAttempts: maxRetries + 1, initialDelayMs, maxDelayMs, signal, clock },
    );

  let lastError: string | undefined;
  return {
    name: 'service',
    readsMetadata: true,
    get lastError() {
      return lastError;
    },
    offer: async (request, offer = {}) => {
      const { signal, metadata = {} } = offer;
      try {
        const { chosen, all } = await observeRetrieval(
          telemetry,
          { query: request, topK, kind: 'client' },
          async () => {
            const answer = await breaker.execute(
              (callSignal) => ask(request, redact(metadata), callSignal),
              signal === undefined ? {} : { signal },
            );
            const components = componentsOf(source);
            const found = readServiceAnswer(answer, components);
            if (found === undefined) throw badServiceAnswer(url, 'it has no list of capabilities');
            return { chosen: found, all: components };
          },
        );
        lastError = undefined;
        if (chosen.length > 0) {
          const offered = asComponents(chosen.slice(0, topK));
          recordOffer(telemetry, { provider: 'service', all, offered });
          return offered;
        }
        logger.info('The capability service named nothing that is registered; the fallback offers', {
          url: url.origin,
        });
      } catch (error) {
        if (signal?.aborted === true) throw error;
        lastError = error instanceof Error ? error.message : String(error);
        logger.warn('The capability service failed; the fallback offers', { url: url.origin, error });
      }
      telemetry.recordMetric(
        'gomind.fallback.used',
        1,
        { to: 'capability-provider' },
        { kind: 'counter', unit: '{fallback}' },
      );
      return fallback.offer(request, offer);
    },
  };
}

function searchUrl(base: string, path: string): URL {
  try {
    const url = new URL(`${base.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`);
    if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  } catch {
    // Said below, like every other address that cannot be used.
  }
  throw new GomindError({
    code: 'CONFIG_INVALID',
    message: `The capability service's address cannot be used (GOMIND_CAPABILITY_SERVICE_URL). Accepted: an http or https URL, for example http://capabilities:8080.`,
  });
}
