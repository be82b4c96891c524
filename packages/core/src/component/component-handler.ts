/**
 * A component's HTTP face as a fetch handler (contracts, section 1). Plain `Request` in, `Response` out: it runs in any
 * server; `serve()` puts it on Node's.
 *
 * @module
 */
import { type Clock, systemClock } from '../contracts/clock.ts';
import type { Discovery } from '../contracts/discovery.ts';
import { type Logger, noopLogger } from '../contracts/logger.ts';
import { noopTelemetry, type Telemetry } from '../contracts/telemetry.ts';
import { linkedAbort } from '../async/linked-abort.ts';
import { withTimeout } from '../async/timeout.ts';
import { GomindError } from '../errors/gomind-error.ts';
import { describeIssues } from '../schema/validation.ts';
import { summaryFromJsonSchema } from '../schema/short-forms.ts';
import type { Agent, AgentContext, DefinedCapability, Tool, ToolContext } from './component-definition.ts';
import { type Answer, failure, failureOf, success, toResponse } from './envelope.ts';
import { IdempotencyStore } from './idempotency-store.ts';
import { readJsonBody } from './read-body.ts';
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
  /** Calls at work. */
  readonly activeCalls: number;
}

const jsonType = { 'content-type': 'application/json' };
const capabilitiesPath = '/api/capabilities';

/**
 * Makes the HTTP face of a component.
 *
 * @throws GomindError `CONFIG_INVALID` for an agent without a discovery
 */
export function createComponentHandler(
  component: Tool | Agent,
  options: ComponentHandlerOptions = {},
): ComponentHandler {
  return new HttpComponent(component, options);
}

class HttpComponent implements ComponentHandler {
  readonly #component: Tool | Agent;
  readonly #options: ComponentHandlerOptions;
  readonly #logger: Logger;
  readonly #telemetry: Telemetry;
  readonly #clock: Clock;
  readonly #answers: IdempotencyStore;
  readonly #calls = new Set<{ abort(reason: unknown): void }>();
  #unreadyReason: string | undefined = 'The component has not registered yet.';
  #degradedReason: string | undefined;
  #degradedSince: number;

