/**
 * Who plans when, each rung only when those above it failed: the planner (a fresh kept plan spares asking it; a chain of
 * models is one client to it), a kept plan beyond its lifetime, a kept answer, the basic router, and the words that say why
 * there is nothing.
 *
 * @module
 */
import { type AIClient, type ComponentInfo, type GomindError, toGomindError, unconfiguredAIClient } from '@gomind/core';
import type { CallBudget } from '../plan/budget.ts';
import type { RunError } from '../plan/execution-result.ts';
import type { RoutingPlan } from '../plan/routing-plan.ts';
import type { RunEventBody } from '../plan/events/run-event.ts';
import { basicRouter } from '../planning/basic-router/basic-router.ts';
import { noPlanCache, type PlanCache } from '../planning/plan-cache.ts';
import type { Planner } from '../planning/planner.ts';
import { answerAudience, planAudience } from '../planning/routing-cache-key.ts';
import type { Conversation } from '../synthesis/conversation.ts';
import { type AnswerCache, type AnswerQuery, type KeptAnswer, noAnswerCache } from './answer-cache.ts';
import type { PlannedRequest } from './plan-prefetch.ts';
import type { RequestMetadata, ResponseMode } from './orchestrator-response.ts';

/** What the ladder stands on. */
export interface LadderRungs {
  readonly aiClient: AIClient;
  readonly planner: Planner;
  readonly plans: PlanCache;
  readonly answers: AnswerCache;
  /** Whether the basic router may step in. */
  readonly isBasicRouterEnabled: boolean;
  /** Told how the model fared: its error, or undefined. */
  readonly onModelOutcome: (error: string | undefined) => void;
  /** The current time, for words such as "tomorrow". */
  readonly now: () => Date;
}

/** A request at the foot of the ladder. */
export interface LadderRequest {
  readonly request: string;
  readonly metadata: RequestMetadata;
  /** Components the plan may use. */
  readonly offered: readonly ComponentInfo[];
  readonly signal: AbortSignal;
  readonly emit: (event: RunEventBody) => void;
  readonly budget: CallBudget;
  /** What was said before the request, in a conversation. */
  readonly conversation?: Conversation | undefined;
}

/** Failures of planning that say nothing of whether the model can be reached. */
const notTheModelsFault: ReadonlySet<string> = new Set(['PLAN_REJECTED', 'BUDGET_EXCEEDED']);

/**
 * Where the ladder ended. `troubles` are the rungs that broke on the way; `isDegraded` says whether any did, so that a fresh
 * kept plan is as good as a new one.
 */
export type LadderOutcome = {
  readonly mode: ResponseMode;
  readonly isDegraded: boolean;
  readonly troubles: readonly RunError[];
} & (
  | { readonly kind: 'plan'; readonly plan: RoutingPlan; readonly reason?: string }
  | { readonly kind: 'answer'; readonly answer: KeptAnswer }
  | { readonly kind: 'refusal'; readonly reason: string }
);

/**
 * Plans a request with the best means that works.
 *
 * @throws GomindError the model's error when nothing kept helps and the basic router is switched off; `CANCELLED` and
 * timeouts always
 */
export async function planWithLadder(start: LadderRequest, rungs: LadderRungs): Promise<LadderOutcome> {
  try {
    return await planFirstRung(start, rungs);
  } catch (error) {
    if (start.signal.aborted) throw error;
    const trouble = toGomindError(error, { code: 'PLANNING_FAILED', message: 'Planning failed' });
    if (!notTheModelsFault.has(trouble.code)) rungs.onModelOutcome(trouble.message);
    return planWithoutModel(start, rungs, trouble);
  }
}

