/**
 * Puts a component on Node's HTTP server: listens, registers, drains.
 *
 * @module
 */
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { delay } from '../async/delay.ts';
import { linkedAbort } from '../async/linked-abort.ts';
import { withTimeout } from '../async/timeout.ts';
import {
  checkNames,
  checkOptions,
  milliseconds,
  type OptionCheck,
  someText,
  wholeNumber,
  withMethods,
} from '../config/check-options.ts';
import { readEnv, readEnvInteger, readEnvText, readLogLevel } from '../config/read-env.ts';
import { variablesWithoutEffect } from '../config/variables-without-effect.ts';
import { type Clock, systemClock } from '../contracts/clock.ts';
import type { ComponentInfo } from '../contracts/component.ts';
import type { Registry } from '../contracts/discovery.ts';
import { redactingLogger } from '../local/redacting-logger.ts';
import type { Logger } from '../contracts/logger.ts';
import { GomindError } from '../errors/gomind-error.ts';
import { createStderrLogger } from '../local/stderr-logger.ts';
import type { Agent, Tool } from './component-definition.ts';
import {
  checkComponent,
  type ComponentHandler,
  type ComponentHandlerOptions,
  createComponentHandler,
  handlerChecks,
} from './component-handler.ts';
import { keepRegistered } from './registration.ts';
import { onTermination } from './termination.ts';

/** Options of {@link serve}. */
export interface ServeOptions extends ComponentHandlerOptions {
  /** Where the component makes itself known; for agents the `discovery` by default. Default: nowhere. */
  readonly registry?: Registry;
  /** TCP port; 0 takes a free one. Default: `GOMIND_PORT`, else 0. */
  readonly port?: number;
  /** Address to listen on. Default: `GOMIND_HOST`, else 127.0.0.1. */
  readonly host?: string;
  /** Address and port that others shall call. Default: `GOMIND_K8S_SERVICE_NAME` and `GOMIND_K8S_SERVICE_PORT`, else where it listens. */
  readonly advertise?: { readonly address: string; readonly port?: number };
  /** Id of this instance. Default: the name and a random part. */
  readonly id?: string;
  /** Whether SIGTERM and SIGINT drain and close the component. Default: true. */
  readonly handleSignals?: boolean;
  /** Default: JSON lines on stderr, from `GOMIND_LOG_LEVEL` on, else from warnings on. */
  readonly logger?: Logger;
  /** Milliseconds for the headers of a request to come. Default: 10,000. */
  readonly headersTimeoutMs?: number;
  /** Milliseconds for a whole request to come. Default: 30,000. */
  readonly requestTimeoutMs?: number;
  /** Milliseconds that calls at work are given when the component closes; then their signals abort. Default: 20,000. */
  readonly drainTimeoutMs?: number;
}