  constructor(component: Tool | Agent, options: ComponentHandlerOptions) {
    if (component.type === 'agent' && options.discovery === undefined) {
      throw new GomindError({
        code: 'CONFIG_INVALID',
        message: `The agent "${component.name}" needs a discovery: pass { discovery } when it is served.`,
      });
    }
    this.#component = component;
    this.#options = options;
    this.#logger = options.logger ?? noopLogger;
    this.#telemetry = options.telemetry ?? noopTelemetry;
    this.#clock = options.clock ?? systemClock;
    this.#degradedSince = this.#clock.now();
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
    for (const call of this.#calls) call.abort(reason);
  }

  async fetch(request: Request): Promise<Response> {
    try {
      return await this.#route(request);
    } catch (error) {
      this.#logger.error('A request failed unexpectedly', { component: this.#component.name, error });
      return toResponse(failureOf(error));
    }
  }

  async #route(request: Request): Promise<Response> {
    const path = new URL(request.url).pathname.replace(/(.)\/+$/, '$1');
    if (path === '/health') return this.#get(request, () => this.#health());
    if (path === '/ready') return this.#get(request, () => this.#ready());
    if (path === capabilitiesPath) return this.#get(request, () => Response.json(this.#listCapabilities()));
    const match = /^\/api\/capabilities\/([^/]+)(\/schema)?$/.exec(path);
    if (match?.[1] === undefined)
      return toResponse(notFound(`There is nothing at ${path.slice(0, 200)}. Calls go to ${capabilitiesPath}/{name}.`));
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
    return Response.json({
      status: reason === undefined ? 'healthy' : 'degraded',
      checks: { registry: reason === undefined },
      reasons: reason === undefined ? [] : [reason],
      since: new Date(this.#degradedSince).toISOString(),
    });
  }

  #ready(): Response {
    if (this.#unreadyReason === undefined) return Response.json({ status: 'ready' });
    return new Response(JSON.stringify({ status: 'not ready', reason: this.#unreadyReason }), {
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
        endpoint: `${capabilitiesPath}/${encodeURIComponent(capability.name)}`,
        schema_endpoint: `${capabilitiesPath}/${encodeURIComponent(capability.name)}/schema`,
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
    const work = (): Promise<Answer> => this.#work(capability, checked.value, { headers, signal: request.signal });
    const key = headers['idempotency-key'];
    if (key === undefined || key === '') return work();
    const fingerprint = sha256Hex(body.text);
    const outcome = await this.#answers.answer(`${capability.name}\n${key.slice(0, 512)}`, fingerprint, work);
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

  /** Runs the handler with its deadline; everything it may throw becomes an answer. */
  async #work(
    capability: DefinedCapability<AgentContext>,
    input: unknown,
    call: { readonly headers: Readonly<Record<string, string>>; readonly signal: AbortSignal },
  ): Promise<Answer> {
    const abort = linkedAbort(call.signal);
    this.#calls.add(abort);
    try {
      const context = this.#contextOf(capability.name, call.headers);
      const timeoutMs = this.#timeLeftMs(context.deadlineMs);
      return await this.#telemetry.withRemoteContext(call.headers, () =>
        this.#telemetry.withSpan(
          `execute_tool ${capability.name}`,
          {
            kind: 'server',
            attributes: { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': capability.name },
          },
          async () => {
            const output = await withTimeout(
              async (signal) => await capability.handler(input, { ...context, signal }),
              {
                timeoutMs,
                what: `The capability "${capability.name}"`,
                signal: abort.signal,
                clock: this.#clock,
              },
            );
            return this.#answerOf(capability, output);
          },
        ),
      );
    } catch (error) {
      const isExpected = GomindError.isInstance(error) && error.code !== 'OUTPUT_INVALID';
      if (!isExpected)
        this.#logger.error('A capability failed', {
          component: this.#component.name,
          capability: capability.name,
          error,
        });
      return failureOf(error);
    } finally {
      this.#calls.delete(abort);
      abort.unlink();
    }
  }

  async #answerOf(capability: DefinedCapability<AgentContext>, output: unknown): Promise<Answer> {
    if (capability.output === undefined) return success(output);
    const checked = await capability.output.validate(output);
    if (checked.ok) return success(checked.value);
    throw new GomindError({
      code: 'OUTPUT_INVALID',
      message: `The handler of "${capability.name}" returned what its own output schema refuses: ${describeIssues(checked.issues)}`,
    });
  }

  #contextOf(
    capability: string,
    headers: Readonly<Record<string, string>>,
  ): Omit<AgentContext, 'signal'> & ToolContext {
    const runId = headers['x-gomind-run-id']?.slice(0, 128);
    const stepId = headers['x-gomind-step-id']?.slice(0, 256);
    const deadlineMs = Number(headers['x-gomind-deadline-ms']);
    return {
      signal: new AbortController().signal,
      logger: this.#logger.child({
        capability,
        ...(runId === undefined ? {} : { runId }),
        ...(stepId === undefined ? {} : { stepId }),
      }),
      telemetry: this.#telemetry,
      runId,
      stepId,
      idempotencyKey: headers['idempotency-key'],
      deadlineMs: Number.isFinite(deadlineMs) && deadlineMs > 0 ? deadlineMs : undefined,
      // Checked in the constructor for agents; a tool's handler is typed without it.
      discovery: this.#options.discovery as Discovery,
    };
  }

  #timeLeftMs(deadlineMs: number | undefined): number {
    const ownMs = this.#options.callTimeoutMs ?? 60_000;
    return deadlineMs === undefined ? ownMs : Math.max(0, Math.min(ownMs, deadlineMs - this.#clock.now()));
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
