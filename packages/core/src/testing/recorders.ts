/**
 * A logger and a telemetry that remember.
 *
 * @module
 */
import type { LogFields, Logger, LogLevel } from '../contracts/logger.ts';
import type {
  Attributes,
  AttributeValue,
  MetricOptions,
  Span,
  SpanOptions,
  Telemetry,
} from '../contracts/telemetry.ts';
import { AsyncLocalStorage } from 'node:async_hooks';

/** One remembered log record. */
export interface RecordedLog {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

/** A logger for tests. */
export interface RecordingLogger extends Logger {
  readonly records: readonly RecordedLog[];
}

/** Makes a logger that remembers; children write into the same list. */
export function createRecordingLogger(): RecordingLogger {
  return recordingLogger([], {});
}

function recordingLogger(records: RecordedLog[], bound: LogFields): RecordingLogger {
  const record =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      // Copied field by field: a getter that throws costs its field, not the caller.
      const copy: Record<string, unknown> = { ...bound };
      for (const key of Object.keys(fields)) {
        try {
          copy[key] = fields[key];
        } catch (error) {
          copy[key] = error;
        }
      }
      records.push({ level, message, fields: copy });
    };
  return {
    records,
    debug: record('debug'),
    info: record('info'),
    warn: record('warn'),
    error: record('error'),
    child: (fields) => recordingLogger(records, { ...bound, ...fields }),
  };
}

/** One remembered span. */
export interface RecordedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly kind: NonNullable<SpanOptions['kind']>;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly events: readonly { readonly name: string; readonly attributes: Attributes }[];
  readonly error: unknown;
  readonly isEnded: boolean;
}

/** One remembered value of a metric. */
export interface RecordedMetric {
  readonly name: string;
  readonly value: number;
  readonly attributes: Attributes;
  readonly options: MetricOptions;
}

/** A telemetry for tests. */
export interface RecordingTelemetry extends Telemetry {
  /** Spans in the order they were started. */
  readonly spans: readonly RecordedSpan[];
  readonly metrics: readonly RecordedMetric[];
}

interface Ids {
  readonly traceId: string;
  readonly spanId: string;
}

type MutableSpan = { -readonly [Key in keyof RecordedSpan]: RecordedSpan[Key] };

/** Makes a telemetry that remembers; ids are counted up, so that tests can name them. */
export function createRecordingTelemetry(): RecordingTelemetry {
  const spans: MutableSpan[] = [];
  const metrics: RecordedMetric[] = [];
  const current = new AsyncLocalStorage<Ids>();
  let count = 0;
  const nextId = (digits: number): string => (++count).toString(16).padStart(digits, '0');

  return {
    spans,
    metrics,
    withSpan: async (name, options, operation) => {
      const parent = current.getStore();
      const span: MutableSpan = {
        name,
        traceId: parent?.traceId ?? nextId(32),
        spanId: nextId(16),
        parentSpanId: parent?.spanId,
        kind: options.kind ?? 'internal',
        attributes: defined(options.attributes),
        events: [],
        error: undefined,
        isEnded: false,
      };
      spans.push(span);
      try {
        return await current.run(span, () => operation(spanFace(span)));
      } catch (error) {
        span.error ??= error;
        throw error;
      } finally {
        span.isEnded = true;
      }
    },
    recordMetric: (name, value, attributes = {}, options = {}) => {
      metrics.push({ name, value, attributes, options });
    },
    inject: (headers) => {
      const ids = current.getStore();
      if (ids !== undefined) headers['traceparent'] = `00-${ids.traceId}-${ids.spanId}-01`;
    },
    withRemoteContext: async (headers, operation) => {
      const match = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/.exec(headers['traceparent'] ?? '');
      if (match?.[1] === undefined || match[2] === undefined) return operation();
      return current.run({ traceId: match[1], spanId: match[2] }, operation);
    },
    currentIds: () => {
      const ids = current.getStore();
      return ids === undefined ? undefined : { traceId: ids.traceId, spanId: ids.spanId };
    },
  };
}

function spanFace(span: MutableSpan): Span {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    setAttributes: (attributes) => {
      span.attributes = { ...span.attributes, ...defined(attributes) };
    },
    addEvent: (name, attributes = {}) => {
      span.events = [...span.events, { name, attributes }];
    },
    recordError: (error) => {
      span.error = error;
    },
  };
}

function defined(attributes: Attributes = {}): Record<string, AttributeValue> {
  return Object.fromEntries(
    Object.entries(attributes).filter((entry): entry is [string, AttributeValue] => entry[1] !== undefined),
  );
}
