/**
 * The kind of step whose plan is made while it runs: from its prompt and inputs, within the components it may use.
 *
 * @module
 */
import { type ComponentInfo, GomindError } from '@gomind/core';
import { expandInto } from '../../execution/run/expand-into.ts';
import type { StepHandler } from '../../execution/step-handler.ts';
import type { CallBudget } from '../../plan/budget.ts';
import type { RoutingPlan } from '../../plan/routing-plan.ts';
import type { RunEventBody } from '../../plan/events/run-event.ts';
import type { PlanningResult } from '../../planning/planner.ts';

const maxInputCharacters = 8_000;

/** What ai-routing steps need. */
export interface AIRoutingStepOptions {
  /** The components that there are. */
  components(): readonly ComponentInfo[];
  /** Workflows as a component. Used only where a step names it: a workflow that may plan itself would do so. */
  workflows(): ComponentInfo;
  /**
   * Makes a proved plan.
   *
   * @throws GomindError the model's error, or `PLAN_REJECTED`
   */
  plan(
    request: string,
    offered: readonly ComponentInfo[],
    options: {
      readonly signal: AbortSignal;
      readonly budget: CallBudget;
      /** Receives what the planner has to tell. */
      readonly emit: (event: RunEventBody) => void;
    },
  ): Promise<PlanningResult>;
}

/**
 * Makes the handler of `ai-routing` steps. `config.prompt` is what is wanted, `config.components` names what may be used; the
 * plan runs in the step's place, and the outputs of its steps are the step's output.
 */
export function createAIRoutingStepHandler(options: AIRoutingStepOptions): StepHandler {
  return {
    kind: 'ai-routing',
    takesSlot: false,
    run: async (step, context) => {
      const { prompt, components } = context.config;
      const allowed = Array.isArray(components) ? new Set(components.map(String)) : undefined;
      const known = options.components();
      const offered =
        allowed === undefined ? known : [...known, options.workflows()].filter(({ name }) => allowed.has(name));
      const request = requestOf(typeof prompt === 'string' ? prompt : step.name, context.inputs);
      const { signal, budget } = context;
      const emit = (event: RunEventBody): void => {
        context.emit(event);
      };
      const planned = await options.plan(request, offered, { signal, budget, emit });
      if (planned.ok) {
        if (allowed !== undefined) refuseOthers(planned.plan, allowed, step.name);
        return expandInto(planned.plan, { origin: { request, offered } });
      }
      throw new GomindError({
        code: 'NO_PLAN',
        message: `Nothing that step "${step.name}" may use can do what its prompt says: ${planned.reason}`,
        details: { step: step.name },
      });
    },
  };
}

function requestOf(prompt: string, inputs: Readonly<Record<string, unknown>>): string {
  if (Object.keys(inputs).length === 0) return prompt;
  const values = JSON.stringify(inputs);
  const shown = values.length > maxInputCharacters ? `${values.slice(0, maxInputCharacters)}...` : values;
  return `${prompt}\n\nInputs: ${shown}`;
}

/** The planner proves its plans against what it was offered; one that an application brings may not. */
function refuseOthers(plan: RoutingPlan, allowed: ReadonlySet<string>, step: string): void {
  const isHarmless = (kind: string | undefined): boolean => kind === 'join' || kind === 'wait';
  const other = plan.steps.find(
    ({ kind, component = '' }) => !isHarmless(kind) && (kind !== undefined || !allowed.has(component)),
  );
  if (other === undefined) return;
  throw new GomindError({
    code: 'PLAN_REJECTED',
    message: `The plan of step "${step}" calls "${other.component ?? other.kind ?? ''}" in its step "${other.name}". Allowed: ${[...allowed].join(', ')}.`,
    details: { step },
  });
}
