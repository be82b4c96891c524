/**
 * What changed between two looks at the registry, told to whoever keeps something that was made from the catalog.
 *
 * @module
 */
import { canonicalJson, type ComponentInfo, type DiscoveryEvent, type Logger } from '@gomind/core';

/** A component came, went, or offers something else than before. */
export interface CatalogChange {
  /**
   * `component.up`: its first instance is there. `component.down`: its last one is gone. `component.changed`: its
   * description, capabilities, schemas or effects are others. Instances that come and go beside equal ones are no change.
   */
  readonly type: DiscoveryEvent['type'];
  /** Name of the component, as plans call it. */
  readonly component: string;
}

/** Is called with each change, after the catalog shows it. Must not wait. */
export type CatalogChangeListener = (change: CatalogChange) => void;

/** Is called with the name of a component that has a new instance. Must not wait. */
export type InstanceListener = (component: string) => void;

/** The listeners of one catalog. */
export class CatalogChanges {
  readonly #listeners = new Set<CatalogChangeListener>();
  readonly #instanceListeners = new Set<InstanceListener>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /**
   * Adds a listener.
   *
   * @returns takes it away again; calling that twice is no error
   */
  subscribe(listener: CatalogChangeListener): () => void {
    return addOwn(this.#listeners, listener);
  }

  /** Adds a listener to new instances; as {@link CatalogChanges.subscribe}. */
  subscribeToInstances(listener: InstanceListener): () => void {
    return addOwn(this.#instanceListeners, listener);
  }

  /** Tells all listeners; one that throws is logged and keeps nothing from the others. */
  announce(before: readonly ComponentInfo[], after: readonly ComponentInfo[]): void {
    if (this.#listeners.size === 0) return;
    for (const change of changesBetween(before, after)) this.#tell(this.#listeners, change, change.component);
  }

  /** Tells of components that have new instances; as {@link CatalogChanges.announce}. */
  announceInstances(components: Iterable<string>): void {
    for (const component of components) this.#tell(this.#instanceListeners, component, component);
  }

  #tell<T>(listeners: ReadonlySet<(news: T) => void>, news: T, component: string): void {
    for (const listener of listeners) {
      try {
        listener(news);
      } catch (error) {
        this.#logger.error('A listener of catalog changes failed', { component, error });
      }
    }
  }

  /** Forgets all listeners. */
  clear(): void {
    this.#listeners.clear();
    this.#instanceListeners.clear();
  }
}

/** A wrapper of its own, so that one function subscribed twice is two subscriptions. */
function addOwn<T>(listeners: Set<(news: T) => void>, listener: (news: T) => void): () => void {
  const own = (news: T): void => {
    listener(news);
  };
  listeners.add(own);
  return () => {
    listeners.delete(own);
  };
}

/**
 * The changes that lead from one list of components to another: what went, then what changed or came.
 *
 * @param before one record for each component name
 * @param after one record for each component name
 */
function changesBetween(before: readonly ComponentInfo[], after: readonly ComponentInfo[]): CatalogChange[] {
  const known = new Map(before.map((component) => [component.name, component]));
  const changes: CatalogChange[] = [];
  for (const component of after) {
    const then = known.get(component.name);
    known.delete(component.name);
    if (then === undefined) changes.push({ type: 'component.up', component: component.name });
    else if (then !== component && faceOf(then) !== faceOf(component)) {
      changes.push({ type: 'component.changed', component: component.name });
    }
  }
  const gone = [...known.keys()].map((name): CatalogChange => ({ type: 'component.down', component: name }));
  return [...gone, ...changes];
}

/** What a plan that was made with a component depends on. */
function faceOf({ type, description, capabilities }: ComponentInfo): string {
  return canonicalJson([type, description, capabilities]);
}
