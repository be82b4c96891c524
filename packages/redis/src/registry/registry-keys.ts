/**
 * The keys of the registry, the same as the Go original's.
 *
 * Names stand in keys as they are: Redis takes any bytes, and nothing here uses a key as a pattern.
 *
 * @module
 */
import type { ComponentInfo, DiscoveryFilter } from '@gomind/core';

/** Makes keys under a namespace. */
export interface RegistryKeys {
  /** The record of one instance: text with a time to live. */
  service(id: string): string;
  /** The sets that an instance is a member of, each once. */
  indexesOf(component: Pick<ComponentInfo, 'name' | 'type' | 'capabilities'>): string[];
  /** The fewest sets that together hold every instance a filter can match. */
  indexesFor(filter: DiscoveryFilter): string[];
}

/** The keys under a namespace. */
export function registryKeys(namespace: string): RegistryKeys {
  const typeSet = (type: string): string => `${namespace}:types:${type}`;
  const nameSet = (name: string): string => `${namespace}:names:${name}`;
  const capabilitySet = (name: string): string => `${namespace}:capabilities:${name}`;
  return {
    service: (id) => `${namespace}:services:${id}`,
    indexesOf: ({ name, type, capabilities }) => [
      ...new Set([typeSet(type), nameSet(name), ...capabilities.map((capability) => capabilitySet(capability.name))]),
    ],
    indexesFor: ({ name, capabilities, type }) => {
      if (name !== undefined) return [nameSet(name)];
      if (capabilities !== undefined && capabilities.length > 0) return [...new Set(capabilities.map(capabilitySet))];
      return type === undefined ? [typeSet('tool'), typeSet('agent')] : [typeSet(type)];
    },
  };
}
