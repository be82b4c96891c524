/**
 * Everything that happens in a run, as one ordered stream of facts (contracts, section 6). State, progress, history and
 * metrics are folds of it.
 *
 * @module
 */
import type { AIUsage } from '@gomind/core';
import type { BudgetAmounts, BudgetLimits } from '../budget.ts';
import type { Diagnostic } from '../diagnostic.ts';
import type { ErrorInfo, ExecutionResult, ItemError } from '../execution-result.ts';
import type { ModelCall } from '../model-call.ts';
import type { RoutingPlan } from '../routing-plan.ts';

/** How a plan came about. */
export type PlanSource = 'ai' | 'cached-plan' | 'basic-router' | 'caller' | 'workflow';

/** Bodies of the events, before they get their place in the stream. */
export type RunEventBody =
  | { readonly type: 'run.started'; readonly request?: string; readonly metadata?: Readonly<Record<string, unknown>> }
  | { readonly type: 'plan.created'; readonly plan: RoutingPlan; readonly source: PlanSource; readonly reason?: string }
  | { readonly type: 'plan.rejected'; readonly diagnostics: readonly Diagnostic[]; readonly attempt: number }
  | { readonly type: 'plan.repaired'; readonly diagnostics: readonly Diagnostic[]; readonly by: 'rules' | 'model' }
  | { readonly type: 'tokens'; readonly purpose: string; readonly model: string; readonly usage: AIUsage }
  | { readonly type: 'model.called'; readonly call: ModelCall }
  | ({ readonly type: 'budget.reserved'; readonly amounts: BudgetAmounts } & BudgetPlace)
  | ({ readonly type: 'budget.settled'; readonly reserved: BudgetAmounts; readonly used: BudgetAmounts } & BudgetPlace)
  | ({
      readonly type: 'budget.refused';
      readonly limit: keyof BudgetLimits;
      readonly allowed: number;
      /** Used up, or set aside for calls under way. */
      readonly used: number;
      readonly requested: number;
    } & BudgetPlace)
  | { readonly type: 'step.scheduled'; readonly step: string }
  | {
      readonly type: 'step.started';
      readonly step: string;
      readonly component?: string;
      readonly action?: string;
      readonly inputs: Readonly<Record<string, unknown>>;
    }
  | {
      readonly type: 'step.attempt.failed';
      readonly step: string;
      readonly attempt: number;
      readonly error: ErrorInfo;
      readonly delayMs: number;
    }
  | {
      readonly type: 'step.inputs.corrected';
      readonly step: string;
      readonly inputs: Readonly<Record<string, unknown>>;
      readonly reason: string;
    }
  | { readonly type: 'step.rerouted'; readonly step: string; readonly component: string; readonly reason: string }
  | {
      readonly type: 'step.completed';
      readonly step: string;
      readonly output: unknown;
      readonly durationMs: number;
      readonly attempts: number;
      readonly itemErrors?: readonly ItemError[];
    }
  | {
      readonly type: 'step.failed';
      readonly step: string;
      readonly error: ErrorInfo;
      readonly durationMs: number;
      readonly attempts: number;
    }
  | { readonly type: 'step.skipped'; readonly step: string; readonly reason: string }
  | { readonly type: 'step.cancelled'; readonly step: string; readonly error: ErrorInfo; readonly attempts?: number }
  | { readonly type: 'step.waiting'; readonly step: string; readonly reason: string }
  | {
      readonly type: 'approval.requested';
      readonly approvalId: string;
      readonly step: string;
      readonly prompt: string;
      readonly approvers: readonly string[];
    }
  | {
      readonly type: 'approval.decided';
      readonly approvalId: string;
      readonly step: string;
      readonly decision: 'approved' | 'rejected';
      readonly comment?: string;
      readonly by?: string;
    }
  | { readonly type: 'component.up' | 'component.down' | 'component.changed'; readonly component: string }
  | { readonly type: 'breaker.opened' | 'breaker.closed'; readonly name: string }
  | { readonly type: 'synthesis.started'; readonly strategy: string }
  | { readonly type: 'synthesis.delta'; readonly text: string }
  | ({ readonly type: 'run.completed' } & RunEnd)
  | ({ readonly type: 'run.failed' | 'run.cancelled'; readonly error: ErrorInfo } & RunEnd);

/** Whose budget it is, and for what call. */
export interface BudgetPlace {
  /** `run`, or the name of a step that has limits of its own. */
  readonly scope: string;
  /** `planning`, `synthesis`, the name of a tool. */
  readonly purpose: string;
}

/** What the last event of a run carries. */
export interface RunEnd {
  readonly result?: ExecutionResult;
  readonly response?: unknown;
  /** Milliseconds since the run began, on a clock that nobody can set. */
  readonly durationMs?: number;
}

/**
 * Stands in one reader's stream for events that were dropped before that reader came to them. Its `seq` is that of the last
 * one missed. Only events of high volume that no state depends on are ever dropped: see {@link isTransient}.
 */
export interface StreamGap {
  readonly type: 'stream.gap';
  /** How many events in a row were missed. */
  readonly missed: number;
}

/** One fact of a run: its body and its place in the run's stream. Shared by all readers, so never to be changed. */
export type RunEvent = (RunEventBody | StreamGap) & {
  readonly runId: string;
  /** From 1, without gaps but those that a {@link StreamGap} tells of. */
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly time: number;
};

/** Whether an event is news without consequence: no fold needs it, so a journal may drop it when there are too many. */
export function isTransient(event: { readonly type: RunEvent['type'] }): boolean {
  return transientTypes.has(event.type);
}

const transientTypes: ReadonlySet<string> = new Set<RunEvent['type']>([
  'synthesis.delta',
  'model.called',
  'component.up',
  'component.down',
  'component.changed',
  'breaker.opened',
  'breaker.closed',
]);
