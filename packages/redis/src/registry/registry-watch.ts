/**
 * Changes of the registry, found by looking at it again and again.
 *
 * @module
 */
import {
  canonicalJson,
  type Clock,
  type ComponentInfo,
  type DiscoveryEvent,
  EventChannel,
  GomindError,
  type Logger,
} from '@gomind/core';

/** What a watch works with. */
export interface WatchContext {
  readonly read: () => Promise<readonly ComponentInfo[]>;
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Seen {
  readonly component: ComponentInfo;
  /** The content without the time of the last heartbeat. */
  readonly content: string;
}

/** Looks only while somebody watches, and once for all who do. */
export class RegistryWatch {
  readonly #context: WatchContext;
  readonly #changes = new EventChannel<DiscoveryEvent>();
  readonly #watchers = new Set<symbol>();
  #seen: ReadonlyMap<string, Seen> | undefined;
  #looking: Promise<void> | undefined;
  #isLookWanted = false;
  #cancelTimer: () => void = () => undefined;
  #isClosed = false;

  constructor(context: WatchContext) {
    this.#context = context;
  }

  /** Events from now on: what is there already is no event. */
  subscribe(signal?: AbortSignal): AsyncIterable<DiscoveryEvent> {
    const inner = this.#changes.subscribe(signal)[Symbol.asyncIterator]();
    if (this.#isClosed || signal?.aborted === true) return { [Symbol.asyncIterator]: () => inner };
    const watcher = Symbol('watcher');
    const leave = (): void => {
      signal?.removeEventListener('abort', leave);
      this.#watchers.delete(watcher);
      if (this.#watchers.size === 0) this.#rest();
    };
    signal?.addEventListener('abort', leave, { once: true });
    this.#watchers.add(watcher);
    if (this.#watchers.size === 1) this.#look();
    const next = async (): Promise<IteratorResult<DiscoveryEvent>> => {
      const result = await inner.next();
      if (result.done === true) leave();
      return result;
    };
    const stop = async (): Promise<IteratorResult<DiscoveryEvent>> => {
      leave();
      await inner.return?.();
      return { done: true, value: undefined };
    };
    return { [Symbol.asyncIterator]: () => ({ next, return: stop }) };
  }

  /** Looks now, because something is known to have changed. */
  poke(): void {
    if (this.#watchers.size > 0) this.#look();
  }

  /** Ends all iterations. */
  close(): void {
    this.#isClosed = true;
    this.#rest();
    this.#changes.close();
  }

  #rest(): void {
    this.#cancelTimer();
    this.#isLookWanted = false;
    this.#seen = undefined;
  }

  #look(): void {
    this.#cancelTimer();
    this.#isLookWanted = true;
    this.#looking ??= this.#lookWhileWanted().finally(() => {
      this.#looking = undefined;
      if (this.#watchers.size === 0 || this.#isClosed) return;
      this.#cancelTimer = this.#context.clock.setTimer(
        () => {
          this.#look();
        },
        this.#context.intervalMs,
        { background: true },
      );
    });
  }

  async #lookWhileWanted(): Promise<void> {
    while (this.#isLookWanted) {
      this.#isLookWanted = false;
      try {
        const found = await this.#context.read();
        // Nobody may be watching any more, or somebody else since then.
        if (this.#watchers.size > 0) this.#compare(found);
      } catch (error) {
        if (!GomindError.isInstance(error, 'CLOSED')) {
          this.#context.logger.debug('The registry could not be read for changes; trying again', { error });
        }
      }
    }
  }

  #compare(found: readonly ComponentInfo[]): void {
    const before = this.#seen;
    const now = new Map(found.map((component) => [component.id, seen(component)]));
    this.#seen = now;
    if (before === undefined) return;
    for (const [id, { component, content }] of now) {
      const known = before.get(id);
      if (known === undefined) this.#changes.push({ type: 'component.up', component });
      else if (known.content !== content) this.#changes.push({ type: 'component.changed', component });
    }
    for (const [id, { component }] of before)
      if (!now.has(id)) this.#changes.push({ type: 'component.down', component });
  }
}

function seen(component: ComponentInfo): Seen {
  const { lastSeen: _lastSeen, ...content } = component;
  return { component, content: canonicalJson(content) };
}
