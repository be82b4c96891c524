/**
 * The connections to one component, all its instances together: bounded in number, with a bounded line of calls that wait for
 * one. A connection is an undici client, which holds one socket.
 *
 * A server may close an idle connection in the moment in which a call is put on it, and then nobody knows what became of the
 * call. For one that must not be repeated, a connection is used again only where that is out of the question: after a pause at
 * most half as long as this server was seen to leave a connection alone (docs/decisions/0008).
 *
 * @module
 */
import type { Socket } from 'node:net';
import { CallGate, type Clock, GomindError, type Priority } from '@gomind/core';
import type { buildConnector, Client } from 'undici';

/** What undici offers; it loads with the first call. */
export interface HttpLibrary {
  readonly Client: typeof Client;
  readonly buildConnector: typeof buildConnector;
}

/** Options of {@link ConnectionPool}. */
export interface ConnectionPoolOptions {
  /** Name of the component, for messages. */
  readonly component: string;
  readonly library: HttpLibrary;
  /** Returns the socket that it connects, though its own types do not say so. */
  readonly connector: (...parameters: Parameters<buildConnector.connector>) => unknown;
  readonly maxConnections: number;
  readonly maxWaiting: number;
  readonly clock: Clock;
  /** Called when nothing is left: no connection, no call, nobody waiting. */
  onEmpty(): void;
}

/**
 * Which connection will do. `any`: also one that the server may be closing now. `trusted`: a new one, or one that it surely does
 * not. `new`: none that was used before.
 */
export type Reuse = 'any' | 'trusted' | 'new';

/** A connection in use by one call. */
export interface Connection {
  readonly client: Client;
  /** Whether an earlier call used it. */
  readonly isReused: boolean;
}

/** Milliseconds; less than the 5 s after which common servers close an idle connection without a hint. */
const keepAliveMs = 4_000;
/** Milliseconds; the most that a server's `Keep-Alive` hint may ask for. */
const maxKeepAliveMs = 60_000;
/** A server that was seen to leave a connection alone for less than this, in milliseconds, is not trusted to keep one. */
const leastProofMs = 250;
const maxHeaderBytes = 65_536;

interface PooledConnection extends Connection {
  readonly place: Place;
  isReused: boolean;
  /** Undefined while a call uses it. */
  idleSinceMs: number | undefined;
  /** Ends an attempt to connect, if one is under way. */
  stopConnecting(): void;
}

/** The connections to one origin. */
interface Place {
  readonly origin: string;
  /** The one that has been idle longest comes first. */
  readonly idle: PooledConnection[];
  open: number;
  /** The longest pause, in milliseconds, that the server was seen to leave a connection alone. */
  provenIdleMs: number;
  /** The oldest idle connection when it was last looked at, and how long it had been idle then. */
  watched: PooledConnection | undefined;
  watchedIdleMs: number;
}

/** The connections to one component. */
export class ConnectionPool {
  readonly #options: ConnectionPoolOptions;
  readonly #gate: CallGate;
  readonly #places = new Map<string, Place>();
  readonly #connections = new Set<PooledConnection>();

  constructor(options: ConnectionPoolOptions) {
    this.#options = options;
    this.#gate = new CallGate({ maxConcurrent: options.maxConnections, maxWaiting: options.maxWaiting });
  }

  /** Open connections. */
  get size(): number {
    return this.#connections.size;
  }

