/**
 * Callbacks as views of a run's stream: each is called in the order of the events, with what a fold of them says.
 *
 * @module
 */
import { isOwnStep, type RunFold, type RunProgress } from './fold-run.ts';
import type { RunEvent } from './run-event.ts';
import { shownEvent } from './shown-event.ts';

/** What a caller may be told while a run goes on. Nobody waits for a promise that a view returns; one that rejects is logged. */
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

/** What a view is shown with an event. */
export interface ViewContext {
  /** Has taken the event already. */
  readonly fold: RunFold;
  /** Gets what a promise rejects with that a view returned: an `async` view must not end the process. */
  readonly onRejected: (error: unknown) => void;
}

/**
 * Tells the views about one event.
 *
 * @throws what a view throws
 */
export function showEvent(views: RunViews, event: RunEvent, { fold, onRejected }: ViewContext): void {
  const loose: LooseViews = views;
  if (loose.onEvent !== undefined) watch(loose.onEvent(shownEvent(event)), onRejected);
  const isOwn = !('step' in event) || isOwnStep(event.step);
  if (!isOwn) return;
  if (loose.onStepComplete !== undefined && (event.type === 'step.completed' || event.type === 'step.failed')) {
    watch(loose.onStepComplete(event.step, event.durationMs), onRejected);
  }
  if (loose.onProgress !== undefined && progressTypes.has(event.type)) {
    watch(loose.onProgress(fold.progress), onRejected);
  }
}

/** Types say that a view returns nothing; an `async` one fits them all the same. */
interface LooseViews {
  onEvent?(event: RunEvent): unknown;
  onStepComplete?(step: string, durationMs: number): unknown;
  onProgress?(progress: RunProgress): unknown;
}

function watch(returned: unknown, onRejected: (error: unknown) => void): void {
  if (returned instanceof Promise) returned.catch(onRejected);
}
