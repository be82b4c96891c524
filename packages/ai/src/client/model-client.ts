/**
 * The `AIClient` around a driver: deadlines, idle limits, cancellation, error codes, cost, spans, hooks.
 *
 * - A call ends by its deadline whatever the SDK does, and its connection is let go of.
 * - A stream that began ends when no piece comes for `idleTimeoutMs`.
 * - Nothing is retried: retries live in one layer, above.
 *
 * @module
 */
import {
  type AIClient,
  type AIClientCapabilities,
  type AIEmbedRequest,
  type AIEmbedResponse,
  type AIRequest,
  type AIResponse,
  type AIStreamPart,
  type AIUsage,
  GomindError,
  type LinkedAbort,
  linkedAbort,
  withTimeout,
} from '@gomind/core';
import { costUsd, priceOf } from '../pricing/cost.ts';
import { badResponse, mapError } from '../wire/map-error.ts';
import { detailsOf, type ModelPlace, shownModel } from '../wire/model-place.ts';
import { CallObserver } from './call-observer.ts';
import { checkChatRequest, checkEmbedRequest } from './check-request.ts';
import { embedInBatches } from './embed-batches.ts';
import type { DriverCall, ModelDriver, TraceHeaders } from './model-driver.ts';
import type { ModelSettings } from './model-options.ts';

/** A client of one provider. */
export class ModelClient implements AIClient {
  readonly provider: string;
  readonly isConfigured = true;
  readonly capabilities: AIClientCapabilities;
  readonly #driver: ModelDriver;
  readonly #settings: ModelSettings;
  readonly #observer: CallObserver;
  readonly #running = new Set<LinkedAbort>();
  #isClosed = false;

  constructor(driver: ModelDriver, settings: ModelSettings) {
    this.provider = driver.provider;
    this.capabilities = driver.capabilities;
    this.#driver = driver;
    this.#settings = settings;
    this.#observer = new CallObserver(settings);
  }

