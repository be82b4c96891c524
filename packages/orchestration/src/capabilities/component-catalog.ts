/**
 * What is registered, close at hand: refreshed in the background and kept when the registry is away. Planning and calling
 * read it without waiting for the registry.
 *
 * @module
 */
import { isDeepStrictEqual } from 'node:util';
import {
  canonicalJson,
  type Clock,
  type ComponentInfo,
  type Discovery,
  GomindError,
  type Logger,
  noopLogger,
  redactingLogger,
  systemClock,
  toGomindError,
  withTimeout,
} from '@gomind/core';
import { type CatalogChangeListener, CatalogChanges, type InstanceListener } from './catalog-changes.ts';
import { cleanComponent } from './clean-component.ts';

/** Options of {@link ComponentCatalog}. */
export interface ComponentCatalogOptions {
  readonly discovery: Discovery;
  /** Milliseconds between two looks at the registry. Default: 10,000. */
  readonly refreshIntervalMs?: number;
  /** Milliseconds that one look may take. Default: 5,000. */
  readonly refreshTimeoutMs?: number;
  /** Milliseconds that components are kept when most of them vanish at once. Default: 60,000 (two lifetimes of a record). */
  readonly suspectKeepMs?: number;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** How fresh a catalog is. */
export interface CatalogStatus {
  /** Milliseconds since the epoch of the last successful look; absent before the first. */
  readonly refreshedAt?: number;
  /** Why the last look failed; absent when it did not. */
  readonly lastError?: string;
  /** Instances that vanished together with most others and are kept for a while. */
  readonly suspects: number;
}

/** Fewer than this may vanish together without being kept. */
const minMassDisappearance = 3;
/** Changes that the registry announces within this time are read together. */
const watchDelayMs = 50;

interface Snapshot {
  readonly byName: ReadonlyMap<string, readonly ComponentInfo[]>;
  readonly components: readonly ComponentInfo[];
}

const emptySnapshot: Snapshot = { byName: new Map(), components: [] };

/** A live copy of the registry. */
export class ComponentCatalog {
  readonly #discovery: Discovery;
  readonly #refreshIntervalMs: number;
  readonly #refreshTimeoutMs: number;
  readonly #suspectKeepMs: number;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #stop = new AbortController();
  /** By id. */
  #known = new Map<string, ComponentInfo>();
  /** By id: when a vanished instance is given up, in monotonic milliseconds. */
  readonly #suspects = new Map<string, number>();
  readonly #impostors = new Set<string>();
  readonly #changes: CatalogChanges;
  #snapshot: Snapshot = emptySnapshot;
  #refreshedAt: number | undefined;
  #lastError: string | undefined;
  #starting: Promise<void> | undefined;
  #refreshing: Promise<void> | undefined;
  #cancelTimer: () => void = () => undefined;

  constructor(options: ComponentCatalogOptions) {
    this.#discovery = options.discovery;
    this.#refreshIntervalMs = options.refreshIntervalMs ?? 10_000;
    this.#refreshTimeoutMs = options.refreshTimeoutMs ?? 5_000;
    this.#suspectKeepMs = options.suspectKeepMs ?? 60_000;
    this.#clock = options.clock ?? systemClock;
    this.#logger = redactingLogger(options.logger ?? noopLogger);
    this.#changes = new CatalogChanges(this.#logger);
  }

