/**
 * A plan that runs inside a step, as the step sees it.
 *
 * @module
 */
import { cancellationError, GomindError } from '@gomind/core';
import type { ExecutionResult } from '../../plan/execution-result.ts';

/** A plan that runs inside a step. */
export interface NestedRun {
  /** To be called once, by who can be told of a cancellation meanwhile. */
  readonly start: () => void;
  /** Never rejects for a failed step. */
  readonly ended: Promise<ExecutionResult>;
  readonly cancel: (reason: GomindError) => void;
}

/** Lets a signal cancel a nested plan. */
export function withSignal(nested: NestedRun, signal: AbortSignal | undefined): NestedRun {
  if (signal === undefined) return nested;
  const onAbort = (): void => {
    nested.cancel(cancellationError(signal, 'The nested plan'));
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  const ended = nested.ended.finally(() => {
    signal.removeEventListener('abort', onAbort);
  });
  return { ...nested, ended };
}

/** Why a run, or a plan inside it, was given up when its time was over. */
export function runTimeout(timeoutMs: number): GomindError {
  return new GomindError({
    code: 'RUN_TIMEOUT',
    message: `The run took longer than ${String(timeoutMs)} ms`,
    details: { timeoutMs },
  });
}
