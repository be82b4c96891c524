/**
 * core's Telemetry on OpenTelemetry's API. Which SDK collects, if any, is the application's choice.
 *
 * @module
 */
import {
  type Attributes,
  type Clock,
  type HeaderCarrier,
  type Logger,
  type MetricOptions,
  noopLogger,
  redactingLogger,
  type Span,
  type SpanOptions,
  systemClock,
  type Telemetry,
} from '@gomind/core';
import type { MeterProvider, Span as OpenTelemetrySpan, SpanContext, TracerProvider } from '@opentelemetry/api';
import type { TraceIds } from '../context/active-frame.ts';
import { runFields, spanFields } from '../context/run-headers.ts';
import { type Attempt, createAttempt } from './attempt.ts';
import { cleanText, toOpenTelemetryAttributes } from './attributes.ts';
import { ContextKeeper, type Surrounding } from './context-keeper.ts';
import { GuardedSpan } from './guarded-span.ts';
import { extractContext, injectContext } from './header-context.ts';
import { InstrumentCache } from './instrument-cache.ts';
import { loadOpenTelemetryApi, type OpenTelemetryApi } from './open-telemetry-api.ts';
import type { Surroundings } from './surroundings.ts';
import { TracerSource } from './tracer-source.ts';

/** Options of {@link createTelemetry}. */
export interface TelemetryOptions {
  /**
   * Name of the instrumentation scope of all spans and metrics. (The resource attribute `service.name` belongs to the SDK.)
   * Default: `gomind`.
   */
  readonly serviceName?: string | undefined;
  /** Default: the one registered globally, also when that happens later. */
  readonly tracerProvider?: TracerProvider | undefined;
  /** Default: the one registered globally, also when that happens later. */
  readonly meterProvider?: MeterProvider | undefined;
  /** Metric names kept at most; values of further names are dropped. Default: 1,000. */
  readonly maxInstruments?: number | undefined;
  /** False leaves every attribute and metric named `gen_ai.*` out. Default: true. */
  readonly genAiConventions?: boolean | undefined;
  /** True lets texts of models and tools onto spans, without secrets and cut to 8,192 characters. Default: false. */
  readonly captureContent?: boolean | undefined;
  /**
   * The sampled flag of traces that begin here while no SDK is installed. False is the truth (nothing is recorded), but
   * services downstream that obey their caller's choice then record nothing either; true asks them to. Default: false.
   */
  readonly sampleWithoutSdk?: boolean | undefined;
  /** Source of ids when no SDK makes them. Default: the machine's. */
  readonly clock?: Clock | undefined;
  /** Hears of the first failure of a provider. Default: none. */
  readonly logger?: Logger | undefined;
}

const spanKinds = {
  internal: 'INTERNAL',
  server: 'SERVER',
  client: 'CLIENT',
  producer: 'PRODUCER',
  consumer: 'CONSUMER',
} as const;
const defaultMaxInstruments = 1_000;
const sampledFlag = 1;

class OpenTelemetryTelemetry implements Telemetry {
  readonly #api: OpenTelemetryApi = loadOpenTelemetryApi();
  readonly #options: TelemetryOptions;
  readonly #attempt: Attempt;
  readonly #contexts: ContextKeeper;
  readonly #instruments: InstrumentCache;
  readonly #tracers: TracerSource;
  readonly #surroundings: Surroundings;

