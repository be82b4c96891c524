/**
 * A discovery that shows tools and no agents.
 *
 * @module
 */
import type { ComponentInfo, Discovery } from '@gomind/core';

const isTool = ({ type }: ComponentInfo): boolean => type === 'tool';

/**
 * What an agent hands to the orchestrator inside it: with agents in sight, it could call itself for ever.
 *
 * @param discovery what the agent was given
 */
export function toolsOnly(discovery: Discovery): Discovery {
  return {
    register: (component) => discovery.register(component),
    updateHealth: (id, health) => discovery.updateHealth(id, health),
    unregister: (id) => discovery.unregister(id),
    ping: () => discovery.ping(),
    discover: async (filter = {}) => (await discovery.discover(filter)).filter(isTool),
    findService: async (name) => (await discovery.findService(name)).filter(isTool),
    findByCapability: async (capability) => (await discovery.findByCapability(capability)).filter(isTool),
    watch: async function* (options) {
      for await (const event of discovery.watch(options)) if (isTool(event.component)) yield event;
    },
    // The discovery stays the agent's.
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
