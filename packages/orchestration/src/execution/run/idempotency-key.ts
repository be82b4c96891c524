/**
 * Keys that name a call, not a step: stable across retries, resume and replanning, which renames steps (contracts, section 11).
 *
 * @module
 */
import { canonicalJson, sha256Hex } from '@gomind/core';

/** Counts equal calls of one run. */
export class CallCounter {
  readonly #runId: string;
  readonly #counts = new Map<string, number>();

  constructor(runId: string) {
    this.#runId = runId;
  }

  /**
   * The key of the next call: a digest of run, component, action, canonical inputs and the occurrence of that call in the run.
   *
   * @param component name of the component
   * @param action name of its capability
   * @param inputs resolved inputs
   */
  nextKey(component: string, action: string, inputs: unknown): string {
    const call = sha256Hex(canonicalJson([component, action, inputs]));
    const occurrence = (this.#counts.get(call) ?? 0) + 1;
    this.#counts.set(call, occurrence);
    return sha256Hex(canonicalJson([this.#runId, call, occurrence]));
  }
}
