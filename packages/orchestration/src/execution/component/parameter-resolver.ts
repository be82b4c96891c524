/**
 * Who is asked where a missing parameter's value stands, when names alone do not tell. The answer is a place, never a value: what
 * stands there is read by the caller, so that nothing can be invented.
 *
 * @module
 */
import type { JsonSchema } from '@gomind/core';
import type { CallBudget } from '../../plan/budget.ts';
import type { RunEventBody } from '../../plan/events/run-event.ts';

/** What is missing, and where it may be. */
export interface ParameterQuestion {
  /** Name of the step in the run's stream. */
  readonly step: string;
  readonly component: string;
  readonly action: string;
  /** The missing parameters with their schemas. */
  readonly parameters: Readonly<Record<string, JsonSchema>>;
  /** Outputs of the steps that the step waits for, by name. */
  readonly sources: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
  /** Asked before a model is called. */
  readonly budget: CallBudget;
  /** Takes `tokens` events. */
  readonly emit: (event: RunEventBody) => void;
}

/** Finds the places of missing parameters. */
export interface ParameterResolver {
  /**
   * @returns for each parameter that was found, the path of its value: `steps.geocode.output.position.lat`
   */
  resolve(question: ParameterQuestion): Promise<Readonly<Record<string, string>>>;
}

/** Finds nothing. */
export const noParameterResolver: ParameterResolver = { resolve: () => Promise.resolve({}) };
