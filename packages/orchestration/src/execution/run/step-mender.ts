/**
 * What a call of a step went through when it failed for good and was mended: other inputs, other components. Asks the handler of
 * its kind whether there is a way, and remembers what was tried, so that nothing is tried twice.
 *
 * @module
 */
import type { GomindError } from '@gomind/core';
import type { PlanStep } from '../../plan/routing-plan.ts';
import type { CallAttempt, Recovery } from '../../recovery/failed-call.ts';
import type { SharedRun } from './shared-run.ts';
import type { FailedStep, StepHandler } from '../step-handler.ts';

/** The call that is to be mended, as it stands. */
export type BrokenCall = Pick<
  FailedStep,
  'error' | 'inputs' | 'shownInputs' | 'isApproved' | 'origin' | 'scope' | 'budget'
>;

/** Mends of one call, whatever they are. */
const maxMends = 4;

/** The mends of one call. */
export class StepMender {
  readonly #shared: SharedRun;
  readonly #name: string;
  readonly #earlier: CallAttempt[] = [];
  readonly #triedComponents: string[] = [];
  #questions = 0;
  #abort: AbortController | undefined;

  /** @param name of the step in the run's stream of events */
  constructor(shared: SharedRun, name: string) {
    this.#shared = shared;
    this.#name = name;
  }

  /**
   * Looks for a way to go on. Calls back once, unless it is called off before.
   *
   * @param call what failed
   * @param onWay told the way, or undefined when there is none
   */
  mend(
    call: BrokenCall & { readonly target: PlanStep; readonly handler: StepHandler },
    onWay: (recovery: Recovery | undefined) => void,
  ): void {
    const { handler, target, ...broken } = call;
    const recover = handler.recover?.bind(handler);
    this.#triedComponents.push(target.component ?? '');
    if (recover === undefined || this.#earlier.length >= maxMends) {
      onWay(undefined);
      return;
    }
    const abort = new AbortController();
    this.#abort = abort;
    const end = (recovery: Recovery | undefined): void => {
      if (this.#abort !== abort) return;
      this.#abort = undefined;
      this.#earlier.push({ inputs: call.shownInputs, error: call.error });
      if (recovery?.kind === 'inputs') this.#questions += recovery.questions;
      this.#shared.guard(() => {
        onWay(recovery);
      });
    };
    const failed: FailedStep = {
      ...broken,
      step: this.#name,
      earlier: [...this.#earlier],
      questions: this.#questions,
      triedComponents: [...this.#triedComponents],
      signal: abort.signal,
      emit: (event) => {
        if (!abort.signal.aborted) {
          this.#shared.guard(() => {
            this.#shared.emit(event);
          });
        }
      },
    };
    recover(failed, target).then(end, () => {
      // The step fails with its own error; why it could not be mended says less.
      end(undefined);
    });
  }

  cancel(reason: GomindError): void {
    const abort = this.#abort;
    this.#abort = undefined;
    abort?.abort(reason);
  }
}
