import { type AIClient, type AIUsage, GomindError, retry, unconfiguredAIClient } from '@gomind/core';
import {
  createFakeClock,
  createRecordingTelemetry,
  createScriptedAIClient,
  type FakeClock,
  type Script,
} from '@gomind/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChainOptions, createChainClient } from './create-chain-client.ts';

const messages = [{ role: 'user', content: 'Hello' }] as const;
const request = { messages };

function modelError(code: string, details: Record<string, unknown> = {}, isRetryable = false): GomindError {
  return new GomindError({ code, message: `scripted ${code} of a provider`, details, isRetryable });
}

function provider(name: string, script: Script) {
  return createScriptedAIClient(script, { provider: name });
}

async function failure(promise: Promise<unknown>): Promise<GomindError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!GomindError.isInstance(error)) throw new Error(`expected a GomindError, got ${String(error)}`);
  return error;
}

function chainOf(clients: readonly AIClient[], options: ChainOptions = {}): { chain: AIClient; clock: FakeClock } {
  const clock = createFakeClock();
  return { chain: createChainClient(clients, { clock, ...options }), clock };
}

describe('failing over', () => {
  it.each([
    'MODEL_AUTH',
    'MODEL_QUOTA',
    'RATE_LIMITED',
    'MODEL_TIMEOUT',
    'MODEL_UNAVAILABLE',
    'MODEL_BAD_RESPONSE',
    'MODEL_CONTEXT_LENGTH',
  ])('happens after %s, and the answer says who gave it', async (code) => {
    const failovers: unknown[] = [];
    const { chain } = chainOf([provider('first', modelError(code)), provider('second', 'Hi.')], {
      onFailover: ({ from, to, error }) => failovers.push([from, to, error.code]),
    });
    expect(await chain.generate(request)).toMatchObject({ content: 'Hi.', provider: 'second' });
    expect(failovers).toEqual([['first', 'second', code]]);
  });

  it.each(['MODEL_BAD_REQUEST', 'MODEL_CONTENT_FILTER', 'MODEL_REFUSED'])('does not happen after %s', async (code) => {
    const second = provider('second', 'Hi.');
    const { chain } = chainOf([provider('first', modelError(code)), second]);
    expect(await failure(chain.generate(request))).toMatchObject({ code });
    expect(second.calls).toHaveLength(0);
  });

  it('happens when a provider does not have the model', async () => {
    const { chain } = chainOf([
      provider('first', modelError('MODEL_BAD_REQUEST', { status: 404 })),
      provider('b', 'Hi.'),
    ]);
    expect((await chain.generate(request)).provider).toBe('b');
  });

  it('is counted as a fallback when another provider has answered, and only then', async () => {
    const telemetry = createRecordingTelemetry();
    const used = (): number => telemetry.metrics.filter(({ name }) => name === 'gomind.fallback.used').length;
    const down = provider('first', () => Promise.reject(modelError('MODEL_UNAVAILABLE')));
    const { chain } = chainOf([down, provider('second', () => 'Hi.')], { telemetry });
    await chain.generate(request);
    expect(telemetry.metrics).toContainEqual(
      expect.objectContaining({ name: 'gomind.fallback.used', value: 1, attributes: { to: 'provider' } }),
    );
    for await (const _part of chain.stream(request));
    expect(used()).toBe(2);
    await chainOf([provider('first', 'Hi.'), down], { telemetry }).chain.generate(request);
    await failure(chainOf([down, down], { telemetry }).chain.generate(request));
    expect(used()).toBe(2);
  });

  it('can be decided by the application', async () => {
    const { chain } = chainOf([provider('first', modelError('MODEL_REFUSED')), provider('second', 'Hi.')], {
      failsOver: ({ code }) => code === 'MODEL_REFUSED',
    });
    expect((await chain.generate(request)).provider).toBe('second');
  });

  it('counts what the failed attempt cost', async () => {
    const usage: AIUsage = { inputTokens: 10, outputTokens: 2, totalTokens: 12, costUsd: 0.5 };
    const answer = { content: 'Hi.', usage: { inputTokens: 3, outputTokens: 4, totalTokens: 7, costUsd: 0.25 } };
    const { chain } = chainOf([provider('first', modelError('MODEL_REFUSED', { usage })), provider('second', answer)], {
      failsOver: () => true,
    });
    const expected = { inputTokens: 13, outputTokens: 6, totalTokens: 19, costUsd: 0.75 };
    expect((await chain.generate(request)).usage).toEqual(expected);
    const last = (await Array.fromAsync(chain.stream(request))).at(-1);
    // The refusing provider is not left alone: it is well, and so it was asked and paid again.
    expect(last).toMatchObject({ type: 'finish', response: { usage: expected } });
  });

  it('asks each provider for its own model', async () => {
    const first = provider('first', modelError('MODEL_UNAVAILABLE'));
    const second = provider('second', 'Hi.');
    const chain = createChainClient([first, { aiClient: second, model: 'theirs' }], { clock: createFakeClock() });
    await chain.generate({ messages, model: 'ours' });
    expect([first.calls[0]?.model, second.calls[0]?.model]).toEqual(['ours', 'theirs']);
  });

  it('shares the deadline of a request', async () => {
    const first = provider('first', modelError('MODEL_UNAVAILABLE'));
    const second = provider('second', 'Hi.');
    const { chain } = chainOf([first, second]);
    await chain.generate({ messages, timeoutMs: 8_000 });
    expect([first.calls[0]?.timeoutMs, second.calls[0]?.timeoutMs]).toEqual([4_000, 8_000]);
  });

  it('stops with the caller', async () => {
    const second = provider('second', 'Hi.');
    const abort = new AbortController();
    const first = provider('first', () => {
      abort.abort();
      throw modelError('MODEL_UNAVAILABLE');
    });
    const { chain } = chainOf([first, second]);
    expect(await failure(chain.generate({ messages, signal: abort.signal }))).toMatchObject({ code: 'CANCELLED' });
    expect(second.calls).toHaveLength(0);
  });
});

