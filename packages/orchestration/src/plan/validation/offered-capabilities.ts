/**
 * What a plan may call, in the form that validation looks it up.
 *
 * @module
 */
import type { Capability, ComponentInfo } from '@gomind/core';
import { asSchema } from '../schemas/schema-reader.ts';

/** Capabilities by component name and capability name; undefined when components are not known and not checked. */
export type OfferedCapabilities = ReadonlyMap<string, ReadonlyMap<string, Capability>> | undefined;

/** Indexes what components offer: instances of one name are merged, internal capabilities left out. */
export function indexCapabilities(offered: readonly ComponentInfo[]): OfferedCapabilities {
  const index = new Map<string, Map<string, Capability>>();
  for (const component of offered) {
    const capabilities = index.get(component.name) ?? new Map<string, Capability>();
    for (const { inputSchema, outputSchema, ...capability } of component.capabilities) {
      if (capability.internal === true) continue;
      // Records come from a registry: what is no schema object says nothing.
      const input = asSchema(inputSchema);
      const output = asSchema(outputSchema);
      capabilities.set(capability.name, {
        ...capability,
        ...(input === undefined ? {} : { inputSchema: input }),
        ...(output === undefined ? {} : { outputSchema: output }),
      });
    }
    if (capabilities.size > 0) index.set(component.name, capabilities);
  }
  return index;
}
