/**
 * The kind of step that waits: for a duration, until a time, or for an event. It holds no slot meanwhile.
 *
 * @module
 */
import { delay, GomindError, parseDurationMs, systemClock, type Clock } from '@gomind/core';
import type { PlanStep } from '../../plan/routing-plan.ts';
import type { EventSignals } from './event-signals.ts';
import type { StepContext, StepHandler } from '../step-handler.ts';

/** What wait steps need. */
export interface WaitStepOptions {
  readonly clock?: Clock;
  /** Where events come from. Default: none, and a step that waits for one fails. */
  readonly signals?: EventSignals | undefined;
}

/**
 * Makes the handler of `wait` steps. Their `config` says one of `duration` (`"5s"` or milliseconds), `until` (a date and time,
 * or milliseconds since the epoch) or `event` (a name); it may hold expressions. The output is what came with the event, or
 * `{ waitedMs }`.
 */
export function createWaitStepHandler(options: WaitStepOptions = {}): StepHandler {
  const { clock = systemClock, signals } = options;

  const waitFor = async (waitMs: number, { signal }: StepContext): Promise<{ readonly waitedMs: number }> => {
    const startedMs = clock.monotonicMs();
    await delay(waitMs, { clock, signal });
    return { waitedMs: clock.monotonicMs() - startedMs };
  };

  return {
    kind: 'wait',
    takesSlot: false,
    timeoutMs: Number.POSITIVE_INFINITY,
    run: async (step, context) => {
      const { duration, until, event } = context.config;
      if (duration !== undefined) {
        const waitMs = parseDurationMs(duration) ?? refuse(step, 'duration must be a duration such as "5s"');
        context.waiting(`for ${String(waitMs)} ms`);
        return waitFor(waitMs, context);
      }
      if (until !== undefined) {
        const untilMs = timeOf(until) ?? refuse(step, 'until must be a date and time such as "2030-01-31T09:00:00Z"');
        context.waiting(`until ${new Date(untilMs).toISOString()}`);
        return waitFor(untilMs - clock.now(), context);
      }
      if (typeof event !== 'string' || event === '')
        return refuse(step, 'one of duration, until or event must be there');
      if (signals === undefined) return refuse(step, 'events cannot be waited for here: no signals were given');
      const arrived = signals.wait(event, context.signal);
      context.waiting(`for the event "${event}"`);
      return arrived;
    },
  };
}

function timeOf(value: unknown): number | undefined {
  const timeMs = typeof value === 'number' ? value : typeof value === 'string' ? Date.parse(value) : Number.NaN;
  // Beyond this there is no Date (ECMAScript's time range).
  return Math.abs(timeMs) <= 8.64e15 ? timeMs : undefined;
}

function refuse(step: PlanStep, problem: string): never {
  throw new GomindError({ code: 'BAD_STEP_KIND', message: `The wait step "${step.name}" cannot wait: ${problem}.` });
}
