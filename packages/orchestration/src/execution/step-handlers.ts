/**
 * Who runs which steps: one handler for each kind, and one for each component that works in this process.
 *
 * @module
 */
import { GomindError } from '@gomind/core';
import type { PlanStep } from '../plan/routing-plan.ts';
import type { StepHandler } from './step-handler.ts';

/** The handlers of an executor. */
export class StepHandlers {
  readonly #byKind = new Map<string, StepHandler>();
  /** Undefined when no component works in this process: then nothing is looked up for it. */
  #byComponent: Map<string, StepHandler> | undefined;

  /** @param handlers of two for the same steps the later one */
  constructor(handlers: readonly StepHandler[]) {
    for (const handler of handlers) {
      if (handler.component === undefined) this.#byKind.set(handler.kind, handler);
      else (this.#byComponent ??= new Map()).set(handler.component, handler);
    }
  }

  /** The handler of a step, if there is one. */
  of(step: PlanStep): StepHandler | undefined {
    if (step.kind !== undefined) return this.#byKind.get(step.kind);
    return this.#byComponent?.get(step.component ?? '') ?? this.#byKind.get('component');
  }

  /** Why a step cannot be run. */
  missing(step: PlanStep): GomindError {
    const known = [...this.#byKind.keys()].join(', ');
    return new GomindError({
      code: 'BAD_STEP_KIND',
      message: `No handler runs steps of the kind "${step.kind ?? 'component'}". Known: ${known}.`,
    });
  }
}
