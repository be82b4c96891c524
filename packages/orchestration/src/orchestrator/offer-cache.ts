/**
 * Offers that a model was paid for, kept for the same words: a kept plan must not cost a choice of tools first, and while the
 * model is away the same request must be offered the same, or its kept plan is not found.
 *
 * @module
 */
import { canonicalJson, type Clock, type ComponentInfo, redact, sha256Hex } from '@gomind/core';
import type { CapabilityProvider, OfferOptions } from '../capabilities/capability-provider.ts';
import { fingerprintOf, normaliseRequest } from '../planning/routing-cache-key.ts';
import { RoutingCache } from '../planning/routing-cache.ts';

/** Options of {@link keepOffers}. */
export interface OfferCacheOptions {
  /** Everything that could be offered; an offer is kept only while this is the same. */
  readonly components: () => readonly ComponentInfo[];
  readonly ttlMs: number;
  readonly maxEntries: number;
  readonly clock: Clock;
}

interface Offer {
  readonly offered: readonly ComponentInfo[];
  /** Offers that cost nothing are made anew each time. */
  readonly wasPaid: boolean;
}

/**
 * The same provider, with its paid offers kept and shared by all who ask at the same time.
 *
 * @param provider chooses by the words of the request alone, or by its metadata too and says so
 */
export function keepOffers(provider: CapabilityProvider, options: OfferCacheOptions): CapabilityProvider {
  const cache = new RoutingCache<Offer>(options);
  const make = async (request: string, offer: OfferOptions): Promise<Offer> => {
    let wasPaid = false;
    const emit: OfferOptions['emit'] = (event) => {
      if (event.type === 'tokens') wasPaid = true;
      offer.emit?.(event);
    };
    return { offered: await provider.offer(request, { ...offer, emit }), wasPaid };
  };
  return {
    name: provider.name,
    readsMetadata: provider.readsMetadata ?? false,
    offer: async (request, offer = {}) => {
      const metadata = provider.readsMetadata === true ? canonicalJson(redact(offer.metadata ?? {})) : '';
      const about = [normaliseRequest(request), fingerprintOf(options.components()), metadata];
      const key = sha256Hex(JSON.stringify(about));
      const { offered } = await cache.getOrCompute(key, (signal) => make(request, { ...offer, signal }), {
        signal: offer.signal,
        ttlMsOf: ({ wasPaid }) => (wasPaid ? options.ttlMs : 0),
      });
      return offered;
    },
  };
}
