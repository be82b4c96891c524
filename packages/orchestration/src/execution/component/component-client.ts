/**
 * Calls components over HTTP: the only place in the house that does. Bounded in connections, waiting, time and size; turns to
 * another instance when a call cannot have reached the first, or may be repeated.
 *
 * @module
 */
import {
  cancellationError,
  type Clock,
  type ComponentInfo,
  GomindError,
  type Logger,
  noopLogger,
  noopTelemetry,
  type Priority,
  priorityHeader,
  systemClock,
  type Telemetry,
} from '@gomind/core';
import type { buildConnector } from 'undici';
import { type CallTarget, callTargetOf } from './call-target.ts';
import { type ComponentAnswer, dataOf } from './component-answer.ts';
import { callFailure, failureAnswer, noInstance } from './component-failure.ts';
import { ConnectionPool, type HttpLibrary, type Reuse } from './connection-pool.ts';
import { exchange, ExchangeFailure, type IncomingMessage, type OutgoingMessage } from './http-exchange.ts';
import { type CallOutcome, InstanceBalancer } from './instance-balancer.ts';

/** One call. */
export interface ComponentRequest {
  readonly component: string;
  readonly action: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** The step's name in the run's stream of events, which no other call of the run has: `outer/inner`, `each[2]`. */
  readonly step: string;
  readonly runId: string;
  readonly signal: AbortSignal;
  readonly idempotencyKey: string;
  /** Milliseconds since the epoch at which the caller stops waiting. */
  readonly deadlineMs: number;
  /** Who waits for a connection gets one the sooner, the more it matters; the component is told. Default: `normal`. */
  readonly priority?: Priority;
  /** Whether the call may reach the component twice without harm. */
  readonly isRepeatable: boolean;
}

/** Makes component calls. */
export interface ComponentCaller {
  /**
   * Calls a capability once.
   *
   * @returns the data of the answer
   * @throws GomindError `COMPONENT_UNAVAILABLE COMPONENT_BAD_RESPONSE COMPONENT_FAILED INPUT_ERROR NOT_AUTHORIZED NOT_FOUND CONFLICT RATE_LIMITED TIMEOUT LIMIT_EXCEEDED CANCELLED`
   */
  call(request: ComponentRequest): Promise<unknown>;
  /** Frees every connection. */
  close(): Promise<void>;
}

/** Options of {@link ComponentClient}. */
export interface ComponentClientOptions {
  /** The live instances of a component. */
  resolve(component: string): readonly ComponentInfo[];
  /** Connections to one component, all its instances together. Default: 10. */
  readonly maxConnections?: number;
  /** Calls of one component that may wait for a connection. Default: 1,000. */
  readonly maxWaiting?: number;
  /** Largest answer in bytes. Default: 8 MiB. */
  readonly maxAnswerBytes?: number;
  /** Milliseconds for a connection to be made. Default: 5,000. */
  readonly connectTimeoutMs?: number;
  /** Called when no connection to an instance could be made: the moment to look for newer ones. Default: nothing. */
  onUnreachable?(instance: ComponentInfo): void;
  readonly clock?: Clock;
  readonly telemetry?: Telemetry;
  readonly logger?: Logger;
}

/** What loads with the first call. */
interface Http {
  readonly library: HttpLibrary;
  /** Shared by all connections, so that TLS sessions are resumed. */
  readonly connector: buildConnector.connector;
}

/** Calls components over HTTP/1.1 with kept-alive connections. */
export class ComponentClient implements ComponentCaller {
  readonly #options: ComponentClientOptions;
  readonly #clock: Clock;
  readonly #telemetry: Telemetry;
  readonly #logger: Logger;
  readonly #balancer: InstanceBalancer;
  readonly #maxAnswerBytes: number;
  /** By component; a pool goes when its last connection does. */
  readonly #pools = new Map<string, ConnectionPool>();
  #http: Http | undefined;
  #isClosed = false;

  constructor(options: ComponentClientOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#telemetry = options.telemetry ?? noopTelemetry;
    this.#logger = options.logger ?? noopLogger;
    this.#balancer = new InstanceBalancer(this.#clock);
    this.#maxAnswerBytes = options.maxAnswerBytes ?? 8 * 1_048_576;
  }

  async call(request: ComponentRequest): Promise<unknown> {
    const message = this.#messageOf(request);
    this.#http ??= await this.#load();
    this.#refuseWhenClosed();
    if (request.signal.aborted) throw cancellationError(request.signal, `The call of ${nameOf(request)}`);
    const pool = this.#poolOf(request.component, this.#http);
    await pool.enter(request);
    try {
      this.#refuseWhenClosed();
      return await this.#callAnInstance(pool, message, request);
    } finally {
      pool.leave();
    }
  }

