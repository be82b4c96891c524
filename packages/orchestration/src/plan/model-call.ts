/**
 * The record of one call of a language model, for people who look for what went wrong. Texts are bounded and redacted.
 *
 * @module
 */
import type { AIFinishReason, AIMessage, AIUsage } from '@gomind/core';

/** What was asked, what came back, and what it cost. */
export interface ModelCall {
  readonly runId: string;
  /** From 1, in the order the calls of the run began. */
  readonly number: number;
  readonly kind: 'generate' | 'stream' | 'embed';
  /** `planning`, `synthesis`; absent when the caller did not say. */
  readonly purpose?: string;
  readonly provider: string;
  /** As the model names itself; absent when it did not answer. */
  readonly model?: string;
  readonly messages: readonly AIMessage[];
  /** What else was asked for: temperature, bounds, the answer's form. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Absent when no answer came. */
  readonly answer?: string;
  readonly finishReason?: AIFinishReason;
  readonly usage?: Partial<AIUsage>;
  readonly error?: { readonly code: string; readonly message: string };
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly durationMs: number;
}
