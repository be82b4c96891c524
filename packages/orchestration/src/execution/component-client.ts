/**
 * Calls components over HTTP: the only place in the house that does. Bounded in connections, time and size; fails over to
 * another instance when a call cannot have reached the first.
 *
 * @module
 */
import {
  cancellationError,
  type Clock,
  componentOrigin,
  type ComponentInfo,
  GomindError,
  type Logger,
  noopLogger,
  noopTelemetry,
  systemClock,
  type Telemetry,
} from '@gomind/core';
import type { Agent } from 'undici';
import { type ComponentAnswer, dataOf } from './component-answer.ts';
import { InstanceBalancer } from './instance-balancer.ts';

/** One call. */
export interface ComponentRequest {
  readonly component: string;
  readonly action: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Name of the step. */
  readonly step: string;
  readonly runId: string;
  readonly signal: AbortSignal;
  readonly idempotencyKey: string;
  /** Milliseconds since the epoch at which the caller stops waiting. */
  readonly deadlineMs: number;
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
  /** Connections to one instance. Default: 10. */
  readonly maxConnections?: number;
  /** Largest answer in bytes. Default: 8 MiB. */
  readonly maxAnswerBytes?: number;
  readonly clock?: Clock;
  readonly telemetry?: Telemetry;
  readonly logger?: Logger;
}

/** Milliseconds; less than the 5 s after which a Node server closes an idle connection. */
const keepAliveMs = 4_000;
const connectTimeoutMs = 5_000;
/** Node's codes of a connection that was never made: the call did not reach anybody. */
const notConnected: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);
/** Codes of a connection that broke before an answer came. */
const brokenOff: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

/** Calls components over HTTP/1.1 with kept-alive connections. */
export class ComponentClient implements ComponentCaller {
  readonly #options: ComponentClientOptions;
  readonly #clock: Clock;
  readonly #telemetry: Telemetry;
  readonly #logger: Logger;
  readonly #balancer: InstanceBalancer;
  #agents: Promise<{ readonly kept: Agent; readonly single: Agent }> | undefined;
  #isClosed = false;

  constructor(options: ComponentClientOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#telemetry = options.telemetry ?? noopTelemetry;
    this.#logger = options.logger ?? noopLogger;
    this.#balancer = new InstanceBalancer(this.#clock);
  }

