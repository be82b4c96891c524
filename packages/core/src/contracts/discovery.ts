/**
 * Finding components at run time. A tool is handed a {@link Registry}, an agent a {@link Discovery}:
 * the types do not let a tool discover.
 *
 * @module
 */
import type { ComponentHealth, ComponentInfo, ComponentType } from './component.ts';

/** Which components to return; every given field must match (AND), the capabilities among each other are OR. */
export interface DiscoveryFilter {
  readonly type?: ComponentType;
  readonly name?: string;
  /** Components that offer at least one of these. */
  readonly capabilities?: readonly string[];
  /** Every pair must be equal. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A change in what is registered. `component.changed` means: same id, other content. */
export interface DiscoveryEvent {
  readonly type: 'component.up' | 'component.down' | 'component.changed';
  readonly component: ComponentInfo;
}

/** What a tool may do: make itself known. */
export interface Registry {
  /**
   * Makes a component known, or replaces the record with the same id, and keeps it alive (heartbeat) until
   * {@link Registry.unregister} or `close()`.
   *
   * @throws GomindError `CONFIG_INVALID` for a record that breaks the contract, `STORE_UNAVAILABLE` when the store is away
   */
  register(component: ComponentInfo): Promise<void>;
  /**
   * Records the health of a registered component.
   *
   * @throws GomindError `NOT_FOUND` when the id is not registered
   */
  updateHealth(id: string, health: ComponentHealth): Promise<void>;
  /** Forgets a component; forgetting an unknown id is no error. */
  unregister(id: string): Promise<void>;
  /** @throws GomindError `STORE_UNAVAILABLE` when the registry cannot be reached within its own timeout */
  ping(): Promise<void>;
  /** Unregisters nothing, stops heartbeats and frees connections. Calling it twice is no error. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What an agent or orchestrator may do: find others as well. */
export interface Discovery extends Registry {
  /** All live components that match; an empty filter returns all. Malformed records are left out with a warning. */
  discover(filter?: DiscoveryFilter): Promise<ComponentInfo[]>;
  /** All live instances of the component with this name. */
  findService(name: string): Promise<ComponentInfo[]>;
  /** All live components that offer this capability. */
  findByCapability(capability: string): Promise<ComponentInfo[]>;
  /**
   * Changes from now on, in order. Ends when the signal aborts or the discovery closes.
   *
   * @param options `signal` ends the iteration without an error
   */
  watch(options?: { readonly signal?: AbortSignal }): AsyncIterable<DiscoveryEvent>;
}
