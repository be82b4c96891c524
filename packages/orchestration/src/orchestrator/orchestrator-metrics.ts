/**
 * Counters of an orchestrator as a fold of its runs' events.
 *
 * @module
 */
import { type Attributes, QuantileSketch, type Telemetry } from '@gomind/core';
import type { RunState } from '../plan/events/fold-run.ts';
import type { RunEvent } from '../plan/events/run-event.ts';
import type { PlanCacheMetrics } from '../planning/plan-cache.ts';
import { StepMetrics } from '../runs/step-metrics.ts';
import { responseOf } from './orchestrator-response.ts';

/** A snapshot of the counters. Latencies are milliseconds over all requests; percentiles are within 1 % of the true ones. */
export interface OrchestratorMetrics extends PlanCacheMetrics {
  readonly totalRequests: number;
  /** Answered as asked or with lesser means (`completed`, `degraded` with a plan or an earlier answer). */
  readonly successfulRequests: number;
  /** Failed, partial, refused or cancelled. */
  readonly failedRequests: number;
  readonly averageLatencyMs: number;
  readonly p50LatencyMs: number;
  readonly p95LatencyMs: number;
  readonly p99LatencyMs: number;
  /** Steps that called a component, by its name: not its attempts. Where another one stood in, the step counts for both. */
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

/** Folds events into counters; memory is bounded whatever happens. */
export class MetricsTracker {
  readonly #telemetry: Telemetry;
  readonly #steps: StepMetrics;
  readonly #latenciesMs = new QuantileSketch();
  #totalLatencyMs = 0;
  #totalRequests = 0;
  #successfulRequests = 0;
  #modelTokens = 0;
  #plansRejected = 0;
  #tierMisses = 0;

  constructor(telemetry: Telemetry) {
    this.#telemetry = telemetry;
    this.#steps = new StepMetrics(telemetry);
  }

  /** Takes one event of a run. */
  observe(event: RunEvent): void {
    this.#steps.observe(event);
    switch (event.type) {
      case 'tokens':
        this.#modelTokens += event.usage.totalTokens;
        break;
      case 'plan.created':
        if (event.source === 'basic-router') this.#count('gomind.fallback.used', { to: event.source }, '{fallback}');
        break;
      case 'plan.repaired':
        this.#count('gomind.planning.repairs', { by: event.by }, '{repair}');
        this.#tierMisses += event.diagnostics.filter(({ code }) => code === 'NOT_OFFERED').length;
        break;
      case 'plan.rejected':
        this.#plansRejected++;
        this.#count('gomind.planning.rejections', {}, '{plan}');
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
    this.#latenciesMs.add(durationMs);
    this.#totalLatencyMs += durationMs;
    this.#telemetry.recordMetric(
      'orchestrator.request.duration',
      durationMs / 1_000,
      { success: String(isSuccess) },
      { kind: 'histogram', unit: 's' },
    );
    this.#count('gomind.orchestrator.requests', { success: String(isSuccess) }, '{request}');
    if (response?.isStale === true) this.#count('gomind.fallback.used', { to: 'cached-answer' }, '{fallback}');
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
    const percentile = (share: number): number => this.#latenciesMs.quantile(share) ?? 0;
    return {
      ...state.cache,
      totalRequests: this.#totalRequests,
      successfulRequests: this.#successfulRequests,
      failedRequests: this.#totalRequests - this.#successfulRequests,
      averageLatencyMs: this.#totalLatencyMs / Math.max(1, this.#totalRequests),
      p50LatencyMs: percentile(0.5),
      p95LatencyMs: percentile(0.95),
      p99LatencyMs: percentile(0.99),
      componentCalls: Object.fromEntries(this.#steps.componentCalls),
      parallelExecutions: this.#steps.parallelExecutions,
      modelTokens: this.#modelTokens,
      plansRejected: this.#plansRejected,
      tierMisses: this.#tierMisses,
      historySize: state.historySize,
      uptimeSeconds: state.uptimeMs / 1_000,
    };
  }

  #count(name: string, attributes: Attributes, unit: string): void {
    this.#telemetry.recordMetric(name, 1, attributes, { kind: 'counter', unit });
  }

  #gauge(name: string, value: number, unit: string): void {
    this.#telemetry.recordMetric(name, value, {}, { kind: 'gauge', unit });
  }
}
