/**
 * The tracer of a provider, and whether anybody listens.
 *
 * @module
 */
import type { Tracer, TracerProvider } from '@opentelemetry/api';

/** What `trace.getTracerProvider()` returns: a provider that stands in for one that may come later. */
interface StandIn {
  /** Undefined until a provider is registered. */
  getDelegateTracer?(name: string): Tracer | undefined;
}

/** Keeps the tracer of the last provider. */
export class TracerSource {
  readonly #provider: () => TracerProvider;
  readonly #scopeName: string;
  #last: { readonly provider: TracerProvider; readonly tracer: Tracer } | undefined;

  /** @param provider asked at each span: an SDK may be registered, or taken back, after the first */
  constructor(provider: () => TracerProvider, scopeName: string) {
    this.#provider = provider;
    this.#scopeName = scopeName;
  }

  /** Undefined while no SDK is registered. */
  tracer(): Tracer | undefined {
    const provider: TracerProvider & StandIn = this.#provider();
    if (this.#last?.provider === provider) return this.#last.tracer;
    const tracer =
      provider.getDelegateTracer === undefined
        ? provider.getTracer(this.#scopeName)
        : provider.getDelegateTracer(this.#scopeName);
    this.#last = tracer === undefined ? undefined : { provider, tracer };
    return tracer;
  }
}