async function planFirstRung(start: LadderRequest, rungs: LadderRungs): Promise<LadderOutcome> {
  const { request, offered, signal, emit, budget, conversation } = start;
  if (rungs.aiClient.isConfigured === false) await unconfiguredAIClient.generate({ messages: [] });
  const { plans, audience } = planCacheFor(start, rungs);
  const planned = await plans.plan(
    { request, offered, audience },
    (options) => rungs.planner.plan(request, offered, options),
    { signal, emit, budget, conversation },
  );
  if (planned.from === 'planner') rungs.onModelOutcome(undefined);
  const shared = {
    mode: planned.from === 'cache' ? ('cached-plan' as const) : ('ai' as const),
    isDegraded: false,
    troubles: [],
  };
  return planned.ok
    ? { ...shared, kind: 'plan', plan: planned.plan }
    : { ...shared, kind: 'refusal', reason: planned.reason };
}

function planWithoutModel(start: LadderRequest, rungs: LadderRungs, trouble: GomindError): LadderOutcome {
  const { request, offered } = start;
  // A house without a model works as it was set up; that is no trouble to report.
  const troubles = rungs.aiClient.isConfigured === false ? [] : [trouble.toJSON()];
  const degraded = { isDegraded: true, troubles } as const;
  const { plans, audience } = planCacheFor(start, rungs);
  const plan = plans.findStale({ request, offered, audience });
  if (plan !== undefined) {
    return { ...degraded, mode: 'cached-plan', kind: 'plan', plan, reason: trouble.message };
  }
  const answer = findAnswer(start, rungs);
  if (answer !== undefined) return { ...degraded, mode: 'cached-answer', kind: 'answer', answer };
  if (!rungs.isBasicRouterEnabled) throw trouble;
  const routed = basicRouter(request, offered, { now: rungs.now() });
  if (routed.ok && routed.plan !== undefined) {
    return { ...degraded, mode: 'basic-router', kind: 'plan', plan: routed.plan, reason: trouble.message };
  }
  const reason = routed.reason ?? 'The basic router found no plan.';
  return { ...degraded, mode: 'basic-router', kind: 'refusal', reason };
}

/** The kept answer of a request, if it may be told. */
export function findAnswer(start: LadderRequest, rungs: Pick<LadderRungs, 'answers'>): KeptAnswer | undefined {
  const { answers, query } = answerCacheFor(start, rungs);
  return answers.find(query);
}

/**
 * The caches that a request may use; `cache: false` means none. What was said before gives the same words another meaning, so
 * such a request has none either.
 */
export function answerCacheFor(
  { request, offered, metadata, conversation }: LadderRequest,
  rungs: Pick<LadderRungs, 'answers'>,
): { readonly answers: AnswerCache; readonly query: AnswerQuery } {
  const mayUse = metadata.cache !== false && conversation === undefined;
  const audience = mayUse ? answerAudience(metadata) : undefined;
  const query = { request, offered, audience: audience ?? '' };
  return { answers: audience === undefined ? noAnswerCache : rungs.answers, query };
}

/** Forgets the plan of a request, because it did not work. */
export function forgetPlan(start: LadderRequest, rungs: LadderRungs): void {
  const { plans, audience } = planCacheFor(start, rungs);
  plans.forget({ request: start.request, offered: start.offered, audience });
}

/** A request as those who plan ahead see it; undefined when it may use no cache. */
export function habitOf({ request, metadata, conversation }: LadderRequest): PlannedRequest | undefined {
  if (metadata.cache === false || conversation !== undefined) return undefined;
  const caller = answerAudience(metadata);
  const audience = planAudience(metadata);
  return caller === undefined || audience === undefined ? undefined : { request, caller, audience };
}

function planCacheFor(
  { metadata, conversation }: LadderRequest,
  rungs: LadderRungs,
): { readonly plans: PlanCache; readonly audience: string } {
  const mayUse = metadata.cache !== false && conversation === undefined;
  const audience = mayUse ? planAudience(metadata) : undefined;
  return { plans: audience === undefined ? noPlanCache : rungs.plans, audience: audience ?? '' };
}