describe('remembering who is down', () => {
  it('leaves a provider alone for a second, then for longer, and asks it again', async () => {
    const first = provider('first', modelError('MODEL_UNAVAILABLE'));
    const { chain, clock } = chainOf([first, provider('second', 'Hi.')]);
    const callsAfter = async (milliseconds: number): Promise<number> => {
      await clock.advance(milliseconds);
      await chain.generate(request);
      return first.calls.length;
    };
    expect(await callsAfter(0)).toBe(1);
    expect(await callsAfter(999)).toBe(1);
    expect(await callsAfter(1)).toBe(2);
    expect(await callsAfter(1_999)).toBe(2);
    expect(await callsAfter(1)).toBe(3);
  });

  it('obeys how long a provider wants to be left alone', async () => {
    const first = provider('first', modelError('RATE_LIMITED', { retryAfterMs: 7_000 }, true));
    const { chain, clock } = chainOf([first, provider('second', 'Hi.')]);
    await chain.generate(request);
    await clock.advance(6_999);
    await chain.generate(request);
    expect(first.calls).toHaveLength(1);
    await clock.advance(1);
    await chain.generate(request);
    expect(first.calls).toHaveLength(2);
  });

  it('does not ask a provider with a wrong key again for five minutes', async () => {
    const first = provider('first', modelError('MODEL_AUTH'));
    const { chain, clock } = chainOf([first, provider('second', 'Hi.')]);
    await chain.generate(request);
    await clock.advance(299_999);
    await chain.generate(request);
    expect(first.calls).toHaveLength(1);
  });

  it('sends one probe after the pause; the others go past it', async () => {
    let release: (() => void) | undefined;
    const first = provider('first', async (_request, index) => {
      if (index === 0) throw modelError('MODEL_UNAVAILABLE');
      await new Promise<void>((resolve) => (release = resolve));
      return 'I am back.';
    });
    const { chain, clock } = chainOf([first, provider('second', 'Hi.')]);
    await chain.generate(request);
    await clock.advance(1_000);
    const probe = chain.generate(request);
    await clock.advance(0);
    expect((await chain.generate(request)).provider).toBe('second');
    release?.();
    expect((await probe).provider).toBe('first');
    expect(first.calls).toHaveLength(2);
  });

  it('is left to an injected breaker', async () => {
    const admitted: string[] = [];
    const circuitBreaker = {
      name: 'mine',
      state: 'closed' as const,
      execute: <T>(operation: (signal: AbortSignal) => Promise<T>) => {
        admitted.push('call');
        return operation(new AbortController().signal);
      },
      close: () => Promise.resolve(),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    const first = provider('first', modelError('MODEL_UNAVAILABLE'));
    const chain = createChainClient([{ aiClient: first, circuitBreaker }, provider('second', 'Hi.')]);
    await chain.generate(request);
    await chain.generate(request);
    expect([admitted.length, first.calls.length]).toEqual([2, 2]);
  });

  it('behaves like its model, whatever fails when', async () => {
    const step = fc.oneof(
      fc.record({ advanceMs: fc.integer({ min: 0, max: 5_000 }) }),
      fc.record({ toggle: fc.integer({ min: 0, max: 2 }) }),
      fc.constant('ask' as const),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const links = [0, 1, 2].map(() => ({ isWell: true, downUntilMs: 0, failures: 0 }));
        const clients = links.map((link, index) =>
          provider(String(index), () => {
            if (!link.isWell) throw modelError('MODEL_UNAVAILABLE', {}, true);
            return 'Hi.';
          }),
        );
        const { chain, clock } = chainOf(clients);
        for (const what of steps) {
          if (what === 'ask') {
            let expected: string | undefined;
            for (const [index, link] of links.entries()) {
              if (clock.monotonicMs() < link.downUntilMs) continue;
              if (link.isWell) {
                link.failures = 0;
                expected = String(index);
                break;
              }
              link.failures++;
              link.downUntilMs = clock.monotonicMs() + Math.min(30_000, 1_000 * 2 ** (link.failures - 1));
            }
            const answered = await chain.generate(request).then(
              (response) => response.provider,
              () => undefined,
            );
            expect(answered).toBe(expected);
          } else if ('toggle' in what) {
            const link = links[what.toggle];
            if (link) link.isWell = !link.isWell;
          } else await clock.advance(what.advanceMs);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('when nobody answers', () => {
  it('one error lists every cause', async () => {
    const { chain } = chainOf([
      provider('first', modelError('MODEL_AUTH')),
      provider('second', modelError('MODEL_TIMEOUT', {}, true)),
    ]);
    const error = await failure(chain.generate(request));
    expect(error).toMatchObject({
      code: 'MODEL_UNAVAILABLE',
      isRetryable: true,
      details: {
        causes: [
          { provider: 'first', code: 'MODEL_AUTH', isRetryable: false },
          { provider: 'second', code: 'MODEL_TIMEOUT', isRetryable: true },
        ],
      },
    });
    expect(error.message).toMatch(/first.*MODEL_AUTH.*second.*MODEL_TIMEOUT/);
  });

  it('for one reason, the error has its code and says that waiting is no use', async () => {
    const { chain } = chainOf([
      provider('first', modelError('MODEL_AUTH')),
      provider('second', modelError('MODEL_AUTH')),
    ]);
    expect(await failure(chain.generate(request))).toMatchObject({ code: 'MODEL_AUTH', isRetryable: false });
  });

  it('the error says when the first may be asked again, and a retry then succeeds', async () => {
    let isDown = true;
    const flaky = (name: string) =>
      provider(name, () => {
        if (isDown) throw modelError('MODEL_UNAVAILABLE', {}, true);
        return 'Hi.';
      });
    const { chain, clock } = chainOf([flaky('first'), flaky('second')]);
    const answer = retry(() => chain.generate(request), { clock, jitter: false });
    await clock.advance(0);
    isDown = false;
    await clock.advance(999);
    await clock.advance(1);
    expect((await answer).provider).toBe('first');
  });
});

describe('streams', () => {
  it('fail over before the first piece', async () => {
    const { chain } = chainOf([
      provider('first', modelError('MODEL_UNAVAILABLE')),
      provider('second', { chunks: ['H', 'i.'] }),
    ]);
    const parts = await Array.fromAsync(chain.stream(request));
    expect(parts.at(-1)).toMatchObject({ type: 'finish', response: { content: 'Hi.', provider: 'second' } });
    expect(parts).toHaveLength(3);
  });

  it('never fail over after it, and the provider is remembered', async () => {
    const breaking: AIClient = {
      ...provider('first', 'unused'),
      stream: async function* () {
        yield { type: 'text-delta', text: 'Half' };
        await Promise.resolve();
        throw modelError('MODEL_UNAVAILABLE', {}, true);
      },
    };
    const second = provider('second', 'Hi.');
    const { chain } = chainOf([breaking, second]);
    expect(await failure(Array.fromAsync(chain.stream(request)))).toMatchObject({ code: 'MODEL_UNAVAILABLE' });
    expect(second.calls).toHaveLength(0);
    const parts = await Array.fromAsync(chain.stream(request));
    expect(parts.at(-1)).toMatchObject({ response: { provider: 'second' } });
  });

  it('let go of the provider when they are left', async () => {
    let isReleased = false;
    const first: AIClient = {
      ...provider('first', 'unused'),
      stream: async function* () {
        try {
          yield { type: 'text-delta', text: 'a' };
          await Promise.resolve();
          yield { type: 'text-delta', text: 'b' };
        } finally {
          isReleased = true;
        }
      },
    };
    const { chain } = chainOf([first]);
    for await (const part of chain.stream(request)) if (part.type === 'text-delta') break;
    await new Promise((resolve) => setImmediate(resolve));
    expect(isReleased).toBe(true);
  });
});

describe('embeddings', () => {
  it('come from the first provider that has them, and from no other', async () => {
    const without: AIClient = { ...provider('first', 'x'), capabilities: { jsonSchema: true, embeddings: false } };
    const second = provider('second', 'x');
    const { chain } = chainOf([without, second, provider('third', 'x')]);
    expect(chain.capabilities).toEqual({ jsonSchema: false, embeddings: true });
    expect((await chain.embed({ values: ['a'] })).provider).toBe('second');
    const { chain: none } = chainOf([without]);
    expect(await failure(none.embed({ values: ['a'] }))).toMatchObject({ code: 'MODEL_BAD_REQUEST' });
  });
});

describe('making a chain', () => {
  it('leaves out clients that are not configured', async () => {
    expect(createChainClient([unconfiguredAIClient]).isConfigured).toBe(false);
    const chain = createChainClient([unconfiguredAIClient, provider('second', 'Hi.')]);
    expect(chain.provider).toBe('second');
    expect((await chain.generate(request)).provider).toBe('second');
  });

  it('keeps an answer, asked for once, when telemetry throws', async () => {
    let asked = 0;
    const telemetry = {
      ...createRecordingTelemetry(),
      recordMetric: (): never => {
        throw new Error('observer');
      },
    };
    const answering = provider('second', () => `answer ${String(++asked)}`);
    const clients = [provider('first', modelError('MODEL_UNAVAILABLE')), answering, answering];
    expect((await chainOf(clients, { telemetry }).chain.generate(request)).content).toBe('answer 1');
    const parts = await Array.fromAsync(chainOf(clients, { telemetry }).chain.stream(request));
    expect(parts.at(-1)).toMatchObject({ type: 'finish', response: { content: 'answer 2' } });
  });

  it('closes its clients', async () => {
    let closed = 0;
    const closing = (name: string): AIClient => ({
      ...provider(name, 'x'),
      close: () => {
        closed++;
        return Promise.resolve();
      },
    });
    await createChainClient([closing('a'), closing('b')]).close();
    expect(closed).toBe(2);
  });
});
