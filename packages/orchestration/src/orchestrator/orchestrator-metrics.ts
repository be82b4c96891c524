/**
 * Counters of an orchestrator as a fold of its runs' events.
 *
 * @module
 */
import type { Attributes, Telemetry } from '@gomind/core';
import type { RunState } from '../plan/fold-run.ts';
import type { RunEvent } from '../plan/run-event.ts';
import type { PlanCacheMetrics } from '../planning/plan-cache.ts';
import { responseOf } from './orchestrator-response.ts';

/** A snapshot of the counters. Latencies are milliseconds over the last 1,000 requests. */
export interface OrchestratorMetrics extends PlanCacheMetrics {
  readonly totalRequests: number;
  /** Answered as asked or with lesser means (`completed`, `degraded` with a plan or an earlier answer). */
  readonly successfulRequests: number;
  /** Failed, partial, refused or cancelled. */
  readonly failedRequests: number;
  readonly averageLatencyMs: number;
  readonly medianLatencyMs: number;
  readonly p99LatencyMs: number;
  /** Calls by component, retries included. */
  readonly componentCalls: Readonly<Record<string, number>>;
  /** Runs in which at least two steps were at work at the same time. */
  readonly parallelExecutions: number;
  readonly modelTokens: number;
  readonly plansRejected: number;
  /** Capabilities that a model named although they were not offered; many mean that too few are offered. */
  readonly tierMisses: number;
  /** Records in the history right now. */
  readonly historySize: number;
  readonly uptimeSeconds: number;
}

const latencyWindow = 1_000;
const maxComponentNames = 1_000;
const otherComponents = 'other';

/** Folds events into counters; memory is bounded whatever happens. */
export class MetricsTracker {
  readonly #telemetry: Telemetry;
  readonly #latenciesMs: number[] = [];
  readonly #componentCalls = new Map<string, number>();
  readonly #running = new Map<string, { readonly steps: Set<string>; hasOverlapped: boolean }>();
  #totalRequests = 0;
  #successfulRequests = 0;
  #parallelExecutions = 0;
  #modelTokens = 0;
  #plansRejected = 0;
  #tierMisses = 0;

  constructor(telemetry: Telemetry) {
    this.#telemetry = telemetry;
  }

  /** Takes one event of a run. */
  observe(event: RunEvent): void {
    switch (event.type) {
      case 'run.started':
        this.#running.set(event.runId, { steps: new Set(), hasOverlapped: false });
        break;
      case 'tokens':
        this.#modelTokens += event.usage.totalTokens;
        break;
      case 'plan.created':
        if (event.source === 'basic-router') this.#count('gomind.fallback.used', { to: event.source }, '{request}');
        break;
      case 'plan.repaired':
        this.#count('gomind.planning.repairs', { by: event.by }, '{repair}');
        this.#tierMisses += event.diagnostics.filter(({ code }) => code === 'NOT_OFFERED').length;
        break;
      case 'plan.rejected':
        this.#plansRejected++;
        this.#count('gomind.planning.rejections', {}, '{plan}');
        break;
      case 'step.started':
        this.#stepStarted(event.runId, event.step);
        this.#countCall(event.component);
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
        if (this.#running.get(event.runId)?.hasOverlapped === true) {
          this.#parallelExecutions++;
          this.#count('gomind.orchestrator.parallel.executions', {}, '{run}');
        }
        this.#running.delete(event.runId);
        break;
      default:
        break;
    }
  }

  /** Takes the last state of a run, and what is kept after it. */
  recordRun(
    state: RunState,
    { historySize, cache }: { readonly historySize: number; readonly cache: PlanCacheMetrics },
  ): void {
    const response = responseOf(state);
    const durationMs = state.durationMs ?? 0;
    const isSuccess =
      response !== undefined &&
      (response.status === 'completed' ||
        (response.status === 'degraded' && (response.plan !== undefined || response.isStale === true)));
    this.#totalRequests++;
    if (isSuccess) this.#successfulRequests++;
    this.#latenciesMs.push(durationMs);
    if (this.#latenciesMs.length > latencyWindow) this.#latenciesMs.shift();
    this.#telemetry.recordMetric(
      'orchestrator.request.duration',
      durationMs / 1_000,
      { success: String(isSuccess) },
      { kind: 'histogram', unit: 's' },
    );
    this.#count('gomind.orchestrator.requests', { success: String(isSuccess) }, '{request}');
    if (response?.isStale === true) this.#count('gomind.fallback.used', { to: 'cached-answer' }, '{request}');
    this.#gauge('gomind.orchestrator.history.size', historySize, '{record}');
    this.#gauge('gomind.orchestrator.cache.size', cache.cacheSize, '{plan}');
    this.#gauge('gomind.orchestrator.cache.hit_rate', cache.cacheHitRate, '1');
  }

  /** The counters now. */
  snapshot(state: {
    readonly historySize: number;
    readonly uptimeMs: number;
    readonly cache: PlanCacheMetrics;
  }): OrchestratorMetrics {
    const sorted = this.#latenciesMs.toSorted((left, right) => left - right);
    const sum = sorted.reduce((total, latencyMs) => total + latencyMs, 0);
    return {
      ...state.cache,
      totalRequests: this.#totalRequests,
      successfulRequests: this.#successfulRequests,
      failedRequests: this.#totalRequests - this.#successfulRequests,
      averageLatencyMs: sorted.length === 0 ? 0 : sum / sorted.length,
      medianLatencyMs: quantile(sorted, 0.5),
      p99LatencyMs: quantile(sorted, 0.99),
      componentCalls: Object.fromEntries(this.#componentCalls),
      parallelExecutions: this.#parallelExecutions,
      modelTokens: this.#modelTokens,
      plansRejected: this.#plansRejected,
      tierMisses: this.#tierMisses,
      historySize: state.historySize,
      uptimeSeconds: state.uptimeMs / 1_000,
    };
  }

  #stepStarted(runId: string, step: string): void {
    const run = this.#running.get(runId);
    if (run === undefined) return;
    run.steps.add(step);
    if (run.steps.size > 1) run.hasOverlapped = true;
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

  #gauge(name: string, value: number, unit: string): void {
    this.#telemetry.recordMetric(name, value, {}, { kind: 'gauge', unit });
  }
}

/** Nearest-rank quantile of sorted values; 0 for none. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}
