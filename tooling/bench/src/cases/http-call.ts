/**
 * One component call after the other over kept-alive HTTP, against the library underneath doing the same.
 *
 * @module
 */
import { ComponentClient, type ComponentRequest } from '@gomind/orchestration';
import { Pool } from 'undici';
import type { BenchCase } from '../bench-case.ts';
import { startLocalComponents } from '../local-components.ts';
import { type BenchRow, measure, type Variant, withBounds } from '../measure.ts';

const callsPerRound = 300;
const inputs = { symbol: 'TSLA', currency: 'USD', fields: ['price', 'currency'] };
const headers = { 'content-type': 'application/json' };

export const benchCase: BenchCase = {
  summary: `${String(callsPerRound)} calls of a local component one after the other, against undici's pool`,
  run: async (): Promise<readonly BenchRow[]> => {
    await using local = await startLocalComponents(1, 'pure');
    await using client = new ComponentClient({ resolve: () => local.components });
    const origin = `http://127.0.0.1:${String(local.components[0]?.port)}`;
    const pool = new Pool(origin, { connections: 10 });
    const path = '/api/capabilities/quote';
    const call = (isRepeatable: boolean): Variant =>
      times(() => client.call({ ...request, isRepeatable, signal: new AbortController().signal }));
    const variants = {
      'undici pool': times(async () => {
        const answer = await pool.request({ method: 'POST', path, headers, body: JSON.stringify(inputs) });
        return answer.body.json();
      }),
      'repeatable call': call(true),
      'call that must not be repeated': call(false),
      'built-in fetch': times(async () => {
        const answer = await fetch(`${origin}${path}`, { method: 'POST', headers, body: JSON.stringify(inputs) });
        return answer.json();
      }),
    };
    try {
      const measured = await measure(variants, { baseline: 'undici pool', rounds: 21, warmupRounds: 5 });
      return withBounds(measured, { 'repeatable call': 1.4, 'call that must not be repeated': 1.4 });
    } finally {
      await pool.close();
    }
  },
};

const request: Omit<ComponentRequest, 'isRepeatable' | 'signal'> = {
  component: 'tool-0',
  action: 'quote',
  inputs,
  step: 'quote',
  runId: 'run',
  idempotencyKey: 'key',
  deadlineMs: Number.POSITIVE_INFINITY,
};

function times(operation: () => Promise<unknown>): Variant {
  return async () => {
    for (let count = 0; count < callsPerRound; count++) await operation();
  };
}
