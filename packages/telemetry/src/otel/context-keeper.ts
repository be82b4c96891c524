/**
 * The current OpenTelemetry context: ours when no SDK keeps one, the SDK's when it does.
 *
 * @module
 */
import type { LogFields } from '@gomind/core';
import type { Context } from '@opentelemetry/api';
import { currentFrame, framesHoldAllContexts, runInFrame, type TraceIds } from '../context/active-frame.ts';
import { joinedLogFields } from '../context/log-context.ts';
import type { Attempt } from './attempt.ts';
import type { OpenTelemetryApi } from './open-telemetry-api.ts';

/** What an operation runs in. */
export interface Surrounding {
  readonly context: Context;
  /** Ids of the context's span, if it has a valid one. */
  readonly ids: TraceIds | undefined;
  /** Joins those already in force. Default: none. */
  readonly logFields?: LogFields | undefined;
}

/** Knows and sets the current context. */
export class ContextKeeper {
  readonly #api: OpenTelemetryApi;
  readonly #attempt: Attempt;

  constructor(api: OpenTelemetryApi, attempt: Attempt) {
    this.#api = api;
    this.#attempt = attempt;
  }

  /** The current context, the root context when there is none, and the ids of its span. */
  current(): { readonly context: Context; readonly ids: TraceIds | undefined } {
    const frame = currentFrame()?.trace;
    if (frame !== undefined && !frame.isManaged) return frame;
    const context = this.#attempt(() => this.#api.context.active()) ?? frame?.context ?? this.#api.ROOT_CONTEXT;
    return context === frame?.context ? frame : { context, ids: this.idsOf(context) };
  }

  /** Ids of a context's span, if it has a valid one. */
  idsOf(context: Context): TraceIds | undefined {
    const spanContext = this.#attempt(() => this.#api.trace.getSpanContext(context));
    return spanContext !== undefined && this.#api.isSpanContextValid(spanContext) ? spanContext : undefined;
  }

  /**
   * Runs an operation with a context as the current one, for OpenTelemetry's own users too where an SDK is installed.
   *
   * @returns what the operation returns; what it throws is rejected with
   */
  run<T>({ context, ids, logFields }: Surrounding, operation: () => Promise<T>): Promise<T> {
    const fields = joinedLogFields(logFields);
    let running: Promise<T> | undefined;
    const start = (isManaged: boolean): Promise<T> =>
      runInFrame({ trace: { context, isManaged, ids }, logFields: fields }, () => promised(operation));
    if (framesHoldAllContexts()) return start(false);
    this.#attempt(() => {
      this.#api.context.with(context, () => {
        running = start(this.#attempt(() => this.#api.context.active() === context) ?? false);
      });
    });
    return running ?? start(false);
  }
}

/** Without the ticks that an async function adds to a promise; only an operation that throws at once needs one. */
function promised<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return operation();
  } catch (error) {
    return Promise.resolve().then(() => {
      throw error;
    });
  }
}
