/**
 * The current OpenTelemetry context: ours when no SDK keeps one, the SDK's when it does.
 *
 * @module
 */
import type { Context } from '@opentelemetry/api';
import { currentFrame, runInFrame, type TraceIds } from '../context/active-frame.ts';
import type { Attempt } from './attempt.ts';
import type { OpenTelemetryApi } from './open-telemetry-api.ts';

/** Knows and sets the current context. */
export class ContextKeeper {
  readonly #api: OpenTelemetryApi;
  readonly #attempt: Attempt;

  constructor(api: OpenTelemetryApi, attempt: Attempt) {
    this.#api = api;
    this.#attempt = attempt;
  }

  /** The current context; the root context when there is none. */
  active(): Context {
    const frame = currentFrame();
    if (frame !== undefined && !frame.isManaged) return frame.context;
    return this.#attempt(() => this.#api.context.active()) ?? frame?.context ?? this.#api.ROOT_CONTEXT;
  }

  /** Ids of a context's span, if it has a valid one. */
  idsOf(context: Context): TraceIds | undefined {
    const spanContext = this.#attempt(() => this.#api.trace.getSpanContext(context));
    return spanContext !== undefined && this.#api.isSpanContextValid(spanContext) ? spanContext : undefined;
  }

  /**
   * Runs an operation with a context as the current one, for OpenTelemetry's own users too where an SDK is installed.
   *
   * @throws only what the operation throws
   */
  async run<T>(context: Context, operation: () => Promise<T>): Promise<T> {
    const ids = this.idsOf(context);
    let running: Promise<T> | undefined;
    const start = (isManaged: boolean): Promise<T> => runInFrame({ context, isManaged, ids }, async () => operation());
    this.#attempt(() => {
      this.#api.context.with(context, () => {
        running = start(this.#attempt(() => this.#api.context.active() === context) ?? false);
      });
    });
    return running ?? start(false);
  }
}
