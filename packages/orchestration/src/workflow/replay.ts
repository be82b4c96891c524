/**
 * Holds a workflow to a recorded run: the same calls, answered from the recording, and no others.
 *
 * @module
 */
import { canonicalJson, GomindError } from '@gomind/core';
import type { ComponentCall } from '../execution/execute-plan.ts';
import type { PromotableRun } from './promote-run.ts';

/** One call of a recorded run, and its answer. */
export interface RecordedCall {
  readonly component: string;
  readonly action: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly output: unknown;
}

/**
 * The calls of a completed run.
 *
 * @param run a run with its plan
 */
export function recordedCalls(run: PromotableRun): RecordedCall[] {
  return (run.plan?.steps ?? []).flatMap(({ name, component, action }) => {
    const result = run.steps[name];
    if (result?.status !== 'completed') return [];
    return [{ component: component ?? '', action: action ?? '', inputs: result.inputs ?? {}, output: result.output }];
  });
}

/** Answers calls from a recording. */
export class ReplayCalls {
  readonly #left: RecordedCall[];

  /** @param calls what was recorded */
  constructor(calls: readonly RecordedCall[]) {
    this.#left = [...calls];
  }

  /** Recorded calls that were not made (yet). */
  get left(): readonly RecordedCall[] {
    return this.#left;
  }

  /**
   * The recorded answer of a call.
   *
   * @throws GomindError `REPLAY_MISMATCH` for a call that was not recorded
   */
  call({ component, action, inputs }: Pick<ComponentCall, 'component' | 'action' | 'inputs'>): Promise<unknown> {
    const key = canonicalJson(inputs);
    const index = this.#left.findIndex(
      (recorded) =>
        recorded.component === component && recorded.action === action && canonicalJson(recorded.inputs) === key,
    );
    const [found] = index === -1 ? [] : this.#left.splice(index, 1);
    if (found !== undefined) return Promise.resolve(found.output);
    return Promise.reject(
      new GomindError({
        code: 'REPLAY_MISMATCH',
        message: `The recorded run has no call of ${component}.${action} with ${key.slice(0, 300)}.`,
      }),
    );
  }
}
