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
  type Span,
  type SpanOptions,
  systemClock,
  type Telemetry,
} from '@gomind/core';
import type { Context, MeterProvider, Span as OpenTelemetrySpan, TracerProvider } from '@opentelemetry/api';
import type { TraceIds } from '../context/active-frame.ts';
import { withLogContext } from '../context/log-context.ts';
import { runFields, spanFields } from '../context/run-headers.ts';
import { type Attempt, createAttempt } from './attempt.ts';
import { cleanText, toOpenTelemetryAttributes } from './attributes.ts';
import { ContextKeeper } from './context-keeper.ts';
import { GuardedSpan } from './guarded-span.ts';
import { extractContext, injectContext } from './header-context.ts';
import { InstrumentCache } from './instrument-cache.ts';
import { loadOpenTelemetryApi, type OpenTelemetryApi } from './open-telemetry-api.ts';
import type { Surroundings } from './surroundings.ts';

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
  readonly #surroundings: Surroundings;
  readonly #scopeName: string;

  constructor(options: TelemetryOptions) {
    this.#options = options;
    this.#attempt = createAttempt(options.logger ?? noopLogger);
    const includeGenAi = options.genAiConventions ?? true;
    this.#surroundings = {
      api: this.#api,
      attempt: this.#attempt,
      includeGenAi,
      includeContent: options.captureContent ?? false,
    };
    this.#contexts = new ContextKeeper(this.#api, this.#attempt);
    this.#scopeName = options.serviceName ?? 'gomind';
    this.#instruments = new InstrumentCache({
      meterProvider: () => options.meterProvider ?? this.#api.metrics.getMeterProvider(),
      scopeName: this.#scopeName,
      maxInstruments: options.maxInstruments ?? defaultMaxInstruments,
      includeGenAi,
      attempt: this.#attempt,
    });
  }

  async withSpan<T>(name: string, options: SpanOptions, operation: (span: Span) => Promise<T>): Promise<T> {
    const parent = this.#contexts.active();
    const { span, ids } = this.#startSpan(name, options, parent);
    const guarded = new GuardedSpan(span, ids, this.#surroundings);
    const context = this.#api.trace.setSpan(parent, span);
    try {
      const run = (): Promise<T> => this.#contexts.run(context, () => operation(guarded));
      const fields = spanFields(options.attributes);
      return await (fields === undefined ? run() : withLogContext(fields, run));
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
      injectContext(this.#surroundings, this.#contexts.active(), headers);
    });
  }

  async withRemoteContext<T>(
    headers: Readonly<Record<string, string | undefined>>,
    operation: () => Promise<T>,
  ): Promise<T> {
    const current = this.#contexts.active();
    const context = this.#attempt(() => extractContext(this.#surroundings, current, headers)) ?? current;
    return withLogContext(runFields(headers), () => this.#contexts.run(context, operation));
  }

  currentIds(): TraceIds | undefined {
    const ids = this.#contexts.idsOf(this.#contexts.active());
    return ids === undefined ? undefined : { traceId: ids.traceId, spanId: ids.spanId };
  }

  #startSpan(name: string, options: SpanOptions, parent: Context): { span: OpenTelemetrySpan; ids: TraceIds } {
    const parentIds = this.#contexts.idsOf(parent);
    const recorded = this.#attempt(() => {
      const provider = this.#options.tracerProvider ?? this.#api.trace.getTracerProvider();
      const attributes = toOpenTelemetryAttributes(options.attributes ?? {}, this.#surroundings);
      const span = provider
        .getTracer(this.#scopeName)
        .startSpan(
          cleanText(name),
          { kind: this.#api.SpanKind[spanKinds[options.kind ?? 'internal']], attributes },
          parent,
        );
      return { span, ids: span.spanContext() };
    });
    // Without an SDK the API hands back the parent itself, or a span with ids of zeros.
    const isOwn = recorded !== undefined && recorded.ids.spanId !== parentIds?.spanId;
    return isOwn && this.#api.isSpanContextValid(recorded.ids) ? recorded : this.#startUnrecordedSpan(parent);
  }

  /** A span that nobody collects, with ids of its own: logs and outgoing headers still name the trace. */
  #startUnrecordedSpan(parent: Context): { span: OpenTelemetrySpan; ids: TraceIds } {
    const parentContext =
      this.#contexts.idsOf(parent) === undefined ? undefined : this.#api.trace.getSpanContext(parent);
    const clock = this.#options.clock ?? systemClock;
    const ids = {
      traceId: parentContext?.traceId ?? hexOf(clock.uuid()),
      // The second half of a random UUID: 62 random bits, never all zero.
      spanId: hexOf(clock.uuid()).slice(16),
      traceFlags: parentContext?.traceFlags ?? (this.#options.sampleWithoutSdk === true ? sampledFlag : 0),
      ...(parentContext?.traceState === undefined ? {} : { traceState: parentContext.traceState }),
    };
    return { span: this.#api.trace.wrapSpanContext(ids), ids };
  }
}

function hexOf(uuid: string): string {
  return uuid.replaceAll('-', '').toLowerCase();
}

/**
 * Makes a Telemetry that hands everything to OpenTelemetry and never fails because of it.
 *
 * With no SDK installed nothing is collected, yet spans have valid ids, so that logs and headers tie together the work of
 * many services.
 *
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