  constructor(options: TelemetryOptions) {
    this.#options = options;
    this.#attempt = createAttempt(redactingLogger(options.logger ?? noopLogger));
    const includeGenAi = options.genAiConventions ?? true;
    this.#surroundings = {
      api: this.#api,
      attempt: this.#attempt,
      includeGenAi,
      includeContent: options.captureContent ?? false,
    };
    this.#contexts = new ContextKeeper(this.#api, this.#attempt);
    const scopeName = options.serviceName ?? 'gomind';
    this.#tracers = new TracerSource(() => options.tracerProvider ?? this.#api.trace.getTracerProvider(), scopeName);
    this.#instruments = new InstrumentCache({
      meterProvider: () => options.meterProvider ?? this.#api.metrics.getMeterProvider(),
      noopMeter: this.#api.createNoopMeter(),
      scopeName,
      maxInstruments: options.maxInstruments ?? defaultMaxInstruments,
      includeGenAi,
      attempt: this.#attempt,
    });
  }

  async withSpan<T>(name: string, options: SpanOptions, operation: (span: Span) => Promise<T>): Promise<T> {
    const parent = this.#contexts.current();
    const { span, ids } = this.#startSpan(name, options, parent);
    const guarded = new GuardedSpan(span, ids, this.#surroundings);
    const context = this.#api.trace.setSpan(parent.context, span);
    const logFields = spanFields(options.attributes);
    try {
      return await this.#contexts.run({ context, ids, logFields }, () => operation(guarded));
    } catch (error) {
      guarded.recordError(error);
      throw error;
    } finally {
      guarded.end();
    }
  }

  recordMetric(name: string, value: number, attributes: Attributes = {}, options: MetricOptions = {}): void {
    this.#instruments.record(name, value, attributes, options);
  }

  inject(headers: HeaderCarrier): void {
    this.#attempt(() => {
      injectContext(this.#surroundings, this.#contexts.current().context, headers);
    });
  }

  async withRemoteContext<T>(
    headers: Readonly<Record<string, string | undefined>>,
    operation: () => Promise<T>,
  ): Promise<T> {
    const current = this.#contexts.current().context;
    const context = this.#attempt(() => extractContext(this.#surroundings, current, headers)) ?? current;
    const surrounding = { context, ids: this.#contexts.idsOf(context), logFields: runFields(headers) };
    return this.#contexts.run(surrounding, operation);
  }

  currentIds(): TraceIds | undefined {
    const { ids } = this.#contexts.current();
    return ids === undefined ? undefined : { traceId: ids.traceId, spanId: ids.spanId };
  }

  #startSpan(name: string, options: SpanOptions, parent: Surrounding): { span: OpenTelemetrySpan; ids: TraceIds } {
    const recorded = this.#attempt(() => {
      const tracer = this.#tracers.tracer();
      if (tracer === undefined) return undefined;
      const kind = this.#api.SpanKind[spanKinds[options.kind ?? 'internal']];
      const attributes = toOpenTelemetryAttributes(options.attributes ?? {}, this.#surroundings);
      const span = tracer.startSpan(cleanText(name), { kind, attributes }, parent.context);
      return { span, ids: span.spanContext() };
    });
    if (recorded === undefined) return this.#startUnrecordedSpan(parent);
    // A tracer that does nothing hands back the parent itself, or a span with ids of zeros.
    const isOwn = recorded.ids.spanId !== parent.ids?.spanId && this.#api.isSpanContextValid(recorded.ids);
    return isOwn ? recorded : this.#startUnrecordedSpan(parent);
  }

  /** A span that nobody collects, with ids of its own: logs and outgoing headers still name the trace. */
  #startUnrecordedSpan(parent: Surrounding): { span: OpenTelemetrySpan; ids: TraceIds } {
    const parentContext = parent.ids === undefined ? undefined : this.#api.trace.getSpanContext(parent.context);
    const clock = this.#options.clock ?? systemClock;
    const traceState = parentContext?.traceState;
    const ids: SpanContext = {
      traceId: parentContext?.traceId ?? traceIdOf(clock.uuid()),
      spanId: spanIdOf(clock.uuid()),
      traceFlags: parentContext?.traceFlags ?? (this.#options.sampleWithoutSdk === true ? sampledFlag : 0),
      ...(traceState === undefined ? undefined : { traceState }),
    };
    return { span: this.#api.trace.wrapSpanContext(ids), ids };
  }
}

function traceIdOf(uuid: string): string {
  return `${uuid.slice(0, 8)}${uuid.slice(9, 13)}${uuid.slice(14, 18)}${uuid.slice(19, 23)}${uuid.slice(24)}`.toLowerCase();
}

/** The second half of a random UUID: 62 random bits, never all zero. */
function spanIdOf(uuid: string): string {
  return `${uuid.slice(19, 23)}${uuid.slice(24)}`.toLowerCase();
}

/**
 * Makes a Telemetry that hands everything to OpenTelemetry and never fails because of it.
 *
 * With no SDK installed nothing is collected, yet spans have valid ids, so that logs and headers tie together the work of
 * many services.
 *
 * @throws GomindError `CONFIG_INVALID` for a logger that is none
 * @example
 * ```ts
 * const telemetry = createTelemetry({ serviceName: 'travel-assistant' });
 * await telemetry.withSpan('plan', {}, async (span) => {
 *   span.setAttributes({ [gomindAttribute.planStepCount]: 3 });
 * });
 * ```
 */
export function createTelemetry(options: TelemetryOptions = {}): Telemetry {
  return new OpenTelemetryTelemetry(options);
}
