/**
 * Offers a component of this process beside what another provider offers: all of its capabilities while they are few, those that
 * fit the request when they are many.
 *
 * @module
 */
import type { Capability, ComponentInfo } from '@gomind/core';
import type { CapabilityProvider } from './capability-provider.ts';
import { createSearchCapabilityProvider } from './search-capability-provider.ts';

/** Up to this many are all offered: a search could miss one that says the same in other words. */
const few = 10;
const fittingOfMany = 5;

/**
 * The same provider with one component more; a registered component of the same name is not offered.
 *
 * @param provider offers all others
 * @param component the component as it is at the time
 */
export function offerBeside(provider: CapabilityProvider, component: () => ComponentInfo): CapabilityProvider {
  const search = createSearchCapabilityProvider({
    components: { components: () => [component()] },
    topK: fittingOfMany,
  });
  const fitting = async (request: string): Promise<ComponentInfo> => {
    const whole = component();
    if (whole.capabilities.length <= few) return whole;
    const names = (await search.search(request)).map(({ capability }) => capability);
    const byName = new Map(whole.capabilities.map((capability) => [capability.name, capability]));
    const capabilities = names.flatMap((name): Capability[] => {
      const found = byName.get(name);
      return found === undefined ? [] : [found];
    });
    return { ...whole, capabilities };
  };
  let made: Offer | undefined;
  return {
    name: provider.name,
    readsMetadata: provider.readsMetadata ?? false,
    offer: async (request, options) => {
      const [others, own] = await Promise.all([provider.offer(request, options), fitting(request)]);
      if (own.capabilities.length === 0) return others;
      // The same list for the same offer, so that what is made from it (an index, a digest) is made once.
      if (made?.others !== others || made.own !== own) {
        made = { others, own, all: [...others.filter(({ name }) => name !== own.name), own] };
      }
      return made.all;
    },
  };
}

interface Offer {
  readonly others: readonly ComponentInfo[];
  readonly own: ComponentInfo;
  readonly all: readonly ComponentInfo[];
}
