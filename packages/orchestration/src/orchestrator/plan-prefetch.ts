/**
 * Plans ahead: when callers have a habit, the request that is likely to come next is planned before it comes. Off by default,
 * one at a time, at most so many an hour, each within the budget of one request; it never calls a component.
 *
 * @module
 */
import { type Clock, type Logger, toGomindError } from '@gomind/core';
import type { CapabilityProvider } from '../capabilities/capability-provider.ts';
import { createBudget } from '../execution/budget.ts';
import type { RunBudgetLimits } from '../plan/budget.ts';
import type { PlanCache } from '../planning/plan-cache.ts';
import type { Planner } from '../planning/planner.ts';
import { RequestSequences } from '../planning/request-sequences.ts';

/** A request that was planned, as the caches know it. */
export interface PlannedRequest {
  readonly request: string;
  /** Whose sequence it belongs to. */
  readonly caller: string;
  /** Who may be served the plan. */
  readonly audience: string;
}

/** Plans ahead. */
export interface PlanPrefetch {
  /** Takes note of a request, and may begin to plan the next one in the background. */
  after(planned: PlannedRequest): void;
  /** Gives up what is at work. Calling it twice is no error. */
  close(): Promise<void>;
}

/** Options of {@link createPlanPrefetch}. */
export interface PlanPrefetchOptions {
  readonly plans: PlanCache;
  readonly planner: Planner;
  readonly provider: CapabilityProvider;
  /** Plannings ahead within any hour. */
  readonly perHour: number;
  /** What one of them may use up. */
  readonly budget: RunBudgetLimits;
  readonly maxEntries: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

const hourMs = 3_600_000;

/** Plans nothing ahead. */
export const noPlanPrefetch: PlanPrefetch = { after: () => undefined, close: () => Promise.resolve() };

/** Makes what plans ahead. */
export function createPlanPrefetch(options: PlanPrefetchOptions): PlanPrefetch {
  const { plans, planner, provider, perHour, clock, logger } = options;
  const sequences = new RequestSequences(options);
  const closing = new AbortController();
  let startedMs: readonly number[] = [];
  let work: Promise<void> | undefined;

  const planAhead = async (request: string, audience: string): Promise<void> => {
    const { signal } = closing;
    const budget = createBudget(options.budget, { clock, emit: () => undefined });
    try {
      const offered = await provider.offer(request, { signal, budget });
      await plans.prefetch(
        { request, offered, audience },
        (planning) => planner.plan(request, offered, { ...planning, budget }),
        { signal },
      );
    } catch (error) {
      const { code } = toGomindError(error, { code: 'PLANNING_FAILED' });
      logger.debug('Planning ahead failed', { code });
    }
  };

  return {
    after: ({ request, caller, audience }) => {
      const next = sequences.note(caller, request);
      const now = clock.monotonicMs();
      startedMs = startedMs.filter((started) => now - started < hourMs);
      const mayStart = work === undefined && startedMs.length < perHour && !closing.signal.aborted;
      if (next === undefined || !mayStart) return;
      startedMs = [...startedMs, now];
      work = planAhead(next, audience).finally(() => {
        work = undefined;
      });
    },
    close: async () => {
      closing.abort();
      await work;
    },
  };
}
