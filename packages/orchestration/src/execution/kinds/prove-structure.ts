/**
 * Turns a plan as somebody wrote it into one that can be run, or refuses it with every problem.
 *
 * @module
 */
import { GomindError } from '@gomind/core';
import type { RoutingPlan } from '../../plan/routing-plan.ts';
import { validatePlanStructure } from '../../plan/validation/validate-plan.ts';

const shownProblems = 10;

/**
 * Proves what can be proved without knowing any component; references to undeclared dependencies are added.
 *
 * @param plan a RoutingPlan, or a plan in the wire form
 * @throws GomindError `PLAN_REJECTED` with `details.diagnostics`
 */
export function proveStructure(plan: unknown): RoutingPlan {
  const { plan: proved, diagnostics } = validatePlanStructure(plan, { addImpliedDependencies: true });
  if (proved !== undefined) return proved;
  const problems = diagnostics
    .filter((diagnostic) => diagnostic.severity === 'error')
    .map((diagnostic) => diagnostic.message);
  throw new GomindError({
    code: 'PLAN_REJECTED',
    message: `The plan is not valid: ${problems.slice(0, shownProblems).join(' ')}`,
    details: { diagnostics },
  });
}
