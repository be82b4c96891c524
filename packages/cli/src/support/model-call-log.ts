/**
 * What models were asked during a command and what they answered, for `--debug-llm`: collected as it happens, so that a run that
 * fails or is cancelled tells it too. The record is redacted before it gets here.
 *
 * @module
 */
import { type AIClient, systemClock } from '@gomind/core';
import type { ModelCall, RunEvent } from '@gomind/orchestration';
import { duration } from '../terminal/step-list.ts';
import type { CliContext } from './cli-context.ts';
import { writeTarget } from './write-target.ts';

/** The option that asks for it. */
export interface ModelCallOptions {
  /** File for the calls as JSON; `-` tells them on standard error. Default: they are not kept. */
  readonly debugLlm?: string;
}

/** Part of the configuration of whatever calls the models. */
export type ModelCallConfig = { readonly modelCalls: { readonly enabled: true } } | Record<string, never>;

/** The model calls of one command. */
export class ModelCallLog {
  readonly #target: string | undefined;
  readonly #calls: ModelCall[] = [];

  constructor({ debugLlm }: ModelCallOptions) {
    this.#target = debugLlm;
  }

  /** Without the option the environment decides whether calls are kept. */
  get config(): ModelCallConfig {
    return this.#target === undefined ? {} : { modelCalls: { enabled: true } };
  }

  /** Takes note of an event, if it tells of a call. */
  note(event: RunEvent): void {
    if (event.type === 'model.called' && this.#target !== undefined) this.#calls.push(event.call);
  }

  /**
   * Does work that is no run of its own, and takes note of what the client is asked meanwhile.
   *
   * @param work is given a client to ask in the place of the other
   */
  async during<T>(aiClient: AIClient, work: (aiClient: AIClient) => Promise<T>): Promise<T> {
    if (this.#target === undefined) return work(aiClient);
    const { createModelCallStore } = await import('@gomind/orchestration');
    const store = createModelCallStore({ clock: systemClock });
    const run = {
      runId: `run-${systemClock.uuid()}`,
      emit: (event: Pick<RunEvent, 'type'> & { readonly call?: ModelCall }) => {
        if (event.call !== undefined) this.#calls.push(event.call);
      },
    };
    return store.track(run, () => work(store.wrap(aiClient)));
  }

  /** Writes what was collected to where the option says. */
  async write({ stderr }: Pick<CliContext, 'stderr'>): Promise<void> {
    if (this.#target === undefined) return;
    const calls = this.#calls.toSorted((left, right) => left.number - right.number);
    if (this.#target === '-') {
      for (const call of calls) stderr.write(`${describeCall(call)}\n`);
      stderr.write(`${summaryOf(calls)}\n`);
      return;
    }
    // Redacted or not, prompts are nobody else's business.
    await writeTarget(this.#target, `${JSON.stringify(calls, null, 2)}\n`, { mode: 0o600 });
    stderr.write(`${this.#target}: ${summaryOf(calls)}\n`);
  }
}

function describeCall(call: ModelCall): string {
  const { number, purpose, kind, model, provider, durationMs, finishReason, messages, answer, error } = call;
  const facts = [
    purpose ?? kind,
    model === undefined ? provider : `${model} (${provider})`,
    duration(durationMs),
    ...usageOf([call]),
    ...(finishReason === undefined ? [] : [finishReason]),
  ];
  const texts = [
    ...messages.map(({ role, content }) => [role, content] as const),
    ...(answer === undefined ? [] : [['answer', answer] as const]),
    ...(error === undefined ? [] : [['error', `${error.code}: ${error.message}`] as const]),
  ];
  const lines = texts.map(([who, text]) => `  ${who}: ${text.replaceAll('\n', '\n    ')}`);
  return [`model call ${String(number)}: ${facts.join(', ')}`, ...lines].join('\n');
}

function summaryOf(calls: readonly ModelCall[]): string {
  const count = `${String(calls.length)} model call${calls.length === 1 ? '' : 's'}`;
  return [count, ...usageOf(calls)].join(', ');
}

function usageOf(calls: readonly ModelCall[]): string[] {
  const sum = (of: (call: ModelCall) => number | undefined): number =>
    calls.reduce((total, call) => total + (of(call) ?? 0), 0);
  const tokens = sum(({ usage }) => usage?.totalTokens);
  if (tokens === 0) return [];
  const input = sum(({ usage }) => usage?.inputTokens);
  const output = sum(({ usage }) => usage?.outputTokens);
  const hasCost = calls.some(({ usage }) => usage?.costUsd !== undefined);
  const cost = sum(({ usage }) => usage?.costUsd);
  return [
    `${String(tokens)} tokens (${String(input)} in, ${String(output)} out)`,
    ...(hasCost ? [`$${cost.toFixed(6)}`] : []),
  ];
}
