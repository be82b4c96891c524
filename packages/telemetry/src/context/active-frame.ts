/**
 * What is current within one asynchronous flow, kept by ourselves: OpenTelemetry's API forgets its context at once when no SDK
 * has registered a context manager, and then neither logs nor outgoing headers could name the trace. One store for all of it,
 * because every store costs something at each promise.
 *
 * @module
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { LogFields } from '@gomind/core';
import type { Context } from '@opentelemetry/api';

/** Trace and span id as in W3C trace context. */
export interface TraceIds {
  readonly traceId: string;
  readonly spanId: string;
}

/** A trace context that somebody has made the current one. */
export interface TraceFrame {
  readonly context: Context;
  /** True when a context manager of an SDK keeps the context too; it then knows spans that others began inside ours. */
  readonly isManaged: boolean;
  /** Ids of the context's span. */
  readonly ids: TraceIds | undefined;
}

/** What is current. */
export interface ActiveFrame {
  readonly trace: TraceFrame | undefined;
  /** Fields of every log record. */
  readonly logFields: LogFields | undefined;
}

const storage = new AsyncLocalStorage<ActiveFrame | undefined>();
let holdsAll = false;

/** The frame of the innermost operation around the caller. */
export function currentFrame(): ActiveFrame | undefined {
  return storage.getStore();
}

/** Runs an operation, and all that it starts, in a frame. */
export function runInFrame<T>(frame: ActiveFrame, operation: () => T): T {
  return storage.run(frame, operation);
}

/** Makes a frame the current one for the rest of this flow; undefined for none. */
export function enterFrame(frame: ActiveFrame | undefined): void {
  storage.enterWith(frame);
}

/** Whether OpenTelemetry keeps its contexts in these frames, so that nothing has to be kept twice. */
export function framesHoldAllContexts(): boolean {
  return holdsAll;
}

/** Says that a context manager on these frames was registered, or taken back. */
export function setFramesHoldAllContexts(value: boolean): void {
  holdsAll = value;
}
