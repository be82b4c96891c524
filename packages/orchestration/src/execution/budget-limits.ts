/**
 * Budgets as requests and configurations write them.
 *
 * @module
 */
import { GomindError, parseDurationMs } from '@gomind/core';
import type { BudgetLimits, RunBudgetLimits } from '../plan/budget.ts';
import { isRecord } from '../plan/is-record.ts';

type Key = keyof BudgetLimits;

/** Each limit by every name it may be written with. */
const keys: Readonly<Record<string, Key>> = {
  tokens: 'tokens',
  costUsd: 'costUsd',
  cost_usd: 'costUsd',
  modelCalls: 'modelCalls',
  model_calls: 'modelCalls',
  toolCalls: 'toolCalls',
  tool_calls: 'toolCalls',
  timeMs: 'timeMs',
  time_ms: 'timeMs',
  time: 'timeMs',
};

/**
 * Reads the limits that a request brings along: `{"tokens": 20000, "cost_usd": 0.05, "model_calls": 5, "tool_calls": 20,
 * "time": "30s", "step": {...}}`; camelCase is read too.
 *
 * @param value anything; undefined for none
 * @param path where it stands, for messages
 * @throws GomindError `CONFIG_INVALID` naming what cannot be read
 */
export function readBudgetLimits(value: unknown, path = 'metadata.budget'): RunBudgetLimits {
  if (value === undefined) return {};
  const { step, ...own } = recordOf(value, path);
  return {
    ...readLimits(own, path),
    ...(step === undefined ? {} : { step: readLimits(recordOf(step, `${path}.step`), `${path}.step`) }),
  };
}

/**
 * The narrower of two limits, each on its own: a request may ask for less than the application allows, never for more.
 *
 * @param left some limits
 * @param right others
 */
export function narrowest(left: RunBudgetLimits, right: RunBudgetLimits): RunBudgetLimits {
  return { ...narrower(left, right), step: narrower(left.step ?? {}, right.step ?? {}) };
}

function narrower(left: BudgetLimits, right: BudgetLimits): BudgetLimits {
  const limits = new Map<Key, number>();
  for (const key of new Set(Object.values(keys))) {
    const least = Math.min(left[key] ?? Number.POSITIVE_INFINITY, right[key] ?? Number.POSITIVE_INFINITY);
    if (Number.isFinite(least)) limits.set(key, least);
  }
  return Object.fromEntries(limits);
}

function readLimits(record: Readonly<Record<string, unknown>>, path: string): BudgetLimits {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => {
      const key = Object.hasOwn(keys, name) ? keys[name] : undefined;
      if (key === undefined) {
        throw invalid(`${path}.${name} is no limit. Known: tokens, cost_usd, model_calls, tool_calls, time.`, path);
      }
      return [key, readLimit(key, value, `${path}.${name}`)];
    }),
  );
}

function readLimit(key: Key, value: unknown, path: string): number {
  const limit = key === 'timeMs' ? parseDurationMs(value) : value;
  const isWhole = key === 'costUsd' || key === 'timeMs' || Number.isSafeInteger(limit);
  if (typeof limit === 'number' && Number.isFinite(limit) && limit >= 0 && isWhole) return limit;
  const form =
    key === 'timeMs' ? '"250ms", "30s", "5m", or milliseconds' : `a ${key === 'costUsd' ? '' : 'whole '}number from 0`;
  throw invalid(`${path} cannot be read. Accepted: ${form}.`, path);
}

function recordOf(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (isRecord(value)) return value;
  throw invalid(`${path} must be an object of limits, for example { "tokens": 20000, "time": "30s" }.`, path);
}

function invalid(message: string, path: string): GomindError {
  return new GomindError({ code: 'CONFIG_INVALID', message, details: { path } });
}
