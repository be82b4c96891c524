/**
 * Mends by rules what can be mended in a model's plan, so that no model call is spent on it: missing parameters that exactly one
 * output fits, dependencies that a reference implies, literals that convert without loss. Pure.
 *
 * @module
 */
import type { ComponentInfo } from '@gomind/core';
import { parsePlan } from '../plan/plan-codec.ts';
import type { PlanValidation, ValidatePlanOptions } from '../plan/validation/plan-validation.ts';
import { validatePlan } from '../plan/validation/validate-plan.ts';
import { wireMissingInputs } from '../plan/validation/wire-inputs.ts';

/**
 * Proves a plan after mending it.
 *
 * @param candidate what the model said, as a plan in the wire form
 * @param offered the components the plan may use
 * @returns the validation of the mended plan; `repairs` are what was mended, `diagnostics` what is left
 */
export function validateWithRepairs(
  candidate: unknown,
  offered: readonly ComponentInfo[],
  options: ValidatePlanOptions,
): PlanValidation {
  const rules = { ...options, addImpliedDependencies: true };
  const { plan } = parsePlan(candidate, options.maxSteps === undefined ? {} : { maxSteps: options.maxSteps });
  if (plan === undefined) return validatePlan(candidate, offered, rules);
  const wired = wireMissingInputs(plan, offered);
  const validation = validatePlan(wired.plan, offered, rules);
  return validation.ok ? { ...validation, repairs: [...wired.repairs, ...validation.repairs] } : validation;
}
