/**
 * Spans, metrics and trace context, without knowing who collects them. `@gomind/telemetry` implements it on OpenTelemetry.
 *
 * @module
 */

/** Values of span attributes and metric labels. */
export type AttributeValue = string | number | boolean | readonly string[] | readonly number[] | readonly boolean[];

/** Named attributes; an undefined value is left out. */
export type Attributes = Readonly<Record<string, AttributeValue | undefined>>;

/** One timed operation of a trace. Methods never throw. */
export interface Span {
  setAttributes(attributes: Attributes): void;
  addEvent(name: string, attributes?: Attributes): void;
  /** Records the error and marks the span as failed. */
  recordError(error: unknown): void;
  /** Ids as in W3C trace context, or undefined when nothing is recorded. */
  readonly traceId?: string | undefined;
  readonly spanId?: string | undefined;
  /** True where texts of people, models and tools are wanted as attributes. They are costly to write, so look here first. */
  readonly capturesContent?: boolean | undefined;
}

/** Options of a span. */
export interface SpanOptions {
  readonly attributes?: Attributes;
  /** Default: `internal`. */
  readonly kind?: 'internal' | 'client' | 'server' | 'producer' | 'consumer';
}

/** How a measured value is aggregated, and its unit (UCUM, for example `s` or `{token}`). */
export interface MetricOptions {
  /** Default: `histogram`. */
  readonly kind?: 'counter' | 'histogram' | 'gauge';
  readonly unit?: string;
  readonly description?: string;
}

/** Header names and values, lower case. */
export type HeaderCarrier = Record<string, string>;

/** Observability of the house. Methods never throw on their own account. */
export interface Telemetry {
  /**
   * Runs an operation inside a new child span of the current one; ends the span when it settles and records its error.
   *
   * @returns what the operation returns
   * @throws only what the operation throws
   */
  withSpan<T>(name: string, options: SpanOptions, operation: (span: Span) => Promise<T>): Promise<T>;
  /** Records one value of a metric; names and units are fixed by the first call. */
  recordMetric(name: string, value: number, attributes?: Attributes, options?: MetricOptions): void;
  /** Writes the current trace context (W3C `traceparent`, `tracestate`, `baggage`) into headers. */
  inject(headers: HeaderCarrier): void;
  /** Runs an operation with the trace context read from headers as the current one. */
  withRemoteContext<T>(headers: Readonly<Record<string, string | undefined>>, operation: () => Promise<T>): Promise<T>;
  /** Trace and span id of the current span, if one is recorded. */
  currentIds(): { readonly traceId: string; readonly spanId: string } | undefined;
}

const noopSpan: Span = {
  setAttributes: () => undefined,
  addEvent: () => undefined,
  recordError: () => undefined,
};

/** Records nothing. */
export const noopTelemetry: Telemetry = {
  // No async function: its promise and ticks would be most of what this costs.
  withSpan: (_name, _options, operation) => {
    try {
      return operation(noopSpan);
    } catch (error) {
      return Promise.resolve().then(() => {
        throw error;
      });
    }
  },
  recordMetric: () => undefined,
  inject: () => undefined,
  withRemoteContext: async (_headers, operation) => operation(),
  currentIds: () => undefined,
};
