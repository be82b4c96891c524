/**
 * What is seen of a piece of work: a span, and how long it took.
 *
 * @module
 */
import {
  type Attributes,
  type Clock,
  GomindError,
  type Span,
  type SpanOptions,
  type Telemetry,
  withoutStack,
} from '@gomind/core';

/** Names of what is seen. */
export interface Observation<T> extends SpanOptions {
  readonly span: string;
  /** A histogram of seconds, with `error.type` where it failed. */
  readonly metric: string;
  readonly metricAttributes: Attributes;
  /** Why a result counts as a failure; undefined when it does not. Default: no result does. */
  readonly errorOf?: (result: T) => { readonly code: string; readonly message: string } | undefined;
}

/** Runs work inside a span, and records how long it took, however it ended. */
export async function observe<T>(
  { telemetry, clock }: { readonly telemetry: Telemetry; readonly clock: Clock },
  { span: name, metric, metricAttributes, errorOf, ...options }: Observation<T>,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const startedAt = clock.monotonicMs();
  const record = (errorType: string | undefined): void => {
    telemetry.recordMetric(
      metric,
      (clock.monotonicMs() - startedAt) / 1_000,
      { ...metricAttributes, 'error.type': errorType },
      { kind: 'histogram', unit: 's' },
    );
  };
  try {
    const result = await telemetry.withSpan(name, options, async (span) => {
      const done = await work(span);
      const failure = errorOf?.(done);
      // It was thrown somewhere else, if at all: a stack from here would lead astray.
      if (failure !== undefined) span.recordError(withoutStack(() => new GomindError(failure)));
      return done;
    });
    record(errorOf?.(result)?.code);
    return result;
  } catch (error) {
    record(GomindError.isInstance(error) ? error.code : 'unknown');
    throw error;
  }
}
