/**
 * A component's HTTP face as a fetch handler (contracts, section 1). Plain `Request` in, `Response` out: it runs in any
 * server; `serve()` puts it on Node's.
 *
 * @module
 */
import { type Clock, systemClock } from '../contracts/clock.ts';
import {
  aLogger,
  bound,
  checkOptions,
  milliseconds,
  type OptionCheck,
  wholeNumber,
  withMethods,
} from '../config/check-options.ts';
import { capabilityPath } from '../contracts/capability.ts';
import type { Discovery } from '../contracts/discovery.ts';
import { type Logger, noopLogger } from '../contracts/logger.ts';
import { redactingLogger } from '../local/redacting-logger.ts';
import { noopTelemetry, type Telemetry } from '../contracts/telemetry.ts';
import { withoutTrailingSlashes } from '../contracts/component.ts';
import { GomindError } from '../errors/gomind-error.ts';
import { describeIssues } from '../schema/validation.ts';
import { redactText } from '../redaction/redact-text.ts';
import { withoutSecrets } from '../redaction/without-secrets.ts';
import { summaryFromJsonSchema } from '../schema/short-forms.ts';
import { CallDoor, priorityOf } from './call-door.ts';
import { CapabilityCalls } from './capability-calls.ts';
import type { Agent, AgentContext, DefinedCapability, Tool } from './component-definition.ts';
import { type Answer, failure, failureOf, toResponse } from './envelope.ts';
import { type HealthReport, withHealthOf } from './health-report.ts';
import { IdempotencyStore, type StartedCall } from './idempotency-store.ts';
import { readJsonBody } from './read-body.ts';
import { canonicalJson } from '../local/canonical-json.ts';
import { sha256Hex } from '../local/sha256-hex.ts';

/** Options of {@link createComponentHandler}. */
export interface ComponentHandlerOptions {
  /** Required for agents: what their handlers discover with. */
  readonly discovery?: Discovery;
  /** Largest body of a call in bytes. Default: 1 MiB. */
  readonly bodyLimitBytes?: number;
  /** Milliseconds a call may take when its caller names no deadline. Default: 60,000. */
  readonly callTimeoutMs?: number;
  /** Milliseconds that an answer is kept for repetitions of its idempotency key. Default: 24 h. */
  readonly idempotencyTtlMs?: number;
  /** Calls at work at once; further ones wait; Infinity for no bound. Default: 1,000. */
  readonly maxConcurrentCalls?: number;
  /** Calls that wait for their turn; further ones are answered at once with 429 and `Retry-After`. Default: 1,000. */
  readonly maxWaitingCalls?: number;
  /**
   * What else `/health` tells, for example the health of an orchestrator that answers here. Must answer from what is known, at
   * once. Default: nothing.
   */
  readonly health?: () => HealthReport;
  readonly logger?: Logger;
  readonly telemetry?: Telemetry;
  readonly clock?: Clock;
}

/** The HTTP face of one component. */
export interface ComponentHandler {
  fetch(request: Request): Promise<Response>;
  /** Makes `/ready` answer 200 (true) or 503 with the reason. */
  setReady(isReady: boolean, reason?: string): void;
  /** Makes `/health` say what is wrong while the component works on; undefined: all well. */
  setDegraded(reason: string | undefined): void;
  /** Aborts the signals of all calls at work. */
  abortCalls(reason: GomindError): void;
  /** Calls that wait or are at work. */
  readonly activeCalls: number;
}

/** What {@link ComponentHandlerOptions} must be. */
export const handlerChecks: Readonly<Record<string, OptionCheck>> = {
  discovery: withMethods('a Discovery such as new LocalDiscovery()', ['discover', 'findService', 'findByCapability']),
  bodyLimitBytes: wholeNumber({ min: 1 }),
  callTimeoutMs: milliseconds,
  idempotencyTtlMs: milliseconds,
  maxConcurrentCalls: bound({ min: 1 }),
  maxWaitingCalls: bound({ min: 0 }),
  logger: aLogger,
  telemetry: withMethods('a Telemetry such as noopTelemetry', ['withSpan', 'recordMetric']),
  clock: withMethods('a Clock such as systemClock', ['now', 'monotonicMs', 'setTimer']),
};

const jsonType = { 'content-type': 'application/json' };
const capabilitiesPath = '/api/capabilities';

