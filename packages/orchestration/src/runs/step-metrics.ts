/**
 * Counters of the steps of all runs, requests and workflows alike, as a fold of their events.
 *
 * @module
 */
import type { Attributes, Telemetry } from '@gomind/core';
import type { RunEvent } from '../plan/events/run-event.ts';

const maxComponentNames = 1_000;
const otherComponents = 'other';

/** Folds events into counters; memory is bounded whatever happens. */
export class StepMetrics {
  readonly #telemetry: Telemetry;
  readonly #componentCalls = new Map<string, number>();
  readonly #running = new Map<string, { readonly steps: Set<string>; hasOverlapped: boolean }>();
  #parallelExecutions = 0;

  constructor(telemetry: Telemetry) {
    this.#telemetry = telemetry;
  }

  /** Steps that called a component, by its name, those it stood in for included; further names than 1,000 are `other`. */
  get componentCalls(): ReadonlyMap<string, number> {
    return this.#componentCalls;
  }

  /** Runs in which at least two steps were at work at the same time. */
  get parallelExecutions(): number {
    return this.#parallelExecutions;
  }

  /** Takes one event of a run. */
  observe(event: RunEvent): void {
    switch (event.type) {
      case 'run.started':
        this.#running.set(event.runId, { steps: new Set(), hasOverlapped: false });
        break;
      case 'step.started':
        this.#stepStarted(event.runId, event.step);
        this.#countCall(event.component);
        break;
      case 'step.rerouted':
        this.#countCall(event.component);
        this.#count('gomind.fallback.used', { to: 'component' }, '{fallback}');
        break;
      case 'step.attempt.failed':
        this.#count('gomind.retry.attempts', { 'gomind.error.code': event.error.code }, '{attempt}');
        break;
      case 'step.inputs.corrected':
        this.#count('gomind.semantic_retry.attempts', {}, '{attempt}');
        break;
      case 'step.completed':
      case 'step.failed':
        this.#recordStep(event);
        this.#running.get(event.runId)?.steps.delete(event.step);
        break;
      case 'step.cancelled':
        this.#running.get(event.runId)?.steps.delete(event.step);
        break;
      case 'run.completed':
      case 'run.failed':
      case 'run.cancelled':
        this.#runEnded(event.runId);
        break;
      default:
        break;
    }
  }

  #stepStarted(runId: string, step: string): void {
    const run = this.#running.get(runId);
    if (run === undefined) return;
    run.steps.add(step);
    if (run.steps.size > 1) run.hasOverlapped = true;
  }

  #runEnded(runId: string): void {
    if (this.#running.get(runId)?.hasOverlapped === true) {
      this.#parallelExecutions++;
      this.#count('gomind.orchestrator.parallel.executions', {}, '{run}');
    }
    this.#running.delete(runId);
  }

  #countCall(component: string | undefined): void {
    if (component === undefined) return;
    const isKnown = this.#componentCalls.has(component) || this.#componentCalls.size < maxComponentNames;
    const name = isKnown ? component : otherComponents;
    this.#componentCalls.set(name, (this.#componentCalls.get(name) ?? 0) + 1);
    this.#count('gomind.orchestrator.component.calls', { 'gomind.component.name': name }, '{call}');
  }

  #recordStep({ type, durationMs }: Extract<RunEvent, { type: 'step.completed' | 'step.failed' }>): void {
    const status = type === 'step.completed' ? 'completed' : 'failed';
    this.#telemetry.recordMetric(
      'gomind.step.duration',
      durationMs / 1_000,
      { 'gomind.step.status': status },
      { kind: 'histogram', unit: 's' },
    );
  }

  #count(name: string, attributes: Attributes, unit: string): void {
    this.#telemetry.recordMetric(name, 1, attributes, { kind: 'counter', unit });
  }
}
