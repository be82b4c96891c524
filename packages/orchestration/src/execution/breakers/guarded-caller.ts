/**
 * Component calls under circuit breakers: breaker(timeout(call)), one attempt of a step at a time. Retries stand around it, in
 * the step; other instances of the same component are tried inside, so that a breaker counts only what failed on all of them.
 *
 * @module
 */
import { linkedAbort } from '@gomind/core';
import type { CircuitBreakers } from './circuit-breakers.ts';
import type { ComponentCaller } from '../component/component-client.ts';

/**
 * The same caller, with one breaker for each component. Its calls throw `CIRCUIT_OPEN` too.
 *
 * @param caller makes the calls
 */
export function guardCalls(caller: ComponentCaller, breakers: CircuitBreakers): ComponentCaller {
  return {
    call: (request) =>
      // The request's signal is not the breaker's: it aborts on the step's deadline too, and a component that is too slow
      // has failed. A run that was cancelled says so by its error.
      breakers.guard(request.component, async (signal) => {
        const abort = linkedAbort(request.signal);
        const letGo = abort.follow(signal);
        try {
          return await caller.call({ ...request, signal: abort.signal });
        } finally {
          letGo();
          abort.unlink();
        }
      }),
    close: () => caller.close(),
  };
}
