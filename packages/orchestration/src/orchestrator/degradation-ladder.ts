/**
 * Who plans when: the model while it can, else the basic router, else an honest answer.
 *
 * @module
 */
import { type AIClient, type ComponentInfo, type GomindError, toGomindError, unconfiguredAIClient } from '@gomind/core';
import type { CallBudget } from '../plan/budget.ts';
import type { RunError } from '../plan/execution-result.ts';
import type { RoutingPlan } from '../plan/routing-plan.ts';
import type { RunEventBody } from '../plan/run-event.ts';
import { basicRouter } from '../planning/basic-router/basic-router.ts';
import type { Planner } from '../planning/planner.ts';
import type { ResponseMode } from './orchestrator-response.ts';

/** What the ladder stands on. */
export interface LadderRungs {
  readonly aiClient: AIClient;
  readonly planner: Planner;
  /** Whether the basic router may step in. */
  readonly isBasicRouterEnabled: boolean;
  /** Told how the model fared: its error, or undefined. */
  readonly onModelOutcome: (error: string | undefined) => void;
  /** The current time, for words such as "tomorrow". */
  readonly now: () => Date;
}

/** Failures of planning that say nothing of whether the model can be reached. */
const notTheModelsFault: ReadonlySet<string> = new Set(['PLAN_REJECTED', 'BUDGET_EXCEEDED']);

/** Where the ladder ended. `troubles` are the rungs that broke on the way. */
export type LadderOutcome = { readonly mode: ResponseMode; readonly troubles: readonly RunError[] } & (
  | { readonly ok: true; readonly plan: RoutingPlan; readonly reason?: string }
  | { readonly ok: false; readonly reason: string }
);

/**
 * Plans a request with the best means that works.
 *
 * @param request the user's words
 * @param offered components the plan may use
 * @throws GomindError the model's error when the basic router is switched off; `CANCELLED` and timeouts always
 */
export async function planWithLadder(
  request: string,
  offered: readonly ComponentInfo[],
  rungs: LadderRungs,
  options: {
    readonly signal: AbortSignal;
    readonly emit: (event: RunEventBody) => void;
    readonly budget: CallBudget;
  },
): Promise<LadderOutcome> {
  let trouble: GomindError;
  try {
    if (rungs.aiClient.isConfigured === false) await unconfiguredAIClient.generate({ messages: [] });
    const planned = await rungs.planner.plan(request, offered, options);
    rungs.onModelOutcome(undefined);
    return { mode: 'ai', troubles: [], ...planned };
  } catch (error) {
    if (options.signal.aborted) throw error;
    trouble = toGomindError(error, { code: 'PLANNING_FAILED', message: 'Planning failed' });
    if (!notTheModelsFault.has(trouble.code)) rungs.onModelOutcome(trouble.message);
    if (!rungs.isBasicRouterEnabled) throw trouble;
  }
  const troubles = rungs.aiClient.isConfigured === false ? [] : [trouble.toJSON()];
  const routed = basicRouter(request, offered, { now: rungs.now() });
  if (routed.ok && routed.plan !== undefined) {
    return { mode: 'basic-router', troubles, ok: true, plan: routed.plan, reason: trouble.message };
  }
  return { mode: 'basic-router', troubles, ok: false, reason: routed.reason ?? 'The basic router found no plan.' };
}
