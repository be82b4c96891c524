/**
 * A registry inside the process: the in-process twin of Discovery, for demos, tests and single-process applications.
 *
 * @module
 */
import type { ComponentHealth, ComponentInfo } from '../contracts/component.ts';
import type { Discovery, DiscoveryEvent, DiscoveryFilter } from '../contracts/discovery.ts';
import { GomindError } from '../errors/gomind-error.ts';
import { readCapability } from '../schema/read-capability.ts';
import { checkComponentInfo } from './check-component-info.ts';
import { EventChannel } from './event-channel.ts';
import { matchesFilter } from './matches-filter.ts';

/** Keeps components in memory; a record lives until it is unregistered. */
export class LocalDiscovery implements Discovery {
  readonly #components = new Map<string, ComponentInfo>();
  readonly #changes = new EventChannel<DiscoveryEvent>();
  #isClosed = false;

  register(component: ComponentInfo): Promise<void> {
    return this.#act(() => {
      checkComponentInfo(component);
      const known = this.#components.get(component.id);
      // As a registry in Redis does: short forms and hints of inputs become JSON Schema.
      const capabilities = component.capabilities.map((one) => ({ ...one, ...readCapability(one) }));
      const copy = structuredClone({ ...component, capabilities });
      this.#components.set(component.id, copy);
      if (known === undefined) this.#announce('component.up', copy);
      else if (JSON.stringify(known) !== JSON.stringify(copy)) this.#announce('component.changed', copy);
    });
  }

  updateHealth(id: string, health: ComponentHealth): Promise<void> {
    return this.#act(() => {
      const known = this.#components.get(id);
      if (known === undefined) {
        throw new GomindError({
          code: 'NOT_FOUND',
          message: `No component with the id "${id}" is registered. Register it before its health is updated.`,
        });
      }
      const changed = { ...known, health };
      this.#components.set(id, changed);
      if (known.health !== health) this.#announce('component.changed', changed);
    });
  }

  unregister(id: string): Promise<void> {
    return this.#act(() => {
      const known = this.#components.get(id);
      this.#components.delete(id);
      if (known !== undefined) this.#announce('component.down', known);
    });
  }

  discover(filter: DiscoveryFilter = {}): Promise<ComponentInfo[]> {
    return this.#act(() =>
      [...this.#components.values()]
        .filter((component) => matchesFilter(component, filter))
        .map((component) => structuredClone(component)),
    );
  }

  findService(name: string): Promise<ComponentInfo[]> {
    return this.discover({ name });
  }

  findByCapability(capability: string): Promise<ComponentInfo[]> {
    return this.discover({ capabilities: [capability] });
  }

  watch(options: { readonly signal?: AbortSignal } = {}): AsyncIterable<DiscoveryEvent> {
    return this.#changes.subscribe(options.signal);
  }

  ping(): Promise<void> {
    return this.#act(() => undefined);
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.#changes.close();
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #announce(type: DiscoveryEvent['type'], component: ComponentInfo): void {
    this.#changes.push({ type, component: structuredClone(component) });
  }

  /** Errors come as rejections, as they do from a registry across a network. */
  async #act<T>(action: () => T): Promise<T> {
    await Promise.resolve();
    if (this.#isClosed) {
      throw new GomindError({ code: 'CLOSED', message: 'The discovery is closed. Make a new one.' });
    }
    return action();
  }
}
