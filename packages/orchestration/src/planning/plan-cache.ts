/**
 * What keeps plans for the next request, as those who use it see it, and the one that keeps nothing.
 *
 * @module
 */
import type { RoutingPlan } from '../plan/routing-plan.ts';
import type { PlanningOptions, PlanningResult } from './planner.ts';
import type { PlanQuery } from './plan-query.ts';

/** A planning and where it came from. `shared`: made for another caller who asked the same at the same time. */
export type CachedPlanning = PlanningResult & { readonly from: 'planner' | 'shared' | 'cache' };

/** What the caches of an orchestrator did so far. */
export interface PlanCacheMetrics {
  /** Plannings answered without a planning of their own: kept, shared or negative. */
  readonly cacheHits: number;
  readonly cacheMisses: number;
  /** Hits among all looks, 0 to 1; 0 before the first look. */
  readonly cacheHitRate: number;
  /** Plans and refusals kept right now. */
  readonly cacheSize: number;
  /** Hits by a template: the words were the same, the values others. */
  readonly cacheTemplateHits: number;
  /** Hits that shared a planning at work. */
  readonly cacheSharedHits: number;
  /** Hits that repeated "no component can do this". */
  readonly cacheNegativeHits: number;
  /** Plans served beyond their lifetime because the model failed. */
  readonly cacheStaleHits: number;
  /** Plannings made ahead. */
  readonly cachePrefetches: number;
  /** Those of them that were asked for afterwards, among all, 0 to 1. */
  readonly cachePrefetchHitRate: number;
  /** Tokens that the plannings of all hits had cost. */
  readonly savedTokens: number;
}

/** Keeps plans. */
export interface PlanCache {
  /**
   * The kept plan of a query, else what the planner makes; that is kept.
   *
   * @param query what is asked for
   * @param plan makes the plan; callers at the same time share one call
   * @throws GomindError what `plan` throws; `CANCELLED` or the signal's own error when this caller's signal aborts
   */
  plan(
    query: PlanQuery,
    plan: (options: PlanningOptions) => Promise<PlanningResult>,
    options: PlanningOptions,
  ): Promise<CachedPlanning>;
  /** Plans what is not kept yet, so that it will be there when it is asked for. */
  prefetch(
    query: PlanQuery,
    plan: (options: PlanningOptions) => Promise<PlanningResult>,
    options: PlanningOptions,
  ): Promise<void>;
  /** A plan beyond its lifetime that still holds, for when the planner fails. */
  findStale(query: PlanQuery): RoutingPlan | undefined;
  /** Forgets the plan of a query, because it did not work; the next planning may do better. */
  forget(query: PlanQuery): void;
  /** Forgets the plans that call a component. */
  dropComponent(name: string): void;
  metrics(): PlanCacheMetrics;
}

const noMetrics: PlanCacheMetrics = {
  cacheHits: 0,
  cacheMisses: 0,
  cacheHitRate: 0,
  cacheSize: 0,
  cacheTemplateHits: 0,
  cacheSharedHits: 0,
  cacheNegativeHits: 0,
  cacheStaleHits: 0,
  cachePrefetches: 0,
  cachePrefetchHitRate: 0,
  savedTokens: 0,
};

/** Keeps nothing. */
export const noPlanCache: PlanCache = {
  plan: async (_query, plan, options) => ({ ...(await plan(options)), from: 'planner' }),
  prefetch: () => Promise.resolve(),
  findStale: () => undefined,
  forget: () => undefined,
  dropComponent: () => undefined,
  metrics: () => noMetrics,
};
