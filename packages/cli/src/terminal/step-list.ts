/**
 * The steps of a run as they stand: what state each is in, and under which other it is shown.
 *
 * @module
 */
import type { RunEvent } from '@gomind/orchestration';

/** How far a step is. */
export type StepState = 'waiting' | 'running' | 'completed' | 'failed' | 'skipped' | 'cancelled';

/** One line of the list. */
export interface ShownStep {
  readonly name: string;
  readonly state: StepState;
  readonly note: string;
  /** Steps that it stands under, from 0. */
  readonly depth: number;
  /** On a monotonic clock; for steps at work. */
  readonly startedMs?: number;
}

type StepChange = Pick<ShownStep, 'state' | 'note'>;

/** Folds the events of a run. */
export class StepList {
  readonly #steps = new Map<string, ShownStep>();
  readonly #children = new Map<string, number>();
  /** Names in the order they are shown: what belongs to a step stands right behind it. */
  #order: string[] = [];

  /** All steps in order. */
  get steps(): readonly ShownStep[] {
    return this.#order.flatMap((name) => this.#steps.get(name) ?? []);
  }

  /**
   * Takes an event.
   *
   * @param nowMs monotonic time
   * @returns the step that has changed
   */
  take(event: RunEvent, nowMs: number): ShownStep | undefined {
    if (event.type === 'plan.created') {
      for (const step of event.plan.steps) this.#add(step.name, depthOf(step, this.#steps));
      return undefined;
    }
    if (!('step' in event)) return undefined;
    const before = this.#steps.get(event.step) ?? this.#add(event.step, this.#depthOfInner(event.step));
    const change = changeOf(event, this.#children.get(event.step) ?? 0);
    if (change === undefined) return undefined;
    const startedMs = change.state === 'running' ? (before.startedMs ?? nowMs) : undefined;
    const { name, depth } = before;
    const step = { name, depth, ...change, ...(startedMs === undefined ? {} : { startedMs }) };
    this.#steps.set(name, step);
    return step;
  }

  #add(name: string, depth: number): ShownStep {
    const step: ShownStep = { name, state: 'waiting', note: '', depth };
    if (!this.#steps.has(name)) {
      const parent = parentOf(name);
      if (parent !== undefined) this.#children.set(parent, (this.#children.get(parent) ?? 0) + 1);
      const after = parent === undefined ? -1 : this.#lastOf(parent);
      if (after < 0) this.#order.push(name);
      else this.#order.splice(after + 1, 0, name);
    }
    this.#steps.set(name, step);
    return step;
  }

  #lastOf(parent: string): number {
    return this.#order.findLastIndex((name) => name === parent || parentOf(name) === parent);
  }

  #depthOfInner(name: string): number {
    const parent = parentOf(name);
    return parent === undefined ? 0 : (this.#steps.get(parent)?.depth ?? -1) + 1;
  }
}

/** `each[2]` belongs to `each`, `outer/inner` to `outer`. */
function parentOf(name: string): string | undefined {
  return /^(?<parent>.+?)(?:\[\d+\]|#?\d*\/[^/]+)$/s.exec(name)?.groups?.['parent'];
}

function depthOf(
  { name, dependsOn }: { readonly name: string; readonly dependsOn: readonly string[] },
  steps: ReadonlyMap<string, ShownStep>,
): number {
  const parent = parentOf(name);
  // Plans list steps mostly in order; a step before its dependency just stands further left.
  const before = [...dependsOn, ...(parent === undefined ? [] : [parent])].map((each) => steps.get(each)?.depth ?? 0);
  return before.length === 0 ? 0 : Math.max(...before) + 1;
}

function changeOf(event: RunEvent, children: number): StepChange | undefined {
  switch (event.type) {
    case 'step.started':
      return { state: 'running', note: '' };
    case 'step.waiting':
      return { state: 'running', note: `waiting ${event.reason}` };
    case 'step.attempt.failed': {
      const again = `attempt ${String(event.attempt)} failed, again in ${duration(event.delayMs)}`;
      return { state: 'running', note: `${again}: ${event.error.message}` };
    }
    case 'step.inputs.corrected':
      return { state: 'running', note: 'inputs were corrected' };
    case 'step.rerouted':
      return { state: 'running', note: `goes to ${event.component}: ${event.reason}` };
    case 'step.completed': {
      // The attempts of a step with items are those of all items.
      const items = children === 0 ? '' : `, ${String(children)} inside`;
      const attempts = event.attempts > Math.max(1, children) ? `, ${String(event.attempts)} attempts` : '';
      return { state: 'completed', note: `${duration(event.durationMs)}${items}${attempts}` };
    }
    case 'step.failed':
      return { state: 'failed', note: `${duration(event.durationMs)}: ${event.error.message}` };
    case 'step.skipped':
      return { state: 'skipped', note: event.reason };
    case 'step.cancelled':
      return { state: 'cancelled', note: event.error.message };
    default:
      return undefined;
  }
}

/** A duration for people. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${String(Math.round(milliseconds))} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1_000).toFixed(1)} s`;
  return `${String(Math.floor(milliseconds / 60_000))} min ${String(Math.round((milliseconds % 60_000) / 1_000))} s`;
}
