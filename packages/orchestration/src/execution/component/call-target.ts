/**
 * Where a capability of an instance is called.
 *
 * @module
 */
import { capabilityPath, componentOrigin, type ComponentInfo, GomindError } from '@gomind/core';

/** Origin and path of a call. */
export interface CallTarget {
  /** For example `http://127.0.0.1:8080`. */
  readonly origin: string;
  /** With its query, if any. */
  readonly path: string;
}

/** Worked out once for each record that the registry gave. */
const known = new WeakMap<ComponentInfo, Map<string, CallTarget>>();

/**
 * Where a capability is called.
 *
 * @throws GomindError `EGRESS_DENIED` for an endpoint on another origin; `CONFIG_INVALID` for an address that is none
 */
export function callTargetOf(instance: ComponentInfo, action: string): CallTarget {
  let targets = known.get(instance);
  if (targets === undefined) {
    targets = new Map();
    known.set(instance, targets);
  }
  let target = targets.get(action);
  if (target === undefined) {
    target = findTarget(instance, action);
    // Actions that the record does not list could be without number.
    if (targets.size < 1_000) targets.set(action, target);
  }
  return target;
}

function findTarget(instance: ComponentInfo, action: string): CallTarget {
  const base = componentOrigin(instance);
  const endpoint = instance.capabilities.find((capability) => capability.name === action)?.endpoint;
  const isNamed = endpoint !== undefined && endpoint !== '';
  const home = URL.parse(base);
  const url = isNamed ? URL.parse(endpoint, `${base}/`) : URL.parse(`${base}${capabilityPath(action)}`);
  if (home === null || url === null || !/^https?:$/.test(home.protocol)) {
    throw new GomindError({
      code: 'CONFIG_INVALID',
      message: `${instance.name} is registered at an address that cannot be called: ${base.slice(0, 200)}. An address is a host name, an IP address or an http(s) origin.`,
      details: { component: instance.name, instance: instance.id, hasEffect: false },
    });
  }
  if (url.origin === home.origin) return { origin: url.origin, path: `${url.pathname}${url.search}` };
  throw new GomindError({
    code: 'EGRESS_DENIED',
    message: `The endpoint of ${instance.name}.${action} leads away from the component (${(endpoint ?? '').slice(0, 200)}). An endpoint is a path on its own origin.`,
    details: { component: instance.name, action, hasEffect: false },
  });
}
