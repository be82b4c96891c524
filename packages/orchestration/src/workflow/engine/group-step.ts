/**
 * The kind of step that is a group which runs as a whole: a plan inside the step, with one deadline, one retry, one place in the
 * cache, once for each item.
 *
 * @module
 */
import { type ComponentInfo, GomindError } from '@gomind/core';
import type { StepContext, StepHandler } from '../../execution/step-handler.ts';
import type { ExecutionResult, RunError } from '../../plan/execution-result.ts';
import type { ExpressionScope } from '../../plan/expressions/scope.ts';
import type { PlanStep, RoutingPlan } from '../../plan/routing-plan.ts';
import { workflowsComponentName } from '../definition.ts';

/** The `config` of a group. */
export interface GroupConfig {
  readonly plan: RoutingPlan;
  /** Names of the steps around the group that its steps refer to. */
  readonly sees: readonly string[];
}

/** What groups need. */
export interface GroupStepOptions {
  /** Those that there are, for their effect classes; undefined when the application makes the calls itself and knows. */
  components(): readonly ComponentInfo[] | undefined;
}

/**
 * Makes the handler of `group` steps (see {@link GroupConfig}). A group that asks for retries runs again from its beginning, where
 * what its steps do may be repeated, and where no failure inside says that trying again is of no use.
 */
export function createGroupStepHandler(options: GroupStepOptions): StepHandler {
  const obstacleOf = (step: PlanStep): string | undefined => unrepeatable(step, options.components());
  return {
    kind: 'group',
    takesSlot: false,
    fillsSlots: true,
    // Its steps have deadlines of their own.
    timeoutMs: Number.POSITIVE_INFINITY,
    mayRetry: (error, step) => GomindError.isInstance(error) && error.isRetryable && obstacleOf(step) === undefined,
    run: async (step, context) => {
      const { plan, sees } = step.config as unknown as GroupConfig;
      const { item, index } = context.scope;
      const result = await context.executePlan(plan, {
        steps: seenSteps(context.scope, sees),
        scope: { ...(item === undefined ? {} : { item }), ...(index === undefined ? {} : { index }) },
      });
      if (result.status === 'completed') return result.outputs;
      throw failureOf(result, { step, context, obstacle: obstacleOf(step) });
    },
  };
}

function seenSteps({ steps = {} }: ExpressionScope, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.flatMap((name) => (Object.hasOwn(steps, name) ? [[name, steps[name]]] : [])));
}

/** Not for ever broken: what is no error of ours may be anything, and a step that asks for retries gets them for it too. */
function mayHelp({ isRetryable, code }: RunError): boolean {
  return isRetryable || code === 'STEP_FAILED';
}

function failureOf(
  { errors }: ExecutionResult,
  {
    step,
    context,
    obstacle,
  }: { readonly step: PlanStep; readonly context: StepContext; readonly obstacle: string | undefined },
): GomindError {
  const [cause] = errors;
  const isRetryable = errors.length > 0 && errors.every(mayHelp);
  const isKept = isRetryable && obstacle !== undefined && context.attempt < (step.retry?.maxAttempts ?? 1);
  const why = isKept
    ? ` (The group was not run again, because "${obstacle}" may not be repeated. If it may, say "effect: idempotent" of it, or of the group.)`
    : '';
  return new GomindError({
    code: cause?.code ?? 'STEP_FAILED',
    message: `${cause?.message ?? 'The group was cancelled.'}${why}`,
    isRetryable,
    details: { ...cause?.details, ...(cause?.step === undefined ? {} : { step: cause.step }) },
  });
}

/** The first step inside that must not happen twice; what nobody knows must not. */
function unrepeatable(step: PlanStep, components: readonly ComponentInfo[] | undefined): string | undefined {
  if (step.effect !== undefined) return isRepeatable(step.effect) ? undefined : step.name;
  if (step.kind === 'group') {
    for (const inner of (step.config as unknown as GroupConfig).plan.steps) {
      const obstacle = unrepeatable(inner, components);
      if (obstacle !== undefined) return obstacle;
    }
    return undefined;
  }
  if (step.kind === 'join' || step.kind === 'wait' || step.kind === 'approval') return undefined;
  if (step.kind !== undefined || step.component === workflowsComponentName) return step.name;
  if (components === undefined) return undefined;
  const { component, action, name } = step;
  const capabilities = components.find((known) => known.name === component)?.capabilities;
  return isRepeatable(capabilities?.find((capability) => capability.name === action)?.effect) ? undefined : name;
}

function isRepeatable(effect: string | undefined): boolean {
  return effect === 'pure' || effect === 'idempotent';
}
