/**
 * One JSON object a line on stderr, with the ids that tie a record to its trace and run.
 *
 * @module
 */
import {
  createStderrLogger,
  type LogFields,
  type Logger,
  type StderrLoggerOptions,
  type Telemetry,
} from '@gomind/core';
import { currentFrame } from '../context/active-frame.ts';
import { currentLogFields } from '../context/log-context.ts';

/** Options of {@link createJsonLogger}: those of core's stderr logger, and where the ids come from. */
export interface JsonLoggerOptions extends StderrLoggerOptions {
  /**
   * Asked for the current ids; it also knows spans that other code began inside ours.
   * Default: the innermost span of any telemetry made by `createTelemetry`; of any instrumentation once `setupTelemetry` ran.
   */
  readonly telemetry?: Telemetry | undefined;
}

/**
 * Makes a logger whose records carry `trace_id` and `span_id` of the current span, `run_id` and `step_id` of the run
 * at work (of its spans, or of the call being answered, see `withRemoteContext`), and the fields of `withLogContext`.
 *
 * @returns a logger that never throws
 */
export function createJsonLogger(options: JsonLoggerOptions = {}): Logger {
  const { telemetry, context, ...rest } = options;
  const currentContext = (): LogFields => {
    const ids = telemetry === undefined ? currentFrame()?.trace?.ids : telemetry.currentIds();
    const idFields = ids === undefined ? {} : { trace_id: ids.traceId, span_id: ids.spanId };
    return { ...idFields, ...currentLogFields(), ...context?.() };
  };
  return createStderrLogger({ ...rest, context: currentContext });
}