  /**
   * Waits until the call may use a connection; {@link leave} ends that.
   *
   * @throws GomindError `LIMIT_EXCEEDED` when too many calls wait already; `CANCELLED` or the signal's own reason
   */
  async enter({ signal, priority }: { readonly signal: AbortSignal; readonly priority?: Priority }): Promise<void> {
    const { component, maxWaiting } = this.#options;
    await this.#gate.enter({
      priority,
      signal,
      what: `The wait for a connection to ${component}`,
      refusal: () =>
        new GomindError({
          code: 'LIMIT_EXCEEDED',
          message: `${String(maxWaiting)} calls of ${component} wait for a connection already. Call it less at once, start more instances, or raise maxConnections.`,
          isRetryable: true,
          details: { component, limit: maxWaiting, hasEffect: false },
        }),
    });
  }

  /** Ends what {@link enter} began. */
  leave(): void {
    this.#gate.leave();
    this.#tellWhenEmpty();
  }

  /** A connection for a call that has entered; {@link giveBack} ends its use. */
  take(origin: string, reuse: Reuse): Connection {
    const place = this.#placeOf(origin);
    const nowMs = this.#options.clock.monotonicMs();
    watch(place, nowMs);
    const newest = place.idle.at(-1);
    if (newest !== undefined && mayReuse(newest, reuse, nowMs)) {
      place.idle.pop();
      newest.idleSinceMs = undefined;
      newest.isReused = true;
      return newest;
    }
    // Calls at work leave room for at least this one, so what fills the pool is idle.
    if (this.#connections.size >= this.#options.maxConnections) this.#makeRoom();
    return this.#open(place);
  }

  /**
   * Ends the use of a connection.
   *
   * @param isUsable whether the call got a whole answer; any other connection is in an unknown state and closed
   */
  giveBack(connection: Connection, isUsable: boolean): void {
    const pooled = connection as PooledConnection;
    // A server that says "connection: close" has closed it by now.
    if (!isUsable || !pooled.client.stats.connected) {
      void this.#discard(pooled);
      return;
    }
    pooled.idleSinceMs = this.#options.clock.monotonicMs();
    pooled.place.idle.push(pooled);
  }

  /** Closes what is idle to an origin: its other connections may be as dead as one that just proved to be. */
  closeIdle(origin: string): void {
    for (const connection of this.#places.get(origin)?.idle.splice(0) ?? []) void this.#discard(connection);
  }

  /** Breaks every connection off. */
  async close(): Promise<void> {
    await Promise.all([...this.#connections].map((connection) => this.#discard(connection)));
  }

  #placeOf(origin: string): Place {
    let place = this.#places.get(origin);
    if (place === undefined) {
      place = { origin, idle: [], open: 0, provenIdleMs: 0, watched: undefined, watchedIdleMs: 0 };
      this.#places.set(origin, place);
    }
    return place;
  }

  #open(place: Place): PooledConnection {
    const { library, connector } = this.#options;
    let connecting: Socket | undefined;
    const client = new library.Client(place.origin, {
      pipelining: 1,
      keepAliveTimeout: keepAliveMs,
      keepAliveMaxTimeout: maxKeepAliveMs,
      maxHeaderSize: maxHeaderBytes,
      // Each call has a deadline of its own, which covers its answer too.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: (options, callback) => {
        const socket = connector(options, callback);
        // By now undici has loaded node:net; whoever only imports the package does not pay for it.
        if (socket instanceof process.getBuiltinModule('node:net').Socket) connecting = socket;
      },
    });
    const connection: PooledConnection = {
      client,
      place,
      isReused: false,
      idleSinceMs: undefined,
      stopConnecting: () => {
        connecting?.destroy();
      },
    };
    client.on('disconnect', (_origin, _targets, error) => {
      this.#onDisconnect(connection, error.code);
    });
    place.open++;
    // Making room may have closed its last connection, with which a place is forgotten.
    this.#places.set(place.origin, place);
    this.#connections.add(connection);
    return connection;
  }

  #onDisconnect(connection: PooledConnection, code: string): void {
    const { place, idleSinceMs } = connection;
    if (idleSinceMs === undefined) return;
    // UND_ERR_INFO: closed by our own idle timer; anything else was the server.
    if (code !== 'UND_ERR_INFO')
      place.provenIdleMs = Math.min(place.provenIdleMs, this.#options.clock.monotonicMs() - idleSinceMs);
    place.idle.splice(place.idle.indexOf(connection), 1);
    void this.#discard(connection);
  }

  /** Closes an idle connection where there are most, but not the oldest, which shows how long the server keeps one. */
  #makeRoom(): void {
    let fullest: Place | undefined;
    for (const place of this.#places.values()) {
      if (place.idle.length > (fullest?.idle.length ?? 0)) fullest = place;
    }
    const [connection] = fullest?.idle.splice(fullest.idle.length > 1 ? 1 : 0, 1) ?? [];
    if (connection !== undefined) void this.#discard(connection);
  }

  /** Closes a connection that stands in no list of idle ones. */
  async #discard(connection: PooledConnection): Promise<void> {
    if (!this.#connections.delete(connection)) return;
    const { place } = connection;
    connection.idleSinceMs = undefined;
    if (--place.open === 0 && this.#places.get(place.origin) === place) this.#places.delete(place.origin);
    const destroyed = connection.client.destroy();
    connection.stopConnecting();
    this.#tellWhenEmpty();
    await destroyed;
  }

  #tellWhenEmpty(): void {
    if (this.#connections.size === 0 && this.#gate.running === 0 && this.#gate.waiting === 0) this.#options.onEmpty();
  }
}

/**
 * Notes that the server has left the oldest idle connection alone. How long, is taken from the look before this one: if it had
 * been closed by then, the process would have been told meanwhile, however busy it was.
 */
function watch(place: Place, nowMs: number): void {
  const [oldest] = place.idle;
  if (oldest === undefined) return;
  if (place.watched === oldest) place.provenIdleMs = Math.max(place.provenIdleMs, place.watchedIdleMs);
  place.watched = oldest;
  place.watchedIdleMs = nowMs - (oldest.idleSinceMs ?? nowMs);
}

function mayReuse({ place, idleSinceMs }: PooledConnection, reuse: Reuse, nowMs: number): boolean {
  if (reuse !== 'trusted') return reuse === 'any';
  return place.provenIdleMs >= leastProofMs && nowMs - (idleSinceMs ?? nowMs) <= place.provenIdleMs / 2;
}
