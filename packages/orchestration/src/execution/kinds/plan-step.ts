/**
 * The kind of step that is a plan of its own: `config.plan`, with the step's inputs as the inputs of that plan.
 *
 * @module
 */
import type { PlanStep, RoutingPlan } from '../../plan/routing-plan.ts';
import { expandInto } from '../run/expand-into.ts';
import { proveStructure } from './prove-structure.ts';
import type { StepHandler } from '../step-handler.ts';

/**
 * Makes the handler of `plan` steps. The plan sees the step's inputs, or without any what the plan around it sees. Whoever lets
 * others write plans must have proved the nested ones too: this handler checks their form, not whom they call.
 */
export function createPlanStepHandler(): StepHandler {
  /** A step that runs for many items proves its plan once. */
  const proved = new WeakMap<object, RoutingPlan>();
  const planOf = (step: PlanStep): RoutingPlan => {
    const written = step.config?.['plan'];
    if (typeof written !== 'object' || written === null) return proveStructure(written);
    const plan = proved.get(written) ?? proveStructure(written);
    proved.set(written, plan);
    return plan;
  };
  return {
    kind: 'plan',
    takesSlot: false,
    // Its steps have deadlines of their own.
    timeoutMs: Number.POSITIVE_INFINITY,
    run: async (step, context) => {
      const hasInputs = Object.keys(context.inputs).length > 0;
      return Promise.resolve(expandInto(planOf(step), hasInputs ? { inputs: context.inputs } : {}));
    },
  };
}
