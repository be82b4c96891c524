/**
 * From a request to a proved plan: prompt, tolerant JSON, static validation, and at most a few repairs that carry the
 * diagnostics. Never calls a component.
 *
 * @module
 */
import { type AIClient, type Clock, type ComponentInfo, GomindError, systemClock } from '@gomind/core';
import { generateJson, type JsonVerdict } from '../llm/generate-json.ts';
import type { RoutingPlan } from '../plan/routing-plan.ts';
import type { RunEventBody } from '../plan/run-event.ts';
import { validatePlan } from '../plan/validate-plan.ts';
import { planReplySchema } from './plan-reply-schema.ts';
import { buildPlanningPrompt, type PlanningPromptOptions } from './planning-prompt.ts';

/** A plan, or the honest answer that there is none. */
export type PlanningResult =
  | { readonly ok: true; readonly plan: RoutingPlan }
  | {
      readonly ok: false;
      /** One sentence for the user: what no component can do. */
      readonly reason: string;
    };

/** Options of one planning. */
export interface PlanningOptions {
  readonly signal?: AbortSignal | undefined;
  /** Receives `tokens`, `plan.rejected` and `plan.repaired` events. */
  readonly emit?: ((event: RunEventBody) => void) | undefined;
}

/** Makes a plan from a request. */
export interface Planner {
  /**
   * @param request the user's words
   * @param offered the components the plan may use
   * @throws GomindError `PLAN_REJECTED` with `details.diagnostics` when no valid plan came; else the model's error
   */
  plan(request: string, offered: readonly ComponentInfo[], options?: PlanningOptions): Promise<PlanningResult>;
}

/** Options of {@link createPlanner}. */
export interface PlannerOptions {
  readonly aiClient: AIClient;
  readonly prompt?: Omit<PlanningPromptOptions, 'now'>;
  /** Questions after a rejected plan. Default: 2. */
  readonly maxRepairs?: number;
  /** Steps a model's plan may have. Default: 50. */
  readonly maxSteps?: number;
  /** Default: 0.2. */
  readonly temperature?: number;
  /** Default: 4,000. */
  readonly maxOutputTokens?: number;
  readonly clock?: Clock;
}

/**
 * Makes a planner on a language model.
 *
 * @param options the model and its bounds
 */
export function createPlanner(options: PlannerOptions): Planner {
  const {
    aiClient,
    clock = systemClock,
    maxRepairs = 2,
    maxSteps = 50,
    temperature = 0.2,
    maxOutputTokens = 4_000,
  } = options;
  return {
    plan: async (request, offered, { signal, emit } = {}) => {
      const now = new Date(clock.now()).toISOString();
      try {
        const { value, repaired } = await generateJson<PlanningResult>(aiClient, {
          messages: buildPlanningPrompt(request, offered, { ...options.prompt, now }),
          schema: { name: 'execution_plan', schema: planReplySchema },
          read: (reply) => readPlanReply(reply, offered, maxSteps),
          onRejected: (diagnostics, attempt) => emit?.({ type: 'plan.rejected', diagnostics, attempt }),
          purpose: 'planning',
          maxRepairs,
          temperature,
          maxOutputTokens,
          signal,
          clock,
          emit,
        });
        if (repaired.length > 0) emit?.({ type: 'plan.repaired', diagnostics: repaired, by: 'model' });
        return value;
      } catch (error) {
        throw asPlanRejection(error);
      }
    },
  };
}

/**
 * Judges a model's parsed reply: a valid plan, a stated "cannot", or diagnostics.
 *
 * @param reply the JSON value of the reply; `{"plan": {...}}` and a bare list of steps are read too
 * @param offered the components the plan may use
 * @param maxSteps steps a plan may have
 */
export function readPlanReply(
  reply: unknown,
  offered: readonly ComponentInfo[],
  maxSteps: number,
): JsonVerdict<PlanningResult> {
  const candidate = unwrapPlan(reply);
  const refusal = statedRefusal(candidate);
  if (refusal !== undefined) return { ok: true, value: { ok: false, reason: refusal } };
  const { ok, plan, diagnostics } = validatePlan(candidate, offered, { maxSteps });
  return ok && plan !== undefined
    ? { ok: true, value: { ok: true, plan } }
    : { ok: false, diagnostics: diagnostics.filter(({ severity }) => severity === 'error') };
}

function unwrapPlan(reply: unknown): unknown {
  if (Array.isArray(reply)) return { steps: reply };
  if (typeof reply !== 'object' || reply === null || 'steps' in reply) return reply;
  return 'plan' in reply ? unwrapPlan(reply.plan) : reply;
}

/** An empty plan with a reason is a legal answer: no tool can do this. */
function statedRefusal(candidate: unknown): string | undefined {
  if (typeof candidate !== 'object' || candidate === null) return undefined;
  if (!('steps' in candidate) || !Array.isArray(candidate.steps) || candidate.steps.length > 0) return undefined;
  if (!('reason' in candidate) || typeof candidate.reason !== 'string' || candidate.reason.trim() === '')
    return undefined;
  return candidate.reason.trim().slice(0, 500);
}

const modelFaults: ReadonlySet<string> = new Set(['MODEL_ANSWER_REJECTED', 'MODEL_TRUNCATED', 'MODEL_INVALID_JSON']);

function asPlanRejection(error: unknown): unknown {
  if (!GomindError.isInstance(error) || !modelFaults.has(error.code)) return error;
  return new GomindError({
    code: 'PLAN_REJECTED',
    message: `No valid plan: ${error.message}. Rephrase the request, or check that the components it needs are registered.`,
    details: { ...error.details, reason: error.code },
    cause: error,
  });
}