  /** Open connections to all components. */
  get connections(): number {
    return [...this.#pools.values()].reduce((sum, pool) => sum + pool.size, 0);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#pools.values()].map((pool) => pool.close()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Turns to one instance after the other while that is safe, each at most once. */
  async #callAnInstance(
    pool: ConnectionPool,
    message: Omit<OutgoingMessage, 'path'>,
    request: ComponentRequest,
  ): Promise<unknown> {
    const tried = new Set<string>();
    let failure: GomindError | undefined;
    for (;;) {
      const instance = this.#balancer.choose(this.#options.resolve(request.component), tried);
      if (instance === undefined) throw failure ?? noInstance(request.component);
      if (failure !== undefined) this.#tellOfTurn(instance, failure);
      tried.add(instance.id);
      const end = this.#balancer.begin(instance);
      let outcome: CallOutcome = 'ok';
      try {
        const target = callTargetOf(instance, request.action);
        const answer = answerOf(await this.#send(pool, target, { message, request }));
        return dataOf(answer, request, this.#clock.now());
      } catch (error) {
        failure =
          error instanceof ExchangeFailure
            ? callFailure(error, instance, { ...request, limitBytes: this.#maxAnswerBytes })
            : failureAnswer(error);
        outcome = outcomeOf(failure);
      } finally {
        end(outcome);
      }
      this.#refuseWhenClosed(failure);
      if (failure.details['isUnreachable'] === true) this.#options.onUnreachable?.(instance);
      if (request.signal.aborted || !mayGoElsewhere(failure, request)) throw failure;
    }
  }

  #tellOfTurn({ name, id }: ComponentInfo, failure: GomindError): void {
    const fields = { component: name, id, reason: failure.message };
    this.#logger.warn('A call turns to another instance of its component', fields);
  }

  async #send(
    pool: ConnectionPool,
    { origin, path }: CallTarget,
    call: { readonly message: Omit<OutgoingMessage, 'path'>; readonly request: ComponentRequest },
  ): Promise<IncomingMessage> {
    const { isRepeatable, signal } = call.request;
    let reuse: Reuse = isRepeatable ? 'any' : 'trusted';
    for (;;) {
      const connection = pool.take(origin, reuse);
      let isUsable = false;
      try {
        const options = { maxAnswerBytes: this.#maxAnswerBytes, signal };
        const answer = await exchange(connection.client, { ...call.message, path }, options);
        isUsable = true;
        return answer;
      } catch (error) {
        // The server closed the connection just when the call was put on it (nodejs/undici issue 3492), or it was long dead.
        const isSilent = error instanceof ExchangeFailure && error.stage === 'sent';
        if (isSilent && connection.isReused) pool.closeIdle(origin);
        if (!isSilent || !isRepeatable || signal.aborted || reuse === 'new' || this.#isClosed) throw error;
        reuse = 'new';
      } finally {
        pool.giveBack(connection, isUsable);
      }
    }
  }

  #messageOf(request: ComponentRequest): Omit<OutgoingMessage, 'path'> {
    const headers: Record<string, string> = {
      accept: 'application/json',
      // An answer that unpacks to a thousand times its size would pass the limit before it is noticed.
      'accept-encoding': 'identity',
      'content-type': 'application/json',
      'idempotency-key': headerText(request.idempotencyKey),
      'x-gomind-run-id': headerText(request.runId),
      'x-gomind-step-id': headerText(request.step),
    };
    if (request.priority !== undefined && request.priority !== 'normal') headers[priorityHeader] = request.priority;
    if (Number.isFinite(request.deadlineMs)) headers['x-gomind-deadline-ms'] = String(Math.round(request.deadlineMs));
    this.#telemetry.inject(headers);
    return { headers, body: bodyOf(request) };
  }

  #poolOf(component: string, { library, connector }: Http): ConnectionPool {
    let pool = this.#pools.get(component);
    if (pool === undefined) {
      pool = new ConnectionPool({
        component,
        library,
        connector,
        maxConnections: this.#options.maxConnections ?? 10,
        maxWaiting: this.#options.maxWaiting ?? 1_000,
        clock: this.#clock,
        onEmpty: () => this.#pools.delete(component),
      });
      this.#pools.set(component, pool);
    }
    return pool;
  }

  #refuseWhenClosed(cause?: unknown): void {
    if (this.#isClosed) throw new GomindError({ code: 'CLOSED', message: 'The component client is closed.', cause });
  }

  async #load(): Promise<Http> {
    const library = await import('undici');
    return { library, connector: library.buildConnector({ timeout: this.#options.connectTimeoutMs ?? 5_000 }) };
  }
}

/** A slow or hanging instance is to blame for a step that ran out of time; a cancelled run is nobody's fault. */
const instanceFailures: ReadonlySet<string> = new Set(['COMPONENT_UNAVAILABLE', 'TIMEOUT', 'STEP_TIMEOUT']);

function outcomeOf(failure: GomindError): CallOutcome {
  if (instanceFailures.has(failure.code) || failure.details['isBrokenOff'] === true) return 'failed';
  return typeof failure.details['status'] === 'number' ? 'ok' : 'unknown';
}

function mayGoElsewhere({ details }: GomindError, { isRepeatable }: ComponentRequest): boolean {
  return details['isUnreachable'] === true || (isRepeatable && details['isBrokenOff'] === true);
}

function nameOf({ component, action }: ComponentRequest): string {
  return `${component}.${action}`;
}

function bodyOf(request: ComponentRequest): string {
  try {
    return JSON.stringify(request.inputs);
  } catch (cause) {
    throw new GomindError({
      code: 'INPUT_ERROR',
      message: `The inputs of ${nameOf(request)} cannot be written as JSON (a circle, a bigint).`,
      details: { hasEffect: false },
      cause,
    });
  }
}

function answerOf({ status, headers, body }: IncomingMessage): ComponentAnswer {
  return {
    status,
    mediaType: (headerOf(headers['content-type']) ?? '').split(';')[0]?.trim().toLowerCase() ?? '',
    encoding: headerOf(headers['content-encoding'])?.trim().toLowerCase() ?? 'identity',
    retryAfter: headerOf(headers['retry-after']),
    body,
  };
}

function headerOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/** Names of steps may hold any letter; headers may not. */
function headerText(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? text : encodeURIComponent(text);
}
