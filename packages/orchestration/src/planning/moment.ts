/**
 * Plans that were true only in the moment they were made: "in ten minutes" became a time of day.
 *
 * @module
 */
import type { RoutingPlan } from '../plan/routing-plan.ts';
import { templatesOf } from '../plan/validation/step-templates.ts';

const timeOfDay = /\d{1,2}:\d{2}/gu;
const yearMs = 366 * 86_400_000;

/**
 * Whether a plan holds a time that its request did not name, so that it must have been reckoned from the present.
 *
 * @param plan any plan
 * @param request the words it was made from
 * @param nowMs milliseconds since the epoch
 */
export function isBoundToItsMoment(plan: RoutingPlan, request: string, nowMs: number): boolean {
  const isUnnamed = (literal: unknown): boolean => {
    if (typeof literal === 'string') {
      return [...literal.matchAll(timeOfDay)].some(([time]) => !request.includes(time));
    }
    if (typeof literal !== 'number') return false;
    const isEpoch = Math.abs(literal - nowMs) < yearMs || Math.abs(literal * 1_000 - nowMs) < yearMs;
    return isEpoch && !request.includes(String(literal));
  };
  return plan.steps.some((step) => templatesOf(step).some(([, value]) => someLiteral(value, isUnnamed)));
}

/** Whether a test holds for any text, number or other plain value inside a value. */
function someLiteral(value: unknown, test: (literal: unknown) => boolean): boolean {
  if (typeof value !== 'object' || value === null) return test(value);
  return Object.values(value).some((inner) => someLiteral(inner, test));
}
