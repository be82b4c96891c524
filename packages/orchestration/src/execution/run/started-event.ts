/**
 * The event that a step has started.
 *
 * @module
 */
import type { PlanStep } from '../../plan/routing-plan.ts';
import type { RunEventBody } from '../../plan/events/run-event.ts';

/** The event; `name` is the step's name in the stream. */
export function startedEvent(
  { component, action }: PlanStep,
  name: string,
  inputs: Readonly<Record<string, unknown>>,
): RunEventBody {
  // Two plain forms for the two usual cases: spreading costs more than the rest of the event.
  if (component === undefined && action === undefined) return { type: 'step.started', step: name, inputs };
  if (component !== undefined && action !== undefined) {
    return { type: 'step.started', step: name, component, action, inputs };
  }
  return {
    type: 'step.started',
    step: name,
    ...(component === undefined ? {} : { component }),
    ...(action === undefined ? {} : { action }),
    inputs,
  };
}
