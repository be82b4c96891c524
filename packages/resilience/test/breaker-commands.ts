/**
 * Random lives of a breaker, played on the breaker and on the reference model at once.
 *
 * @module
 */
import assert from 'node:assert/strict';
import { type Clock, delay, GomindError } from '@gomind/core';
import fc from 'fast-check';
import type { OperableCircuitBreaker } from '../src/index.ts';
import { call, type Harness, settle, stateOf } from './breaker-harness.ts';
import type { Behaviour, ReferenceModel } from './reference-model.ts';

/** One thing that happens. */
export type Command =
  | { readonly kind: 'call'; readonly behaviour: Behaviour; readonly latencyMs: number; readonly times: number }
  | { readonly kind: 'cancel'; readonly which: number }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'force'; readonly how: 'open' | 'close' | 'reset' };

/** A breaker whose switches the commands may turn. */
export interface OperableHarness extends Harness {
  readonly breaker: OperableCircuitBreaker;
}

const callCommand: fc.Arbitrary<Command> = fc.record({
  kind: fc.constant('call' as const),
  behaviour: fc.constantFrom<Behaviour>('succeed', 'fail', 'fail', 'fail', 'ignore', 'hang'),
  latencyMs: fc.integer({ min: 0, max: 150 }),
  times: fc.integer({ min: 1, max: 4 }),
});

/** Up to 30 commands. */
export const commands: fc.Arbitrary<Command[]> = fc.array(
  fc.oneof(
    { weight: 10, arbitrary: callCommand },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel' as const), which: fc.nat(40) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('force' as const),
        how: fc.constantFrom('open' as const, 'close' as const, 'reset' as const, 'reset' as const),
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('advance' as const),
        ms: fc.constantFrom(0, 1, 30, 100, 250, 500, 1_000),
      }),
    },
  ),
  { maxLength: 30, size: 'max' },
);

/** An operation as the model describes it; a hanging one listens to no signal. */
function operationOf(behaviour: Behaviour, latencyMs: number, clock: Clock): () => Promise<unknown> {
  return async () => {
    if (behaviour === 'hang') await new Promise(() => undefined);
    await delay(latencyMs, { clock });
    if (behaviour === 'fail') throw new Error('service down');
    if (behaviour === 'ignore')
      throw new GomindError({ code: 'INPUT_ERROR', message: 'no', details: { statusCode: 400 } });
    return 'value';
  };
}

/**
 * Plays commands on both.
 *
 * @throws AssertionError where the two differ
 */
export async function play(
  harness: OperableHarness,
  clock: Clock,
  model: ReferenceModel,
  life: readonly Command[],
): Promise<void> {
  const cancels: AbortController[] = [];
  for (const command of life) {
    if (command.kind === 'advance') {
      await harness.advance(command.ms);
      model.advance(command.ms);
    } else if (command.kind === 'force') {
      if (command.how === 'open') harness.breaker.forceOpen();
      else if (command.how === 'close') harness.breaker.forceClose();
      else harness.breaker.reset();
      model.force(command.how);
    } else if (command.kind === 'cancel') {
      const id = cancels.length === 0 ? 0 : command.which % cancels.length;
      if (model.isRunning(id)) {
        cancels[id]?.abort();
        model.cancel(id);
      }
      await settle(harness);
    } else {
      for (let time = 0; time < command.times; time++) {
        const controller = new AbortController();
        const id = cancels.push(controller) - 1;
        const operation = operationOf(command.behaviour, command.latencyMs, clock);
        const admitted: number[] = [];
        void call(
          harness,
          () => {
            admitted.push(id);
            return operation();
          },
          controller.signal,
        );
        assert.equal(admitted.length === 1, model.start(id, command.behaviour, command.latencyMs), 'admission differs');
      }
      await settle(harness);
      model.advance(0);
    }
    assert.equal(stateOf(harness), model.state, 'state differs');
  }
}