  async call(request: ComponentRequest): Promise<unknown> {
    if (this.#isClosed) throw new GomindError({ code: 'CLOSED', message: 'The component client is closed.' });
    const instances = this.#balancer.order(this.#options.resolve(request.component));
    if (instances.length === 0) throw noInstance(request.component);
    let lastError: unknown;
    for (const instance of instances) {
      const end = this.#balancer.begin(instance);
      let isUnreachable = false;
      try {
        return await this.#callInstance(instance, request);
      } catch (error) {
        lastError = error;
        isUnreachable = GomindError.isInstance(error) && error.details['isUnreachable'] === true;
        if (!isUnreachable || request.signal.aborted) throw error;
        this.#logger.warn('An instance of a component cannot be reached', {
          component: instance.name,
          id: instance.id,
        });
      } finally {
        end({ isUnreachable });
      }
    }
    throw lastError;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const agents = await this.#agents?.catch(() => undefined);
    await Promise.allSettled([agents?.kept.destroy(), agents?.single.destroy()]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #callInstance(instance: ComponentInfo, request: ComponentRequest): Promise<unknown> {
    const body = bodyOf(request);
    for (let isSecondTry = false; ; isSecondTry = true) {
      try {
        const answer = await this.#send(urlOf(instance, request.action), body, request);
        return dataOf(answer, { component: request.component, action: request.action }, this.#clock.now());
      } catch (error) {
        if (GomindError.isInstance(error)) throw error;
        if (request.signal.aborted)
          throw cancellationError(request.signal, `The call of ${request.component}.${request.action}`);
        // A server may close a kept-alive connection just when a call is put on it (nodejs/undici issue 3492).
        const isIdleRace = !isSecondTry && request.isRepeatable && brokenOff.has(codeOf(error));
        if (!isIdleRace) throw connectionError(error, instance, request);
      }
    }
  }

  async #send(url: string, body: string, request: ComponentRequest): Promise<ComponentAnswer> {
    const { request: send } = await import('undici');
    const { kept, single } = await this.#connections();
    const headers: Record<string, string> = {
      accept: 'application/json',
      // An answer that unpacks to a thousand times its size would pass the limit before it is noticed.
      'accept-encoding': 'identity',
      'content-type': 'application/json',
      'idempotency-key': request.idempotencyKey,
      'x-gomind-run-id': headerText(request.runId),
      'x-gomind-step-id': headerText(request.step),
      'x-gomind-deadline-ms': String(Math.round(request.deadlineMs)),
    };
    this.#telemetry.inject(headers);
    const answer = await send(url, {
      method: 'POST',
      headers,
      body,
      signal: request.signal,
      dispatcher: request.isRepeatable ? kept : single,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    const mediaType = (headerOf(answer.headers['content-type']) ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
    const text = await readText(answer.body, this.#options.maxAnswerBytes ?? 8 * 1_048_576, request);
    return { status: answer.statusCode, mediaType, retryAfter: headerOf(answer.headers['retry-after']), text };
  }

  /** A call that must not be repeated gets a connection of its own: nothing can break it off but the call itself. */
  #connections(): Promise<{ readonly kept: Agent; readonly single: Agent }> {
    this.#agents ??= (async () => {
      const { Agent } = await import('undici');
      const shared = {
        connections: this.#options.maxConnections ?? 10,
        connect: { timeout: connectTimeoutMs },
        maxHeaderSize: 65_536,
      };
      return {
        kept: new Agent({ ...shared, pipelining: 1, keepAliveTimeout: keepAliveMs, keepAliveMaxTimeout: 60_000 }),
        single: new Agent({ ...shared, pipelining: 0 }),
      };
    })();
    return this.#agents;
  }
}

function noInstance(component: string): GomindError {
  return new GomindError({
    code: 'COMPONENT_UNAVAILABLE',
    message: `No instance of "${component}" is registered any more. Start it, or check its heartbeat.`,
    isRetryable: true,
    details: { component, hasEffect: false },
  });
}

function bodyOf({ component, action, inputs }: ComponentRequest): string {
  try {
    return JSON.stringify(inputs);
  } catch (cause) {
    throw new GomindError({
      code: 'INPUT_ERROR',
      message: `The inputs of ${component}.${action} cannot be written as JSON (a circle, a bigint).`,
      details: { hasEffect: false },
      cause,
    });
  }
}

function urlOf(instance: ComponentInfo, action: string): string {
  const origin = componentOrigin(instance);
  const endpoint = instance.capabilities.find((capability) => capability.name === action)?.endpoint;
  const fallback = `${origin}/api/capabilities/${encodeURIComponent(action)}`;
  if (endpoint === undefined || endpoint === '') return fallback;
  const url = URL.parse(endpoint, `${origin}/`);
  if (url !== null && url.origin === new URL(origin).origin) return url.href;
  throw new GomindError({
    code: 'EGRESS_DENIED',
    message: `The endpoint of ${instance.name}.${action} leads away from the component (${endpoint.slice(0, 200)}). An endpoint is a path on its own origin.`,
    details: { component: instance.name, action, hasEffect: false },
  });
}

function connectionError(error: unknown, instance: ComponentInfo, request: ComponentRequest): GomindError {
  const code = codeOf(error);
  const isUnreachable = notConnected.has(code);
  const { component, action } = request;
  return new GomindError({
    code: 'COMPONENT_UNAVAILABLE',
    message: isUnreachable
      ? `${component} cannot be reached at ${componentOrigin(instance)} (${code}). Is it running?`
      : `The connection to ${component} broke off during ${action} (${code}).`,
    isRetryable: true,
    details: { component, action, instance: instance.id, hasEffect: !isUnreachable, isUnreachable },
    cause: error,
  });
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if ('code' in error && typeof error.code === 'string') return error.code;
  // Several addresses were tried: the reasons are inside.
  const inner = error instanceof AggregateError ? (error.errors[0] as unknown) : error.cause;
  return inner === undefined ? error.name : codeOf(inner);
}

function headerOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/** Names of steps may hold any letter; headers may not. */
function headerText(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? text : encodeURIComponent(text);
}

async function readText(
  body: AsyncIterable<Uint8Array> & { destroy(error?: Error): unknown },
  maxBytes: number,
  { component, action }: ComponentRequest,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) {
      body.destroy();
      throw new GomindError({
        code: 'LIMIT_EXCEEDED',
        message: `The answer of ${component}.${action} is larger than ${String(maxBytes)} bytes. Return less, or a reference to the data.`,
        details: { component, action, limit: maxBytes },
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
