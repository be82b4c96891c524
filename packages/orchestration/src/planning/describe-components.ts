/**
 * Components as a planning prompt shows them: what a plan needs to know, as plain bounded data.
 *
 * @module
 */
import type { Capability, ComponentInfo } from '@gomind/core';
import { plainData, plainText } from '../llm/quote-data.ts';

/** A component in a prompt. */
export interface DescribedComponent {
  readonly component: string;
  readonly description: string;
  readonly capabilities: readonly DescribedCapability[];
}

/** A capability in a prompt; keys as the plan names them. */
export interface DescribedCapability {
  readonly action: string;
  readonly description: string;
  readonly inputs?: unknown;
  readonly output?: unknown;
  readonly effect?: string;
}

const maxDescriptionLength = 600;
/** Described once: records stay the same objects as long as the catalog holds them. */
const described = new WeakMap<Capability, DescribedCapability>();

/**
 * What a prompt says about some components; internal capabilities, and components without others, are left out.
 *
 * @param components the components that may be used
 */
export function describeComponents(components: readonly ComponentInfo[]): DescribedComponent[] {
  return components
    .map((component) => ({
      component: component.name,
      description: plainText(component.description, maxDescriptionLength),
      capabilities: component.capabilities.filter((capability) => capability.internal !== true).map(describeCapability),
    }))
    .filter((component) => component.capabilities.length > 0);
}

function describeCapability(capability: Capability): DescribedCapability {
  const known = described.get(capability);
  if (known !== undefined) return known;
  const description: DescribedCapability = {
    action: capability.name,
    description: plainText(capability.description, maxDescriptionLength),
    ...(capability.inputSchema === undefined ? {} : { inputs: plainData(capability.inputSchema) }),
    ...(capability.outputSchema === undefined ? {} : { output: plainData(capability.outputSchema) }),
    ...(capability.effect === undefined ? {} : { effect: capability.effect }),
  };
  described.set(capability, description);
  return description;
}
