/**
 * A planner of the application's own, held to its contract: JavaScript callers are not held by types.
 *
 * @module
 */
import { GomindError } from '@gomind/core';
import type { Planner, PlanningResult } from './planner.ts';

/**
 * The same planner; planning fails with `PLANNING_FAILED` when it returns neither a plan nor a reason.
 *
 * @param planner the application's
 */
export function checkedPlanner(planner: Planner): Planner {
  return { plan: async (...request) => checkResult(await planner.plan(...request)) };
}

function checkResult(result: PlanningResult): PlanningResult {
  // Whatever it is, as nobody knows better than to look.
  const { ok, plan, reason } = Object(result) as { ok?: unknown; plan?: unknown; reason?: unknown };
  if (ok === true && Array.isArray((Object(plan) as { steps?: unknown }).steps)) return result;
  if (ok === false && typeof reason === 'string') return result;
  throw new GomindError({
    code: 'PLANNING_FAILED',
    message: 'The planner must return { ok: true, plan: { steps } } or { ok: false, reason }, and returned neither',
  });
}