  priceUsd(usage: Pick<AIUsage, 'inputTokens' | 'outputTokens'>, requested?: string): number | undefined {
    const { model } = this.#driver.placeOf(requested, 'chat');
    const price = priceOf(this.#settings.prices, { provider: this.provider, model, requestedModel: model });
    return price === undefined ? undefined : costUsd(price, usage);
  }

  async generate(request: AIRequest): Promise<AIResponse> {
    checkChatRequest(request);
    const place = this.#driver.placeOf(request.model, 'chat');
    return this.#observer.run({ ...about(place, 'chat'), isStream: false, request }, (traceHeaders) =>
      this.#withDeadline(request, place, async (signal) =>
        this.#priced(await this.#driver.generate(request, { place, signal, traceHeaders }), place),
      ),
    );
  }

  async *stream(request: AIRequest): AsyncGenerator<AIStreamPart, void, undefined> {
    checkChatRequest(request);
    const place = this.#driver.placeOf(request.model, 'chat');
    const outcome = Promise.withResolvers<AIResponse>();
    let traceHeaders: TraceHeaders = {};
    const observed = this.#observer.run({ ...about(place, 'chat'), isStream: true, request }, (headers) => {
      traceHeaders = headers;
      return outcome.promise;
    });
    // Whoever reads the stream gets the error; the observer only looks on.
    observed.catch(() => undefined);
    try {
      for await (const part of this.#pieces(request, { place, traceHeaders })) {
        if (part.type === 'finish') outcome.resolve(part.response);
        yield part;
      }
    } catch (error) {
      outcome.reject(error);
      throw error;
    } finally {
      outcome.reject(new GomindError({ code: 'CANCELLED', message: `The stream of ${shownModel(place)} was left` }));
    }
  }

  async embed(request: AIEmbedRequest): Promise<AIEmbedResponse> {
    checkEmbedRequest(request);
    const place = this.#driver.placeOf(request.model, 'embeddings');
    if (request.values.length === 0) {
      return { embeddings: [], ...detailsOf(place), usage: { inputTokens: 0, totalTokens: 0 } };
    }
    return this.#observer.run({ ...about(place, 'embeddings'), isStream: false, request }, (traceHeaders) =>
      this.#withDeadline(request, place, async (signal) => {
        const response = await embedInBatches(request.values, await this.#driver.maxEmbedBatch(), (values) =>
          this.#driver.embed({ ...request, values }, { place, signal, traceHeaders }),
        );
        return this.#priced(response, place);
      }),
    );
  }

  /** Ends the calls that are under way with `CLOSED`. */
  close(): Promise<void> {
    this.#isClosed = true;
    for (const abort of this.#running) abort.abort(closedError());
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The pieces of a stream, under its deadline and idle limit, with errors mapped. */
  async *#pieces(
    request: AIRequest,
    { place, traceHeaders }: Omit<DriverCall, 'signal'>,
  ): AsyncGenerator<AIStreamPart, void, undefined> {
    const { clock, idleTimeoutMs } = this.#settings;
    const wholeMs = request.timeoutMs ?? this.#settings.streamTimeoutMs;
    const abort = this.#begin(request.signal);
    const cancelDeadline = clock.setTimer(() => {
      abort.abort(timeoutError(place, `The answer of ${shownModel(place)} took longer than ${String(wholeMs)} ms`));
    }, wholeMs);
    let iterator: AsyncIterator<AIStreamPart> | undefined;
    try {
      this.#requireOpen(abort.signal);
      iterator = this.#driver.stream(request, { place, signal: abort.signal, traceHeaders })[Symbol.asyncIterator]();
      const pieces = iterator;
      for (let limitMs = Math.min(this.#settings.timeoutMs, wholeMs); ; limitMs = idleTimeoutMs) {
        const next = await withTimeout(() => pieces.next(), {
          timeoutMs: limitMs,
          code: 'MODEL_TIMEOUT',
          what: `Waiting for the next piece of the answer of ${shownModel(place)}`,
          details: detailsOf(place),
          signal: abort.signal,
          clock,
        });
        if (next.done === true) throw badResponse(place, 'a stream without an end');
        if (next.value.type === 'finish') {
          yield { type: 'finish', response: this.#priced(next.value.response, place) };
          return;
        }
        if (next.value.text !== '') yield next.value;
      }
    } catch (error) {
      throw this.#mapped(error, place, abort.signal);
    } finally {
      cancelDeadline();
      this.#end(abort);
      // Whoever leaves early, or was thrown out by a limit, leaves no open connection behind.
      abort.abort(new GomindError({ code: 'CANCELLED', message: 'The stream was left' }));
      iterator?.return?.().catch(() => undefined);
    }
  }

  async #withDeadline<T>(
    request: Pick<AIRequest, 'timeoutMs' | 'signal'>,
    place: ModelPlace,
    operation: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const abort = this.#begin(request.signal);
    try {
      this.#requireOpen(abort.signal);
      return await withTimeout(operation, {
        timeoutMs: request.timeoutMs ?? this.#settings.timeoutMs,
        code: 'MODEL_TIMEOUT',
        what: `The call of ${shownModel(place)}`,
        details: detailsOf(place),
        signal: abort.signal,
        clock: this.#settings.clock,
      });
    } catch (error) {
      throw this.#mapped(error, place, abort.signal);
    } finally {
      this.#end(abort);
    }
  }

  #begin(signal: AbortSignal | undefined): LinkedAbort {
    const abort = linkedAbort(signal);
    this.#running.add(abort);
    return abort;
  }

  #end(abort: LinkedAbort): void {
    this.#running.delete(abort);
    abort.unlink();
  }

  #requireOpen(signal: AbortSignal): void {
    if (this.#isClosed) throw closedError();
    signal.throwIfAborted();
  }

  #mapped(error: unknown, place: ModelPlace, signal: AbortSignal): GomindError {
    return mapError(error, {
      place,
      abortedSignal: signal.aborted ? signal : undefined,
      now: this.#settings.clock.now(),
    });
  }

  #priced<T extends AIResponse | AIEmbedResponse>(response: T, place: ModelPlace): T {
    const { provider } = this;
    const price = priceOf(this.#settings.prices, { provider, model: response.model, requestedModel: place.model });
    if (price === undefined || response.usage.totalTokens === 0) return response;
    return {
      ...response,
      usage: { ...response.usage, costUsd: costUsd(price, { outputTokens: 0, ...response.usage }) },
    };
  }
}

function about(place: ModelPlace, operation: 'chat' | 'embeddings') {
  return { ...detailsOf(place), operation };
}

function timeoutError(place: ModelPlace, message: string): GomindError {
  return new GomindError({ code: 'MODEL_TIMEOUT', message, isRetryable: true, details: detailsOf(place) });
}

function closedError(): GomindError {
  return new GomindError({ code: 'CLOSED', message: 'The AI client is closed. Make another one.' });
}
