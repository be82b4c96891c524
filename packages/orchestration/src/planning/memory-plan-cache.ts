/**
 * Plans kept for the next request of the same words: found again only where the same capabilities are offered to the same
 * audience on the same day, and proved again before they are served.
 *
 * @module
 */
import { type Clock, GomindError, sha256Hex, systemClock } from '@gomind/core';
import type { ValidatePlanOptions } from '../plan/validation/plan-validation.ts';
import type { RoutingPlan } from '../plan/routing-plan.ts';
import type { RunEventBody } from '../plan/events/run-event.ts';
import { validatePlan } from '../plan/validation/validate-plan.ts';
import { isBoundToItsMoment } from './moment.ts';
import type { CachedPlanning, PlanCache, PlanCacheMetrics } from './plan-cache.ts';
import type { PlanningOptions, PlanningResult } from './planner.ts';
import type { PlanQuery } from './plan-query.ts';
import { fingerprintOf, normaliseRequest } from './routing-cache-key.ts';
import { RoutingCache } from './routing-cache.ts';
import { TemplateCache } from './template-cache.ts';

/** Options of {@link createPlanCache}. */
export interface PlanCacheOptions {
  /** Milliseconds that a plan is served. Default: 300,000. */
  readonly ttlMs?: number;
  /** Milliseconds after that in which it is served when the planner fails. Default: 3,600,000. */
  readonly staleTtlMs?: number;
  /** Milliseconds that "no component can do this" is repeated, at most `ttlMs`. Default: 30,000. */
  readonly negativeTtlMs?: number;
  /** Default: 1,000. */
  readonly maxEntries?: number;
  /** Whether parameters may be missing that are bound before the call, as the planner was told. Default: false. */
  readonly allowLateBinding?: boolean;
  /** Whether plans are served for the same words with other values. Default: true. */
  readonly hasTemplates?: boolean;
  /** Whatever else shapes plans: model, prompt. Default: none. */
  readonly context?: string;
  readonly clock?: Clock;
}

/** Makes a cache of plans in memory. */
export function createPlanCache(options: PlanCacheOptions = {}): PlanCache {
  return new MemoryPlanCache(options);
}

interface KeptPlanning {
  readonly result: PlanningResult;
  /** What the planning cost. */
  readonly tokens: number;
  readonly mayKeep: boolean;
  /** Whether it was made ahead, and nobody has asked for it yet. */
  isAhead: boolean;
}

type Emit = (event: RunEventBody) => void;

