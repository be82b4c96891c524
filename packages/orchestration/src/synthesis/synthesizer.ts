/**
 * Turning step results into an answer: the contract of every synthesis strategy.
 *
 * @module
 */
import type { CallBudget } from '../plan/budget.ts';
import type { ExecutionResult } from '../plan/execution-result.ts';
import type { RoutingPlan } from '../plan/routing-plan.ts';
import type { RunEventBody } from '../plan/events/run-event.ts';
import type { SynthesizedAnswer } from './citations.ts';
import type { Conversation } from './conversation.ts';

/** What there is to say something about. */
export interface SynthesisInput {
  readonly request: string;
  readonly plan: RoutingPlan;
  readonly result: ExecutionResult;
  /** What was said before, for requests of a conversation. */
  readonly conversation?: Conversation | undefined;
}

/** Options of one synthesis. */
export interface SynthesisOptions {
  readonly signal?: AbortSignal | undefined;
  /** Receives `synthesis.delta` and `tokens` events. */
  readonly emit?: ((event: RunEventBody) => void) | undefined;
  /** Asked before a model is. Default: no limit. */
  readonly budget?: CallBudget | undefined;
}

/** Writes the answer. An application may bring its own as the dependency `synthesizer`. */
export interface Synthesizer {
  /**
   * Name of the strategy for events and metrics: `model`, `template`, `join`, or one of the application's own. One that is
   * named `model` is asked only when a model made the plan; any other one whenever a step has completed.
   */
  readonly strategy: string;
  /**
   * Writes an answer from what the steps said, naming what failed.
   *
   * @returns the text, or the text with what each part of it rests on
   * @throws GomindError what the strategy's means throw; `template` and `join` never throw
   */
  synthesize(input: SynthesisInput, options?: SynthesisOptions): Promise<string | SynthesizedAnswer>;
}
