/**
 * What an executor is made of, and what a run is started with.
 *
 * @module
 */
import type { Clock, Logger, Priority, Telemetry } from '@gomind/core';
import type { ExpressionScope } from '../plan/expressions/scope.ts';
import type { RunEventBody } from '../plan/events/run-event.ts';
import type { RunOrigin } from '../recovery/failed-call.ts';
import type { Budget } from './budget.ts';
import type { SharedConcurrency } from './slots/shared-concurrency.ts';
import type { StepHandler } from './step-handler.ts';

/** Parts and bounds of a {@link PlanExecutor}. */
export interface PlanExecutorOptions {
  readonly handlers: readonly StepHandler[];
  /**
   * Handlers at work at the same time in one run. `auto`: 10, and fewer while the event loop runs late or the heap is nearly
   * full. Default: 10, or as `concurrency` says.
   */
  readonly maxConcurrency?: number | 'auto';
  /** Handlers at work at the same time in all runs together; higher priorities come first. Default: no bound. */
  readonly maxTotalConcurrency?: number;
  /** Limits that several executors share. Default: the executor's own. */
  readonly concurrency?: SharedConcurrency;
  /** Steps in one run, nested plans and items of lists counted in. Default: 100,000. */
  readonly maxSteps?: number;
  /** Milliseconds for each call of a step that has no timeout of its own. Default: 30,000. */
  readonly stepTimeoutMs?: number;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly telemetry?: Telemetry;
}

/** Options of one run. */
export interface ExecuteOptions {
  /** Default: a new one. */
  readonly runId?: string;
  /** What `${inputs...}` sees. */
  readonly inputs?: Readonly<Record<string, unknown>>;
  /** Further roots of expressions: run, env, secrets; `steps` that have ended before, which this plan may refer to. */
  readonly scope?: Omit<ExpressionScope, 'inputs' | 'item' | 'index'>;
  readonly signal?: AbortSignal;
  /** Milliseconds for the whole run. Default: none. */
  readonly timeoutMs?: number;
  /** How much it matters where runs compete: for slots, for connections, and at a component's door. Default: `normal`. */
  readonly priority?: Priority;
  /** What the run is for; lets failed steps be mended with its request and by components that were offered to it. */
  readonly origin?: RunOrigin;
  /** What the run may use up. Default: no limit. */
  readonly budget?: Budget | undefined;
  /** Receives `step.*` events in the order they happen. What it throws ends the run. */
  readonly emit?: (event: RunEventBody) => void;
}