class MemoryPlanCache implements PlanCache {
  readonly #cache: RoutingCache<KeptPlanning>;
  readonly #templates: TemplateCache | undefined;
  readonly #clock: Clock;
  readonly #context: string;
  readonly #proof: ValidatePlanOptions;
  readonly #ttlMs: number;
  readonly #negativeTtlMs: number;
  /** By key: those who wait for a planning at work, in the order they came. */
  readonly #listeners = new Map<string, Set<Emit>>();
  readonly #counts = {
    hits: 0,
    misses: 0,
    template: 0,
    shared: 0,
    negative: 0,
    stale: 0,
    ahead: 0,
    aheadHits: 0,
    savedTokens: 0,
  };

  constructor(options: PlanCacheOptions) {
    const { ttlMs = 300_000, staleTtlMs = 3_600_000, negativeTtlMs = 30_000, maxEntries = 1_000 } = options;
    this.#clock = options.clock ?? systemClock;
    this.#context = options.context ?? '';
    this.#proof = { allowLateBinding: options.allowLateBinding ?? false };
    this.#ttlMs = ttlMs;
    this.#negativeTtlMs = Math.min(negativeTtlMs, ttlMs);
    this.#cache = new RoutingCache({ ttlMs, staleTtlMs, maxEntries, clock: this.#clock });
    const hasTemplates = options.hasTemplates ?? true;
    this.#templates = hasTemplates ? new TemplateCache({ ttlMs, maxEntries, clock: this.#clock }) : undefined;
  }

  async plan(
    query: PlanQuery,
    plan: (options: PlanningOptions) => Promise<PlanningResult>,
    options: PlanningOptions,
  ): Promise<CachedPlanning> {
    const key = this.#keyOf(query);
    const kept = this.#cache.get(key);
    if (kept !== undefined && holds(kept.result, query, this.#proof)) {
      if (kept.isAhead) this.#counts.aheadHits++;
      kept.isAhead = false;
      return this.#hit(kept, 'cache');
    }
    if (kept !== undefined) this.#cache.delete(key);
    const fitting = this.#fromTemplate(key, query);
    if (fitting !== undefined) {
      this.#counts.template++;
      return this.#hit(fitting, 'cache');
    }
    const stopListening = this.#listen(key, options.emit);
    const planning = { isOwn: false };
    const make = (signal: AbortSignal): Promise<KeptPlanning> => {
      planning.isOwn = true;
      this.#counts.misses++;
      return this.#make(key, (emit) => plan({ ...options, signal, emit }));
    };
    try {
      const { value } = await this.#cache.obtain(key, make, {
        signal: options.signal,
        ttlMsOf: ({ result, mayKeep }) => (mayKeep ? this.#ttlMsOf(result, query) : 0),
      });
      if (!planning.isOwn) return this.#hit(value, 'shared');
      const { result, tokens } = value;
      const isKept = this.#cache.get(key) !== undefined;
      if (isKept && result.ok) this.#templates?.learn(query, { plan: result.plan, tokens }, this.#contextNow());
      return { ...result, from: 'planner' };
    } catch (error) {
      // Another's money ran out, not this caller's.
      const isOthersBudget = !planning.isOwn && GomindError.isInstance(error, 'BUDGET_EXCEEDED');
      if (isOthersBudget) return await this.plan(query, plan, options);
      throw error;
    } finally {
      stopListening();
    }
  }

  async prefetch(
    query: PlanQuery,
    plan: (options: PlanningOptions) => Promise<PlanningResult>,
    options: PlanningOptions,
  ): Promise<void> {
    const key = this.#keyOf(query);
    if (this.#cache.get(key) !== undefined || this.#fromTemplate(key, query) !== undefined) return;
    const make = async (signal: AbortSignal): Promise<KeptPlanning> => {
      this.#counts.ahead++;
      const planning = await this.#make(key, (emit) => plan({ ...options, signal, emit }));
      return { ...planning, isAhead: true };
    };
    await this.#cache.obtain(key, make, {
      signal: options.signal,
      ttlMsOf: ({ result, mayKeep }) => (mayKeep ? this.#ttlMsOf(result, query) : 0),
    });
  }

  findStale(query: PlanQuery): RoutingPlan | undefined {
    const result = this.#cache.getStale(this.#keyOf(query))?.result;
    if (result?.ok !== true || !holds(result, query, this.#proof)) return undefined;
    this.#counts.stale++;
    return result.plan;
  }

  forget(query: PlanQuery): void {
    this.#cache.delete(this.#keyOf(query));
    this.#templates?.forget(query, this.#contextNow());
  }

  dropComponent(name: string): void {
    this.#templates?.dropComponent(name);
    this.#cache.deleteWhere(({ result }) => result.ok && result.plan.steps.some(({ component }) => component === name));
  }

  metrics(): PlanCacheMetrics {
    const { hits, misses, template, shared, negative, stale, ahead, aheadHits, savedTokens } = this.#counts;
    return {
      cacheHits: hits,
      cacheMisses: misses,
      cacheHitRate: hits + misses === 0 ? 0 : hits / (hits + misses),
      cacheSize: this.#cache.size,
      cacheTemplateHits: template,
      cacheSharedHits: shared,
      cacheNegativeHits: negative,
      cacheStaleHits: stale,
      cachePrefetches: ahead,
      cachePrefetchHitRate: ahead === 0 ? 0 : aheadHits / ahead,
      savedTokens,
    };
  }

  #keyOf({ request, offered, audience }: PlanQuery): string {
    const parts = [normaliseRequest(request), fingerprintOf(offered), audience, this.#contextNow()];
    return sha256Hex(JSON.stringify(parts));
  }

  /** "Tomorrow" is another day tomorrow, so no plan outlives its day. */
  #contextNow(): string {
    return `${String(Math.floor(this.#clock.now() / 86_400_000))} ${this.#context}`;
  }

  /** What a template gave is kept like any plan: the next request of these words finds it at once. */
  #fromTemplate(key: string, query: PlanQuery): KeptPlanning | undefined {
    const hit = this.#templates?.find(query, this.#contextNow());
    if (hit === undefined) return undefined;
    const result = ownCopy({ ok: true, plan: hit.plan });
    if (result === undefined) return undefined;
    const kept = { result, tokens: hit.tokens, mayKeep: true, isAhead: false };
    this.#cache.set(key, kept);
    return kept;
  }

  #ttlMsOf(result: PlanningResult, query: PlanQuery): number {
    if (!result.ok) return this.#negativeTtlMs;
    // A plan may call what was not offered at first; whether that is still there tomorrow, the key would not tell.
    const mayKeep =
      holds(result, query, this.#proof) && !isBoundToItsMoment(result.plan, query.request, this.#clock.now());
    return mayKeep ? this.#ttlMs : 0;
  }

  #hit(kept: KeptPlanning, from: 'shared' | 'cache'): CachedPlanning {
    this.#counts.hits++;
    this.#counts.savedTokens += kept.tokens;
    if (from === 'shared') this.#counts.shared++;
    else if (!kept.result.ok) this.#counts.negative++;
    return { ...kept.result, from };
  }

  /** Events of a shared planning belong to the run of whoever waits longest, so that its tokens are counted once. */
  async #make(key: string, plan: (emit: Emit) => Promise<PlanningResult>): Promise<KeptPlanning> {
    let tokens = 0;
    const emit: Emit = (event) => {
      if (event.type === 'tokens') tokens += event.usage.totalTokens;
      const [first] = this.#listeners.get(key) ?? [];
      first?.(event);
    };
    const result = await plan(emit);
    const copy = ownCopy(result);
    return { result: copy ?? result, tokens, mayKeep: copy !== undefined, isAhead: false };
  }

  #listen(key: string, emit: Emit = () => undefined): () => void {
    const listeners = this.#listeners.get(key) ?? new Set<Emit>();
    this.#listeners.set(key, listeners);
    const own: Emit = (event) => {
      emit(event);
    };
    listeners.add(own);
    return () => {
      listeners.delete(own);
      if (listeners.size === 0 && this.#listeners.get(key) === listeners) this.#listeners.delete(key);
    };
  }
}

/** Many runs are given the same plan, so nobody may change it. A planner's plan that is no plain data has no copy. */
function ownCopy(result: PlanningResult): PlanningResult | undefined {
  try {
    return deepFreeze(structuredClone(result));
  } catch {
    return undefined;
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}

/** Whether a planning is right for what is offered now. Only the components that the plan calls are looked at. */
function holds(result: PlanningResult, { offered }: PlanQuery, proof: ValidatePlanOptions): boolean {
  if (!result.ok) return true;
  const called = new Set(result.plan.steps.map(({ component }) => component));
  return validatePlan(
    result.plan,
    offered.filter(({ name }) => called.has(name)),
    proof,
  ).ok;
}