  /**
   * Reads the registry once and keeps reading it in the background. Calling it again is no error and costs nothing.
   *
   * @throws GomindError what the registry says when the first look fails; a later call tries again
   */
  async start(): Promise<void> {
    this.#starting ??= (async () => {
      await this.refresh();
      this.#scheduleRefresh(this.#refreshIntervalMs);
      void this.#watch();
    })();
    try {
      await this.#starting;
    } catch (error) {
      this.#starting = undefined;
      throw error;
    }
  }

  /**
   * Looks at the registry now; calls at the same time share one look. On failure everything known is kept.
   *
   * @throws GomindError `STORE_UNAVAILABLE` or what else the registry says
   */
  async refresh(): Promise<void> {
    this.#refreshing ??= this.#look().finally(() => {
      this.#refreshing = undefined;
    });
    await this.#refreshing;
  }

  /** One record for each component name, in the order of names. */
  components(): readonly ComponentInfo[] {
    return this.#snapshot.components;
  }

  /** Every live instance of a component; empty when it is not known. */
  instances(name: string): readonly ComponentInfo[] {
    return this.#snapshot.byName.get(name) ?? [];
  }

  /**
   * Tells of every component that comes, goes or offers something else, from now on; whoever subscribes before
   * {@link ComponentCatalog.start} hears of all that is there. Listeners are called in the same turn in which the catalog
   * changes, so a cache that drops what it kept never serves what is gone.
   *
   * @param listener must not wait; what it throws is logged
   * @returns ends the subscription
   * @example
   * const stop = catalog.onChange(({ type, component }) => {
   *   if (type !== 'component.up') cache.dropPlansThatUse(component);
   * });
   */
  onChange(listener: CatalogChangeListener): () => void {
    return this.#changes.subscribe(listener);
  }

  /**
   * Tells of every component that has a new instance, its first included: what it failed of may be over. Else as
   * {@link ComponentCatalog.onChange}.
   *
   * @param listener must not wait; what it throws is logged
   * @returns ends the subscription
   */
  onInstance(listener: InstanceListener): () => void {
    return this.#changes.subscribeToInstances(listener);
  }

  /** How fresh the catalog is. */
  status(): CatalogStatus {
    return {
      ...(this.#refreshedAt === undefined ? {} : { refreshedAt: this.#refreshedAt }),
      ...(this.#lastError === undefined ? {} : { lastError: this.#lastError }),
      suspects: this.#suspects.size,
    };
  }

  /** Stops looking and forgets its listeners; what is known stays readable. Calling it twice is no error. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#cancelTimer();
    this.#changes.clear();
    await this.#refreshing?.catch(() => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #look(): Promise<void> {
    try {
      const found = await withTimeout(() => this.#discovery.discover(), {
        timeoutMs: this.#refreshTimeoutMs,
        code: 'STORE_UNAVAILABLE',
        what: 'Reading the registry',
        signal: this.#stop.signal,
        clock: this.#clock,
      });
      this.#accept(found);
      this.#refreshedAt = this.#clock.now();
      this.#lastError = undefined;
    } catch (error) {
      const failure = toGomindError(error, {
        code: 'STORE_UNAVAILABLE',
        message: 'The registry cannot be read',
        isRetryable: true,
      });
      this.#lastError = failure.message;
      throw failure;
    }
  }

  #accept(found: readonly ComponentInfo[]): void {
    const next = new Map<string, ComponentInfo>();
    for (const record of found) {
      const component = cleanComponent(record, this.#logger);
      if (component !== undefined && component.health !== 'unhealthy') next.set(component.id, component);
    }
    this.#keepSuspects(next);
    // The same snapshot stands for the same content, so that what is built from it (a search index) can be kept.
    if (isSameOffer(this.#known, next)) return;
    const joined = new Set([...next].filter(([id]) => !this.#known.has(id)).map(([, { name }]) => name));
    this.#known = next;
    const { components } = this.#snapshot;
    this.#snapshot = this.#snapshotOf(next);
    this.#changes.announce(components, this.#snapshot.components);
    this.#changes.announceInstances(joined);
  }

  /**
   * A registry that lost its data says "nobody is there", which is hardly ever true: when more than half of the instances
   * vanish in one look, they stay for a while (self-preservation, as in Netflix Eureka).
   */
  #keepSuspects(next: Map<string, ComponentInfo>): void {
    const now = this.#clock.monotonicMs();
    const vanished = [...this.#known.values()].filter((component) => !next.has(component.id));
    const isMass = vanished.length >= minMassDisappearance && vanished.length > this.#known.size / 2;
    for (const id of next.keys()) this.#suspects.delete(id);
    for (const component of vanished) {
      const keptUntil = this.#suspects.get(component.id) ?? (isMass ? now + this.#suspectKeepMs : 0);
      if (keptUntil > now) {
        next.set(component.id, component);
        this.#suspects.set(component.id, keptUntil);
      } else {
        this.#suspects.delete(component.id);
      }
    }
    if (isMass) {
      this.#logger.warn('Most components vanished from the registry at once; they are kept for a while', {
        vanished: vanished.length,
        keptForMs: this.#suspectKeepMs,
      });
    }
  }

  #snapshotOf(known: ReadonlyMap<string, ComponentInfo>): Snapshot {
    const byName = new Map<string, ComponentInfo[]>();
    for (const component of known.values()) {
      const instances = byName.get(component.name);
      if (instances === undefined) byName.set(component.name, [component]);
      else instances.push(component);
    }
    for (const [name, instances] of byName) byName.set(name, this.#withoutImpostors(name, instances));
    const names = [...byName.keys()].sort();
    const components = names.flatMap((name) => byName.get(name)?.slice(0, 1) ?? []);
    return { byName, components };
  }

  /** A second component under a known name that offers something else is left out until the first one is gone. */
  #withoutImpostors(name: string, instances: readonly ComponentInfo[]): ComponentInfo[] {
    if (instances.length === 1) return [...instances];
    const before = this.#snapshot.byName.get(name)?.[0];
    const first = instances.find((instance) => instance.id === before?.id) ?? instances[0];
    const accepted = first === undefined ? '' : offerOf(first);
    return instances.filter((instance) => {
      if (offerOf(instance) === accepted) return true;
      if (!this.#impostors.has(instance.id)) {
        this.#impostors.add(instance.id);
        this.#logger.warn('A component claims a name that another one with other capabilities holds; it is left out', {
          component: name,
          id: instance.id,
        });
      }
      return false;
    });
  }

  #scheduleRefresh(delayMs: number): void {
    this.#cancelTimer();
    if (this.#stop.signal.aborted) return;
    this.#cancelTimer = this.#clock.setTimer(
      () => {
        void this.#refreshInBackground();
      },
      delayMs,
      { background: true },
    );
  }

  async #refreshInBackground(): Promise<void> {
    try {
      await this.refresh();
    } catch (error) {
      const reason = GomindError.isInstance(error) ? error.message : 'unknown error';
      if (!this.#stop.signal.aborted)
        this.#logger.warn('The registry could not be read; known components are kept', { reason });
    }
    this.#scheduleRefresh(this.#refreshIntervalMs);
  }

  /** The registry may announce changes; without that the next look finds them. */
  async #watch(): Promise<void> {
    try {
      for await (const _change of this.#discovery.watch({ signal: this.#stop.signal }))
        this.#scheduleRefresh(watchDelayMs);
    } catch (error) {
      this.#logger.debug('The registry does not announce changes', { error });
    }
  }
}

function isSameOffer(before: ReadonlyMap<string, ComponentInfo>, after: ReadonlyMap<string, ComponentInfo>): boolean {
  if (before.size !== after.size) return false;
  for (const [id, component] of after) {
    const { lastSeen: _after, ...now } = component;
    const { lastSeen: _before, ...then } = before.get(id) ?? {};
    if (!isDeepStrictEqual(now, then)) return false;
  }
  return true;
}

/** What tells two components of one name apart: what they can do. */
function offerOf(component: ComponentInfo): string {
  return canonicalJson(
    component.capabilities.map(({ name, inputSchema, outputSchema, effect }) => [
      name,
      inputSchema ?? null,
      outputSchema ?? null,
      effect ?? null,
    ]),
  );
}