/** A component that listens. */
export interface ServedComponent {
  /** Its record in the registry. */
  readonly info: ComponentInfo;
  /** For example `http://127.0.0.1:41235`. */
  readonly url: string;
  readonly port: number;
  /**
   * Stops taking calls, unregisters, lets those at work finish, and frees the port. A registry that does not answer is waited for
   * 5 s. Calling it twice is no error.
   */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What {@link ServeOptions} must be. */
const serveChecks: Readonly<Record<string, OptionCheck>> = {
  ...handlerChecks,
  registry: withMethods('a Registry such as new LocalDiscovery()', ['register', 'unregister']),
  port: wholeNumber({ min: 0, max: 65_535 }),
  host: someText,
  advertise: {
    fits: (value) => {
      const { address, port = 1 } = (value ?? {}) as { readonly address?: unknown; readonly port?: unknown };
      return someText.fits(address) && wholeNumber({ min: 1, max: 65_535 }).fits(port);
    },
    accepted: '{ address, port } with a host name and, if it differs from where it listens, a port from 1 to 65535',
  },
  id: someText,
  headersTimeoutMs: milliseconds,
  requestTimeoutMs: milliseconds,
  drainTimeoutMs: milliseconds,
};

const abortGraceMs = 2_000;
const firstAttemptWaitMs = 1_000;
/** A registry that does not answer must not keep a process from ending. */
const leaveTimeoutMs = 5_000;

/**
 * Serves a component over HTTP and registers it. A registry that is away is tried again in the background; `/ready` answers
 * 503 until the component is registered. A registry that is lost later leaves it ready, and makes `/health` say so.
 *
 * @throws GomindError `CONFIG_INVALID` for options or an address that cannot be used; nothing listens then
 * @example
 * await using served = await serve(greeter, { registry: discovery });
 * console.log(served.url);
 */
export async function serve(component: Tool | Agent, options: ServeOptions = {}): Promise<ServedComponent> {
  checkComponent(component);
  checkOptions(`serve("${component.name}")`, options, serveChecks);
  checkNames(`serve("${component.name}")`, options, [...Object.keys(serveChecks), 'handleSignals', 'health']);
  const clock = options.clock ?? systemClock;
  const logger =
    options.logger === undefined
      ? createStderrLogger({ level: readLogLevel(), fields: { component: component.name } })
      : redactingLogger(options.logger);
  for (const { message } of variablesWithoutEffect(['GOMIND_API_KEYS'])) logger.warn(message);
  const registry = options.registry ?? options.discovery;
  const handler = createComponentHandler(component, { ...options, clock, logger });
  const host = options.host ?? readEnv('GOMIND_HOST') ?? '127.0.0.1';
  const advertised = options.advertise ?? advertisedByEnvironment();
  const server = await listen(handler, options, {
    host,
    port: options.port ?? readEnvInteger('GOMIND_PORT', { max: 65_535 }) ?? 0,
  });
  const { port } = server.address() as AddressInfo;
  const info = registryRecord(component, { id: options.id, advertised, host, port, clock });
  const life = linkedAbort();
  let noteAttempt = (): void => undefined;
  const firstAttempt = new Promise<void>((resolve) => {
    noteAttempt = resolve;
  });
  const registered = keepRegistered({
    registry,
    info,
    handler,
    logger,
    clock,
    signal: life.signal,
    onAttempt: noteAttempt,
  });
  // Whoever serves and then asks finds the component; a registry that does not answer holds nobody up for long.
  const stopWaiting = clock.setTimer(noteAttempt, firstAttemptWaitMs);
  await firstAttempt;
  stopWaiting();

  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= (async () => {
      stopListening();
      handler.setReady(false, 'The component is draining.');
      life.abort();
      const leave = async (): Promise<void> => {
        await registered;
        await registry?.unregister(info.id);
      };
      try {
        await withTimeout(leave, { timeoutMs: leaveTimeoutMs, what: 'Unregistering', clock });
      } catch (error) {
        logger.warn('The component could not be unregistered; its record expires by itself', { error });
      }
      await drain(server, handler, { timeoutMs: options.drainTimeoutMs ?? 20_000, clock });
    })();
    return closing;
  };
  const stopListening = (options.handleSignals ?? true) ? onTermination(close) : (): void => undefined;
  return { info, url: `http://${urlHost(host)}:${String(port)}`, port, close, [Symbol.asyncDispose]: close };
}

/** Milliseconds; longer than the 60 s for which our own callers keep a connection, so that it is they who close it. */
const keepAliveTimeoutMs = 65_000;
const maxHeaderBytes = 65_536;

async function listen(
  handler: ComponentHandler,
  options: ServeOptions,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Server> {
  const { createAdaptorServer } = await import('@hono/node-server');
  const { requestTimeoutMs = 30_000 } = options;
  // The headers are a part of the request.
  const headersTimeoutMs = Math.min(options.headersTimeoutMs ?? 10_000, requestTimeoutMs);
  const server = createAdaptorServer({
    fetch: async (request: Request) => {
      const response = await handler.fetch(request);
      // A connection whose next call would be refused is better closed by its answer than under a call that is on its way.
      if (!server.listening) response.headers.set('connection', 'close');
      return response;
    },
    serverOptions: {
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      // Node looks for late requests at this interval only, which is 30 s by default.
      connectionsCheckingInterval: Math.ceil(headersTimeoutMs / 4),
      keepAliveTimeout: keepAliveTimeoutMs,
      maxHeaderSize: maxHeaderBytes,
    },
  }) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        new GomindError({
          code: 'CONFIG_INVALID',
          message: `Cannot listen on ${host}:${String(port)} (${error.code ?? error.message})${sourceOf(options)}. ${adviceFor(error.code)}`,
          details: { host, port },
          cause: error,
        }),
      );
    });
    server.listen(port, host, () => {
      resolve();
    });
  });
  return server;
}

