/**
 * Whether a component is one that a discovery filter asks for.
 *
 * @module
 */
import type { ComponentInfo } from '../contracts/component.ts';
import type { DiscoveryFilter } from '../contracts/discovery.ts';

/** True when every given field of the filter matches; the capabilities among each other are alternatives. */
export function matchesFilter(component: ComponentInfo, filter: DiscoveryFilter): boolean {
  const { type, name, capabilities, metadata } = filter;
  if (type !== undefined && component.type !== type) return false;
  if (name !== undefined && component.name !== name) return false;
  const wanted = capabilities ?? [];
  if (wanted.length > 0 && !component.capabilities.some((capability) => wanted.includes(capability.name))) return false;
  return Object.entries(metadata ?? {}).every(([key, value]) => component.metadata?.[key] === value);
}
