/**
 * From a request to a proved plan: prompt, tolerant JSON, static validation, and at most a few repairs that carry the
 * diagnostics. Never calls a component.
 *
 * @module
 */
import { isDeepStrictEqual } from 'node:util';
import { type AIClient, type AIMessage, type Clock, type ComponentInfo, GomindError, systemClock } from '@gomind/core';
import { withoutInternal } from '../capabilities/capability-provider.ts';
import { generateJson, type JsonVerdict } from '../llm/generate-json.ts';
import type { CallBudget } from '../plan/budget.ts';
import type { Diagnostic } from '../plan/diagnostic.ts';
import type { ValidatePlanOptions } from '../plan/validation/plan-validation.ts';
import type { RoutingPlan } from '../plan/routing-plan.ts';
import type { RunEventBody } from '../plan/events/run-event.ts';
import type { Conversation } from '../synthesis/conversation.ts';
import { describeComponents } from './describe-components.ts';
import { planReplySchema } from './plan-reply-schema.ts';
import { findTakenNames, type PlanProgress, progressRule, withoutFinished } from './plan-progress.ts';
import {
  checkTemplate,
  planningData,
  type PlanningPromptOptions,
  type PromptBuilder,
  systemMessage,
} from './planning-prompt.ts';
import { validateWithRepairs } from './repair-plan.ts';
import { type ComponentLookup, Offer } from './tier-miss.ts';

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
  /** Asked before each question to the model. Default: no limit. */
  readonly budget?: CallBudget | undefined;
  /** What was said before the request. Default: nothing. */
  readonly conversation?: Conversation | undefined;
  /** How far an earlier plan came, when only the rest is to be planned. Default: nothing was done yet. */
  readonly progress?: PlanProgress | undefined;
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
  /** Makes the whole prompt instead; what it throws fails the planning with `CONFIG_INVALID`. Default: none. */
  readonly promptBuilder?: PromptBuilder;
  /** Finds registered components that were not offered, so that a plan may name one. Default: none are found. */
  readonly lookup?: ComponentLookup;
  /** Questions after a rejected plan. Default: 2. */
  readonly maxRepairs?: number;
  /** Steps a model's plan may have. Default: 50. */
  readonly maxSteps?: number;
  /** Steps in a row that it may have. Default: 10. */
  readonly maxDepth?: number;
  /** Steps that may wait for one of its steps. Default: 20. */
  readonly maxFanOut?: number;
  /** Whether a parameter may be missing where an earlier step may return it and no schema says. Default: false. */
  readonly allowLateBinding?: boolean;
  /** Default: 0.2. */
  readonly temperature?: number;
  /** Default: 4,000. */
  readonly maxOutputTokens?: number;
  readonly clock?: Clock;
}

/** What a model's plan may hold. Other kinds (approvals, workflows, further planning) are for whoever writes workflow files. */
const planStepKinds = ['component', 'join', 'plan', 'wait'];

/**
 * Makes a planner on a language model.
 *
 * @param options the model and its bounds
 */
export function createPlanner(options: PlannerOptions): Planner {
  const { aiClient, clock = systemClock, lookup = () => undefined, allowLateBinding = false } = options;
  const { maxRepairs = 2, temperature = 0.2, maxOutputTokens = 4_000 } = options;
  const { maxSteps = 50, maxDepth = 10, maxFanOut = 20 } = options;
  if (options.prompt?.template !== undefined) checkTemplate(options.prompt.template);
  const system = systemMessage(options.prompt);
  return {
    plan: async (request, offered, { signal, emit, budget, conversation, progress } = {}) => {
      const now = new Date(clock.now()).toISOString();
      const offer = new Offer(offered, progress === undefined ? lookup : () => undefined);
      const visibleSteps = Object.keys(progress?.finished ?? {});
      let added: readonly ComponentInfo[] = [];
      let mended: readonly Diagnostic[] = [];
      const onRepaired = (repairs: readonly Diagnostic[]): void => {
        mended = repairs;
      };
      try {
        const { value, repaired } = await generateJson<PlanningResult>(aiClient, {
          messages: promptFor({ request, offered, system, now, conversation, progress }, options),
          schema: { name: 'execution_plan', schema: planReplySchema },
          fits: looksLikePlan,
          read: (reply) => {
            const whole = unwrapPlan(reply);
            const plan = progress === undefined ? whole : withoutFinished(whole, progress);
            const taken = progress === undefined ? [] : findTakenNames(plan, progress);
            if (taken.length > 0) return { ok: false, diagnostics: taken };
            added = offer.extendFor(plan);
            const bounds = { maxSteps, maxDepth, maxFanOut, kinds: planStepKinds };
            return readPlanReply(plan, offer.components, { ...bounds, allowLateBinding, visibleSteps, onRepaired });
          },
          repairData: () => (added.length === 0 ? {} : { components: describeComponents(added) }),
          onRejected: (diagnostics, attempt) => emit?.({ type: 'plan.rejected', diagnostics, attempt }),
          purpose: 'planning',
          maxRepairs,
          temperature,
          maxOutputTokens,
          signal,
          clock,
          emit,
          budget,
        });
        const byRules = [...offer.missed, ...mended];
        if (byRules.length > 0) emit?.({ type: 'plan.repaired', diagnostics: byRules, by: 'rules' });
        if (repaired.length > 0) emit?.({ type: 'plan.repaired', diagnostics: repaired, by: 'model' });
        return value;
      } catch (error) {
        throw asPlanRejection(error);
      }
    },
  };
}