/** The variables that an address came from, for whoever has to correct it. */
function sourceOf(options: ServeOptions): string {
  const variables = [
    ...(options.host === undefined && readEnv('GOMIND_HOST') !== undefined ? ['GOMIND_HOST'] : []),
    ...(options.port === undefined && readEnv('GOMIND_PORT') !== undefined ? ['GOMIND_PORT'] : []),
  ];
  return variables.length === 0 ? '' : `, which ${variables.join(' and ')} ${variables.length === 1 ? 'says' : 'say'}`;
}

function adviceFor(code: string | undefined): string {
  return code === 'EADDRINUSE' || code === 'EACCES'
    ? 'Choose another port, or 0 for a free one.'
    : 'Choose an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all of them.';
}

/** @throws GomindError `CONFIG_INVALID` for a name or port that cannot be used */
function advertisedByEnvironment(): ServeOptions['advertise'] {
  const address = readEnvText('GOMIND_K8S_SERVICE_NAME', hostName);
  const port = readEnvInteger('GOMIND_K8S_SERVICE_PORT', { min: 1, max: 65_535 });
  return address === undefined ? undefined : { address, port: port ?? 80 };
}

const hostName = {
  test: (value: string): boolean => /^(?:https?:\/\/)?[\w.:[\]-]{1,253}$/i.test(value),
  accepted: 'a host name such as weather-tool or weather-tool.my-namespace',
};

function registryRecord(
  component: Tool | Agent,
  place: {
    readonly id: string | undefined;
    readonly advertised: ServeOptions['advertise'];
    readonly host: string;
    readonly port: number;
    readonly clock: Clock;
  },
): ComponentInfo {
  const { id, advertised, host, port, clock } = place;
  return {
    id: id ?? `${component.name}-${clock.uuid().slice(0, 8)}`,
    name: component.name,
    type: component.type,
    description: component.description,
    // Nobody can call "every address"; without an advertised one the component is reachable on this machine.
    address: advertised?.address ?? (host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host),
    port: advertised?.port ?? port,
    health: 'healthy',
    metadata: { ...component.metadata, version: component.version },
    capabilities: [...component.capabilities.values()].map((capability) => ({
      name: capability.name,
      description: capability.description,
      inputSchema: capability.input.jsonSchema,
      ...(capability.output === undefined ? {} : { outputSchema: capability.output.jsonSchema }),
      effect: capability.effect,
      ...(capability.internal ? { internal: true } : {}),
      ...(capability.tags.length > 0 ? { tags: capability.tags } : {}),
    })),
  };
}

/** Closes a server: idle connections at once, the others when their call has ended or been aborted. */
async function drain(
  server: Server,
  handler: ComponentHandler,
  options: { readonly timeoutMs: number; readonly clock: Clock },
): Promise<void> {
  const { clock } = options;
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
  server.closeIdleConnections();
  const idleSweep = sweepIdleConnections(server, closed, clock);
  const cancelAbort = clock.setTimer(() => {
    handler.abortCalls(
      new GomindError({ code: 'SERVICE_ERROR', message: 'The component is shutting down.', isRetryable: true }),
    );
  }, options.timeoutMs);
  const cancelKill = clock.setTimer(() => {
    server.closeAllConnections();
  }, options.timeoutMs + abortGraceMs);
  await closed;
  cancelAbort();
  cancelKill();
  await idleSweep;
}

/** A kept-alive connection becomes idle only when its last answer is out, which no event tells. */
async function sweepIdleConnections(server: Server, closed: Promise<void>, clock: Clock): Promise<void> {
  const end = closed.then(() => true);
  for (;;) {
    if (await Promise.race([end, delay(25, { clock }).then(() => false)])) return;
    server.closeIdleConnections();
  }
}

function urlHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host.includes(':') ? `[${host === '::' ? '::1' : host}]` : host;
}
