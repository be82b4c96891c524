/**
 * Runs a step for each item of a list: bounded, results in the order of the items.
 *
 * Each item is a call of its own, named `step[2]` in the stream. A failed item ends the step and cancels the items at work, or,
 * with `onError: 'continue'`, leaves `null` in its place and its error in `itemErrors`.
 *
 * @module
 */
import { GomindError } from '@gomind/core';
import type { ItemError } from '../../plan/execution-result.ts';
import { resolveExpressions } from '../../plan/expressions/resolve-expressions.ts';
import type { ExpressionScope } from '../../plan/expressions/scope.ts';
import type { ForEach, PlanStep } from '../../plan/routing-plan.ts';
import { toErrorInfo } from './error-info.ts';
import { startedEvent } from './started-event.ts';
import type { SharedRun } from './shared-run.ts';
import { StepCall } from './step-call.ts';
import type { RunPlace, StepWork, WorkOwner } from './step-work.ts';
import { compileStepInputs, type ResolvedInputs, type StepInputs } from './step-inputs.ts';

const maxItems = 10_000;

/** What a list is run with. */
export interface StepItemsOptions {
  readonly step: PlanStep;
  readonly index: number;
  readonly place: RunPlace;
  readonly owner: WorkOwner<StepItems>;
  readonly scope: ExpressionScope;
  /** In the run's stream of events. */
  readonly name: string;
  readonly forEach: ForEach;
}

/** The calls for the items of one step. */
export class StepItems implements StepWork, WorkOwner<StepCall> {
  readonly step: PlanStep;
  readonly index: number;
  readonly inputs: ResolvedInputs | undefined;
  readonly standIn = undefined;
  attempts = 0;
  startedAt: number | undefined;
  readonly itemErrors: ItemError[] = [];
  readonly #options: StepItemsOptions;
  readonly #shared: SharedRun;
  readonly #working = new Set<StepCall>();
  readonly #itemInputs: StepInputs;
  #items: readonly unknown[] = [];
  #outputs: unknown[] = [];
  #next = 0;
  #ended = 0;
  #isOver = false;
  #isStarting = false;

  constructor(options: StepItemsOptions) {
    this.#options = options;
    this.#shared = options.place.shared;
    this.step = options.step;
    this.index = options.index;
    this.#itemInputs = compileStepInputs(options.step);
  }

  begin(): void {
    try {
      this.#items = this.#listOfItems();
      this.#shared.count(this.#items.length);
    } catch (error) {
      this.#options.owner.failed(this, error);
      return;
    }
    this.#outputs = new Array<unknown>(this.#items.length).fill(null);
    this.startedAt = this.#shared.now();
    this.#shared.emit(startedEvent(this.step, this.#options.name, {}));
    this.#goOn();
  }

  completed(call: StepCall, output: unknown): void {
    this.#outputs[call.index] = output;
    this.#leave(call);
    const durationMs = this.#durationOf(call);
    this.#shared.emit({ type: 'step.completed', step: call.name, output, durationMs, attempts: call.attempts });
    this.#goOn();
  }

  failed(call: StepCall, thrown: unknown): void {
    this.#leave(call);
    const error = toErrorInfo(thrown);
    const durationMs = this.#durationOf(call);
    this.#shared.emit({ type: 'step.failed', step: call.name, error, durationMs, attempts: call.attempts });
    // Who was told may have cancelled the run.
    if (this.#isOver) return;
    if (this.#goesOnAfterFailure()) {
      this.itemErrors.push({ index: call.index, error });
      this.#goOn();
      return;
    }
    const reason = new GomindError({ code: 'CANCELLED', message: `${call.name} failed, so the others are not needed` });
    this.cancel(reason);
    this.#options.owner.failed(this, thrown);
  }

  cancel(reason: GomindError): void {
    this.#isOver = true;
    const working = [...this.#working];
    this.#working.clear();
    for (const call of working) {
      call.cancel(reason);
      this.attempts += call.attempts;
      if (call.startedAt !== undefined) {
        this.#shared.emit({ type: 'step.cancelled', step: call.name, error: toErrorInfo(reason) });
      }
    }
  }

  /** Starts items one after the other, not within each other: many that fail at once must not grow the stack. */
  #goOn(): void {
    if (this.#isStarting) return;
    this.#isStarting = true;
    try {
      while (!this.#isOver && this.#next < this.#items.length && this.#working.size < this.#maxParallel()) {
        this.#startItem(this.#next++);
      }
    } finally {
      this.#isStarting = false;
    }
    if (this.#isOver || this.#ended < this.#items.length) return;
    this.#isOver = true;
    this.itemErrors.sort((left, right) => left.index - right.index);
    this.#options.owner.completed(this, this.#outputs);
  }

  #startItem(index: number): void {
    const { place, scope, name } = this.#options;
    const call = new StepCall({
      step: this.step,
      index,
      inputs: this.#itemInputs,
      place,
      owner: this,
      scope: { ...scope, item: this.#items[index], index },
      name: `${name}[${String(index)}]`,
    });
    this.#working.add(call);
    call.begin();
  }

  #leave(call: StepCall): void {
    this.#working.delete(call);
    this.#ended++;
    this.attempts += call.attempts;
  }

  #durationOf(call: StepCall): number {
    return call.startedAt === undefined ? 0 : this.#shared.now() - call.startedAt;
  }

  /** By default no more than could be at work anyway, so that a long list does not fill the line for slots. */
  #maxParallel(): number {
    const handler = this.#shared.handlerOf(this.step);
    const isBounded = handler?.takesSlot !== false || handler.fillsSlots === true;
    return this.#options.forEach.maxParallel ?? (isBounded ? this.#options.place.slots.capacity : this.#items.length);
  }

  #goesOnAfterFailure(): boolean {
    return (this.#options.forEach.onError ?? this.step.onError) === 'continue';
  }

  #listOfItems(): readonly unknown[] {
    const { forEach, scope, name } = this.#options;
    const items = resolveExpressions(forEach.items, scope);
    if (!Array.isArray(items)) {
      throw new GomindError({
        code: 'BAD_STEP_KIND',
        message: `for_each of step "${name}" needs a list, but got ${items === null ? 'null' : typeof items}.`,
      });
    }
    if (items.length <= maxItems) return items;
    throw new GomindError({
      code: 'LIMIT_EXCEEDED',
      message: `for_each of step "${name}" has ${String(items.length)} items; at most ${String(maxItems)} are allowed.`,
    });
  }
}