function promptFor(
  input: {
    readonly request: string;
    readonly offered: readonly ComponentInfo[];
    readonly system: string;
    readonly now: string;
    readonly conversation: Conversation | undefined;
    readonly progress: PlanProgress | undefined;
  },
  { promptBuilder }: PlannerOptions,
): readonly AIMessage[] {
  const { request, offered, now, conversation, progress } = input;
  const system = progress === undefined ? input.system : `${input.system}\n${progressRule}`;
  const data = planningData(request, offered, { now, conversation, progress });
  if (promptBuilder === undefined) {
    return [
      { role: 'system', content: system },
      { role: 'user', content: data },
    ];
  }
  const components = withoutInternal(offered);
  try {
    return promptBuilder({ request, components, now, system, data });
  } catch (error) {
    throw new GomindError({
      code: 'CONFIG_INVALID',
      message: `The prompt builder failed: ${error instanceof Error ? error.message : String(error)}. It must return messages for every request.`,
      cause: error,
    });
  }
}

/**
 * Judges a model's parsed reply: a valid plan, a stated "cannot", or diagnostics.
 *
 * @param reply the JSON value of the reply; `{"plan": {...}}` and a bare list of steps are read too
 * @param offered the components the plan may use
 * @param options bounds of the plan; `onRepaired` is told what rules mended in an accepted one
 */
function readPlanReply(
  reply: unknown,
  offered: readonly ComponentInfo[],
  options: ValidatePlanOptions & { readonly onRepaired?: (repairs: readonly Diagnostic[]) => void },
): JsonVerdict<PlanningResult> {
  const candidate = unwrapPlan(reply);
  const refusal = statedRefusal(candidate);
  if (refusal !== undefined) return { ok: true, value: { ok: false, reason: refusal } };
  const { onRepaired, ...rules } = options;
  const { plan, diagnostics, repairs } = validateWithRepairs(candidate, offered, rules);
  if (plan === undefined) return { ok: false, diagnostics: diagnostics.filter(({ severity }) => severity === 'error') };
  onRepaired?.(repairs);
  return { ok: true, value: { ok: true, plan } };
}

function looksLikePlan(reply: unknown): boolean {
  const plan = unwrapPlan(reply);
  if (typeof plan !== 'object' || plan === null || !('steps' in plan) || !Array.isArray(plan.steps)) return false;
  return plan.steps.every((step) => typeof step === 'object' && step !== null);
}

function unwrapPlan(reply: unknown): unknown {
  if (Array.isArray(reply)) return planAmong(reply) ?? { steps: reply };
  if (typeof reply !== 'object' || reply === null || 'steps' in reply) return reply;
  return 'plan' in reply ? unwrapPlan(reply.plan) : reply;
}

/** Some models write their thoughts as an object in front of the plan, or the plan twice; two different plans are none. */
function planAmong(values: readonly unknown[]): unknown {
  const plans = values.filter((value) => typeof value === 'object' && value !== null && 'steps' in value);
  return plans.every((plan) => isDeepStrictEqual(plan, plans[0])) ? plans[0] : undefined;
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
    message: `No valid plan: ${error.message.replace(/\.$/, '')}. Rephrase the request, or check that the components it needs are registered.`,
    details: { ...error.details, reason: error.code },
    cause: error,
  });
}
