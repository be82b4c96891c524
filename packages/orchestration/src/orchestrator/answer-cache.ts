/**
 * Answers kept for the time when nothing else works: told again only to whoever asked the same before, while the same
 * capabilities are offered, and never when the plan did something, because "done" would be a lie the second time.
 *
 * @module
 */
import { type Clock, type ComponentInfo, type EffectClass, sha256Hex, systemClock } from '@gomind/core';
import type { PlanStep } from '../plan/routing-plan.ts';
import { fingerprintOf, normaliseRequest } from '../planning/routing-cache-key.ts';
import { RoutingCache } from '../planning/routing-cache.ts';
import type { OrchestratorResponse } from './orchestrator-response.ts';

/** What an answer is looked for by. */
export interface AnswerQuery {
  readonly request: string;
  readonly offered: readonly ComponentInfo[];
  /** Who may be told the same. */
  readonly audience: string;
}

/** An answer from before. */
export interface KeptAnswer {
  readonly answer: string;
  /** Milliseconds since the epoch. */
  readonly answeredAt: number;
  readonly confidence: number;
}

/** Keeps answers. */
export interface AnswerCache {
  /** The answer of the same request, within its lifetime. */
  find(query: AnswerQuery): KeptAnswer | undefined;
  /** Keeps what was answered completely by looking things up; anything else is left out. */
  keep(query: AnswerQuery, response: OrchestratorResponse): void;
}

/** Options of {@link createAnswerCache}. */
export interface AnswerCacheOptions {
  /** Default: 300,000. */
  readonly ttlMs?: number;
  /** Default: 1,000. */
  readonly maxEntries?: number;
  readonly clock?: Clock;
}

/** Keeps nothing. */
export const noAnswerCache: AnswerCache = { find: () => undefined, keep: () => undefined };

/** Longer answers are not kept: a thousand of these are 64 MB at most. */
const maxAnswerCharacters = 32_768;

/** Makes a cache of answers in memory. */
export function createAnswerCache(options: AnswerCacheOptions = {}): AnswerCache {
  const { clock = systemClock, ...bounds } = options;
  const cache = new RoutingCache<KeptAnswer>({ ...bounds, clock });
  return {
    find: (query) => cache.get(keyOf(query)),
    keep: (query, { status, response: answer, plan, confidence }) => {
      const hasFullAnswer = status === 'completed' && answer.length <= maxAnswerCharacters;
      if (!hasFullAnswer || plan === undefined || !plan.steps.every((step) => onlyLooks(step, query.offered))) return;
      cache.set(keyOf(query), { answer, answeredAt: clock.now(), confidence });
    },
  };
}

function keyOf({ request, offered, audience }: AnswerQuery): string {
  return sha256Hex(JSON.stringify([normaliseRequest(request), fingerprintOf(offered), audience]));
}

function onlyLooks(step: PlanStep, offered: readonly ComponentInfo[]): boolean {
  return effectOf(step, offered) === 'pure';
}

/** What is not declared is taken for the worst. */
function effectOf(step: PlanStep, offered: readonly ComponentInfo[]): EffectClass {
  const component = offered.find(({ name }) => name === step.component);
  const capability = component?.capabilities.find(({ name }) => name === step.action);
  return capability?.effect ?? 'irreversible';
}