/**
 * Makes the HTTP face of a component.
 *
 * @throws GomindError `CONFIG_INVALID` for an agent without a discovery, or bounds that make no sense
 */
export function createComponentHandler(
  component: Tool | Agent,
  options: ComponentHandlerOptions = {},
): ComponentHandler {
  return new HttpComponent(component, options);
}

/**
 * Refuses what is no component; JavaScript callers are not held by types.
 *
 * @throws GomindError `CONFIG_INVALID` for what no `defineTool` or `defineAgent` made
 */
export function checkComponent(component: unknown): void {
  const { capabilities } = (component ?? {}) as { readonly capabilities?: unknown };
  if (capabilities instanceof Map) return;
  throw new GomindError({
    code: 'CONFIG_INVALID',
    message: 'What is served must be a component made with defineTool({ ... }) or defineAgent({ ... }).',
  });
}

class HttpComponent implements ComponentHandler {
  readonly #component: Tool | Agent;
  readonly #options: ComponentHandlerOptions;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #answers: IdempotencyStore;
  readonly #door: CallDoor;
  readonly #calls: CapabilityCalls;
  #unreadyReason: string | undefined = 'The component has not registered yet.';
  #degradedReason: string | undefined;
  #degradedSince: number;

  constructor(component: Tool | Agent, options: ComponentHandlerOptions) {
    checkComponent(component);
    checkOptions(`the component "${component.name}"`, options, handlerChecks);
    if (component.type === 'agent' && options.discovery === undefined) {
      throw new GomindError({
        code: 'CONFIG_INVALID',
        message: `The agent "${component.name}" needs a discovery: pass { discovery } when it is served.`,
      });
    }
    this.#component = component;
    this.#options = options;
    this.#logger = redactingLogger(options.logger ?? noopLogger);
    this.#clock = options.clock ?? systemClock;
    this.#degradedSince = this.#clock.now();
    this.#door = new CallDoor({
      component: component.name,
      maxConcurrent: options.maxConcurrentCalls ?? 1_000,
      maxWaiting: options.maxWaitingCalls ?? 1_000,
      clock: this.#clock,
      telemetry: options.telemetry ?? noopTelemetry,
    });
    this.#calls = new CapabilityCalls({
      door: this.#door,
      component: component.name,
      discovery: options.discovery,
      callTimeoutMs: options.callTimeoutMs ?? 60_000,
      logger: this.#logger,
      telemetry: options.telemetry ?? noopTelemetry,
      clock: this.#clock,
    });
    this.#answers = new IdempotencyStore({
      clock: this.#clock,
      ...(options.idempotencyTtlMs === undefined ? {} : { ttlMs: options.idempotencyTtlMs }),
    });
  }

  get activeCalls(): number {
    return this.#calls.size;
  }

  setReady(isReady: boolean, reason = 'The component is not ready.'): void {
    this.#unreadyReason = isReady ? undefined : reason;
  }

  setDegraded(reason: string | undefined): void {
    if ((reason === undefined) !== (this.#degradedReason === undefined)) this.#degradedSince = this.#clock.now();
    this.#degradedReason = reason;
  }

  abortCalls(reason: GomindError): void {
    this.#calls.abortAll(reason);
  }

  async fetch(request: Request): Promise<Response> {
    try {
      return await this.#route(request);
    } catch (error) {
      if (GomindError.isInstance(error, 'OVERLOADED')) return toResponse(failureOf(error));
      this.#logger.error('A request failed unexpectedly', { component: this.#component.name, error });
      return toResponse(failureOf(error));
    }
  }

  async #route(request: Request): Promise<Response> {
    const path = withoutTrailingSlashes(new URL(request.url).pathname);
    if (path === '/health') return this.#get(request, () => this.#health());
    if (path === '/ready') return this.#get(request, () => this.#ready());
    if (path === capabilitiesPath) return this.#get(request, () => Response.json(this.#listCapabilities()));
    const match = /^\/api\/capabilities\/([^/]+)(\/schema)?$/.exec(path);
    if (match?.[1] === undefined)
      return toResponse(
        notFound(`There is nothing at ${path.slice(0, 200) || '/'}. Calls go to ${capabilitiesPath}/{name}.`),
      );
    const capability = this.#component.capabilities.get(decode(match[1]));
    if (capability === undefined) return toResponse(this.#unknownCapability(decode(match[1])));
    if (match[2] !== undefined) return this.#get(request, () => Response.json(schemasOf(capability)));
    if (request.method !== 'POST') return methodNotAllowed('POST');
    return toResponse(await this.#call(request, capability));
  }

  #get(request: Request, answer: () => Response): Response {
    return request.method === 'GET' || request.method === 'HEAD' ? answer() : methodNotAllowed('GET');
  }

  #health(): Response {
    const reason = this.#degradedReason;
    const own: HealthReport = {
      status: reason === undefined ? 'healthy' : 'degraded',
      checks: { registry: reason === undefined },
      reasons: reason === undefined ? [] : [reason],
      since: new Date(this.#degradedSince).toISOString(),
    };
    // Reasons repeat what others said, and anybody may ask for them.
    return Response.json(withoutSecrets(withHealthOf(own, this.#options.health)));
  }

  #ready(): Response {
    if (this.#unreadyReason === undefined) return Response.json({ status: 'ready' });
    return new Response(JSON.stringify({ status: 'not ready', reason: redactText(this.#unreadyReason) }), {
      status: 503,
      headers: jsonType,
    });
  }

  #listCapabilities(): unknown[] {
    return [...this.#component.capabilities.values()]
      .filter((capability) => !capability.internal)
      .map((capability) => ({
        name: capability.name,
        description: capability.description,
        endpoint: capabilityPath(capability.name),
        schema_endpoint: `${capabilityPath(capability.name)}/schema`,
        effect: capability.effect,
        tags: capability.tags,
        input_summary: summaryFromJsonSchema(capability.input.jsonSchema),
        ...(capability.output === undefined
          ? {}
          : { output_summary: summaryFromJsonSchema(capability.output.jsonSchema) }),
      }));
  }

  #unknownCapability(name: string): Answer {
    const known = [...this.#component.capabilities.values()].filter((one) => !one.internal).map((one) => one.name);
    return notFound(
      `The component "${this.#component.name}" has no capability "${name.slice(0, 128)}". It has: ${known.join(', ')}.`,
    );
  }

  async #call(request: Request, capability: DefinedCapability<AgentContext>): Promise<Answer> {
    const headers = Object.fromEntries(request.headers);
    // Before the body is read: turning a call away has to cost next to nothing.
    this.#door.refuseWhenFull(priorityOf(headers));
    const body = await readJsonBody(request, this.#options.bodyLimitBytes ?? 1_048_576);
    if (!body.ok) return failure(body.error, body.status);
    const checked = await capability.input.validate(body.value);
    if (!checked.ok) {
      return failure(
        {
          code: 'INPUT_INVALID',
          message: `The input of "${capability.name}" is not valid: ${describeIssues(checked.issues)}`,
          category: 'INPUT_ERROR',
          retryable: false,
          details: { issues: checked.issues },
        },
        400,
      );
    }
    const call = { headers, signal: request.signal };
    const start = (): StartedCall => this.#calls.start(capability, checked.value, call);
    const key = headers['idempotency-key'];
    if (key === undefined || key === '') return start().answer;
    const outcome = await this.#answers.answer({
      key: `${capability.name}\n${key.slice(0, 512)}`,
      fingerprint: sha256Hex(canonicalJson(body.value)),
      start,
      join: (end) => this.#calls.join(end, capability.name, call),
    });
    if (outcome.kind === 'answered') {
      return outcome.isReplay
        ? { ...outcome.answer, headers: { ...outcome.answer.headers, 'idempotency-replayed': 'true' } }
        : outcome.answer;
    }
    return failure({
      code: 'IDEMPOTENCY_CONFLICT',
      message: 'This idempotency key was used for another input. Use a new key for a new call.',
      category: 'CONFLICT',
      retryable: false,
    });
  }
}

function schemasOf(capability: DefinedCapability<never>): unknown {
  return {
    name: capability.name,
    description: capability.description,
    input: capability.input.jsonSchema,
    ...(capability.output === undefined ? {} : { output: capability.output.jsonSchema }),
  };
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function notFound(message: string): Answer {
  return failure({ code: 'NOT_FOUND', message, category: 'NOT_FOUND', retryable: false });
}

function methodNotAllowed(allowed: string): Response {
  const answer = failure(
    { code: 'METHOD_NOT_ALLOWED', message: `Use ${allowed} here.`, category: 'INPUT_ERROR', retryable: false },
    405,
  );
  return toResponse({ ...answer, headers: { allow: allowed } });
}
