/**
 * A component as others see it: who it is, where it listens, what it can do.
 *
 * @module
 */
import type { Capability } from './capability.ts';

/** `tool`: answers calls, may register, cannot discover. `agent`: may also discover and call others. */
export type ComponentType = 'tool' | 'agent';

/** State a component reports of itself. */
export type ComponentHealth = 'healthy' | 'degraded' | 'unhealthy' | 'unknown';

/** The registry's record of one running instance of a component. */
export interface ComponentInfo {
  /** Unique per running instance. */
  readonly id: string;
  /** Shared by all instances of one component; plans call components by this name. */
  readonly name: string;
  readonly type: ComponentType;
  readonly description: string;
  /** Host name or IP address, or a whole origin such as `https://tools.example.com`. */
  readonly address: string;
  /** TCP port; ignored when `address` is a whole origin. */
  readonly port: number;
  readonly capabilities: readonly Capability[];
  readonly metadata?: Readonly<Record<string, string>>;
  readonly health?: ComponentHealth;
  /** ISO 8601 time of the last heartbeat. */
  readonly lastSeen?: string;
}

/**
 * The base URL of a component's HTTP face.
 *
 * @param component the registry record
 * @returns an origin without a trailing slash, for example `http://127.0.0.1:8080`
 */
export function componentOrigin(component: Pick<ComponentInfo, 'address' | 'port'>): string {
  if (/^https?:\/\//i.test(component.address)) return withoutTrailingSlashes(component.address);
  const host =
    component.address.includes(':') && !component.address.startsWith('[')
      ? `[${component.address}]`
      : component.address;
  return `http://${host}:${String(component.port)}`;
}

/**
 * A text without the slashes at its end. Not by a regular expression: on 60,000 slashes and one more letter that took 16 s.
 *
 * @param text for example the path of a URL
 */
export function withoutTrailingSlashes(text: string): string {
  let end = text.length;
  while (text[end - 1] === '/') end--;
  return text.slice(0, end);
}
