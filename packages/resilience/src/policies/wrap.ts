/**
 * Several policies around one call, in the one order in which they do not work against each other.
 *
 * - **breaker**: a call with all its retries is one call to it, and one that it refuses is not retried.
 * - **retries**: while one waits for its next attempt it holds no place of the bulkhead.
 * - **hedge**: a second call is made of one attempt.
 * - **bulkhead**: whatever leaves the house holds a place, hedges included; waiting for one is not yet the call's own time.
 * - **timeout**, innermost: each single call has its deadline, and a timeout can be retried.
 *
 * A fallback stands around all of them; it is a `catch`, and knows the type of its answer.
 *
 * @module
 */
import {
  checkOptions,
  type CircuitBreaker,
  type CircuitCallOptions,
  GomindError,
  neverAborted,
  withMethods,
} from '@gomind/core';
import type { Policy } from './policy.ts';

/** The policies of one dependency, all of them optional. */
export interface WrapOptions {
  readonly breaker?: CircuitBreaker;
  readonly retries?: Policy;
  readonly hedge?: Policy;
  readonly bulkhead?: Policy;
  readonly timeout?: Policy;
}

/**
 * Puts policies together.
 *
 * @param policies in any order: breaker(retries(hedge(bulkhead(timeout(call))))) is what comes of them
 * @returns with a breaker, a circuit breaker, which can stand wherever one can
 * @throws GomindError `CONFIG_INVALID` for what is no policy, and for names that would guard nothing
 * @example
 * const rates = wrap({
 *   breaker: createCircuitBreaker({ name: 'rates' }),
 *   retries: createRetries({ budget: new RetryBudget() }),
 *   timeout: createTimeout({ timeoutMs: 2_000 }),
 * });
 * const latest = await rates.execute((signal) => fetch(url, { signal }));
 */
export function wrap(policies: WrapOptions & { readonly breaker: CircuitBreaker }): CircuitBreaker;
export function wrap(policies: WrapOptions): Policy;
export function wrap(policies: WrapOptions): Policy | CircuitBreaker {
  checkPolicies(policies);
  const { breaker, retries, hedge, bulkhead, timeout } = policies;
  const order = [breaker, retries, hedge, bulkhead, timeout].filter((policy) => policy !== undefined);
  const execute = <T>(operation: (signal: AbortSignal) => Promise<T>, options: CircuitCallOptions = {}): Promise<T> =>
    runAll(order, operation, options.signal ?? neverAborted);
  if (breaker === undefined) return { execute };
  return {
    name: breaker.name,
    get state() {
      return breaker.state;
    },
    execute,
    close: () => breaker.close(),
    [Symbol.asyncDispose]: () => breaker.close(),
  };
}

const policy = withMethods('a policy', ['execute']);
const policies = { breaker: policy, retries: policy, hedge: policy, bulkhead: policy, timeout: policy };

/** A policy under another name would be left out without a word. */
function checkPolicies(given: object): void {
  checkOptions('wrap', given, policies);
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(policies, name));
  if (unknown.length === 0) return;
  throw new GomindError({
    code: 'CONFIG_INVALID',
    message: `wrap knows no policy named ${unknown.join(', ')}. Known: ${Object.keys(policies).join(', ')}.`,
    details: { unknown },
  });
}

async function runAll<T>(
  [outer, ...inner]: readonly Policy[],
  operation: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  if (outer === undefined) return operation(signal);
  return outer.execute((innerSignal) => runAll(inner, operation, innerSignal), { signal });
}
