import type { ComponentInfo } from '@gomind/core';
import { createFakeClock } from '@gomind/core/testing';
import { describe, expect, it } from 'vitest';
import type { CapabilityProvider } from '../capabilities/capability-provider.ts';
import { keepOffers } from './offer-cache.ts';

const tool = (name: string): ComponentInfo => ({
  id: name,
  name,
  type: 'tool',
  description: name,
  address: '127.0.0.1',
  port: 1,
  capabilities: [{ name: 'act', description: 'Acts' }],
});

/** Offers the first component; is paid unless the model is away. */
function setUp(readsMetadata = false) {
  const clock = createFakeClock();
  const state = { components: [tool('a'), tool('b')], calls: 0, isPaid: true, readsMetadata };
  const provider: CapabilityProvider = {
    name: 'test',
    readsMetadata: state.readsMetadata,
    offer: (_request, options) => {
      state.calls++;
      const usage = { inputTokens: 1, outputTokens: 1, totalTokens: 2 };
      if (state.isPaid) options?.emit?.({ type: 'tokens', purpose: 'selection', model: 'm', usage });
      return Promise.resolve(state.components.slice(0, 1));
    },
  };
  const kept = keepOffers(provider, { components: () => state.components, ttlMs: 1_000, maxEntries: 10, clock });
  return { clock, state, kept };
}

describe('keepOffers', () => {
  it('asks once for all who want the same at the same time, and for those who come later', async () => {
    const { state, kept } = setUp();
    const tokens: string[] = [];
    const emit = (event: { readonly type: string }): number => tokens.push(event.type);
    const offers = await Promise.all([1, 2, 3].map(() => kept.offer('go', { emit })));
    await kept.offer(' go ', { emit });
    expect([state.calls, tokens, new Set(offers).size]).toEqual([1, ['tokens'], 1]);
  });

  it('asks again for other words, after its time, and when something else can be offered', async () => {
    const { clock, state, kept } = setUp();
    await kept.offer('go');
    await kept.offer('stop');
    expect(state.calls).toBe(2);
    await clock.advance(1_001);
    await kept.offer('go');
    expect(state.calls).toBe(3);
    state.components = [tool('c')];
    await expect(kept.offer('go')).resolves.toEqual([tool('c')]);
  });

  it('does not keep what nobody was paid for, such as the choice of a search while the model is away', async () => {
    const { state, kept } = setUp();
    state.isPaid = false;
    await kept.offer('go');
    await kept.offer('go');
    expect(state.calls).toBe(2);
  });

  it.each([
    [false, 1],
    [true, 2],
  ])('tells requests apart by their metadata only where the provider reads it (%s)', async (readsMetadata, calls) => {
    const { state, kept } = setUp(readsMetadata);
    await kept.offer('go', { metadata: { tenant: 'a' } });
    await kept.offer('go', { metadata: { tenant: 'b' } });
    await kept.offer('go', { metadata: { tenant: 'b' } });
    expect(state.calls).toBe(calls);
  });
});
