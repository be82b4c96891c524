/**
 * Callbacks as views of a run's stream: each is called in the order of the events, with what a fold of them says.
 *
 * @module
 */
import { isOwnStep, type RunFold, type RunProgress } from './fold-run.ts';
import type { RunEvent } from './run-event.ts';
import { shownEvent } from './shown-event.ts';

/** What a caller may be told while a run goes on. */
export interface RunViews {
  /** Receives every event in order, without secrets. Events are shared: look, do not change. */
  onEvent?(event: RunEvent): void;
  /** Called when a step of the plan has completed or failed, with its name and the milliseconds it took. */
  onStepComplete?(step: string, durationMs: number): void;
  /** Called when there is a plan, and when a step of it starts or settles. */
  onProgress?(progress: RunProgress): void;
}

/** Whether anybody looks. */
export function hasViews(views: RunViews): boolean {
  return views.onEvent !== undefined || views.onStepComplete !== undefined || views.onProgress !== undefined;
}

const progressTypes: ReadonlySet<string> = new Set<RunEvent['type']>([
  'plan.created',
  'step.started',
  'step.completed',
  'step.failed',
  'step.skipped',
  'step.cancelled',
]);

/**
 * Tells the views about one event, which the fold has taken already.
 *
 * @throws what a view throws
 */
export function showEvent(views: RunViews, event: RunEvent, fold: RunFold): void {
  if (views.onEvent !== undefined) views.onEvent(shownEvent(event));
  const isOwn = !('step' in event) || isOwnStep(event.step);
  if (!isOwn) return;
  if (event.type === 'step.completed' || event.type === 'step.failed') {
    views.onStepComplete?.(event.step, event.durationMs);
  }
  if (views.onProgress !== undefined && progressTypes.has(event.type)) views.onProgress(fold.progress);
}
