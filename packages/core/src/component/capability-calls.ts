/**
 * The calls at work in a component: runs handlers within their deadlines and turns whatever they do into answers.
 *
 * @module
 */
import { linkedAbort } from '../async/linked-abort.ts';
import { withTimeout } from '../async/timeout.ts';
import type { Clock } from '../contracts/clock.ts';
import type { Discovery } from '../contracts/discovery.ts';
import type { Logger } from '../contracts/logger.ts';
import type { Telemetry } from '../contracts/telemetry.ts';
import { GomindError } from '../errors/gomind-error.ts';
import { cancellationError } from '../errors/to-gomind-error.ts';
import { describeIssues } from '../schema/validation.ts';
import type { AgentContext, DefinedCapability, ToolContext } from './component-definition.ts';
import { type CallDoor, type DoorPlace, priorityOf } from './call-door.ts';
import { type Answer, failureOf, success } from './envelope.ts';
import type { StartedCall } from './idempotency-store.ts';

/** Options of {@link CapabilityCalls}. */
export interface CapabilityCallsOptions {
  /** Name of the component, for the log. */
  readonly component: string;
  readonly discovery: Discovery | undefined;
  /** Milliseconds a call may take when its caller names no deadline. */
  readonly callTimeoutMs: number;
  /** Where calls wait for their turn. */
  readonly door: CallDoor;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
}

/** What came with a call besides its input. */
export interface CallCircumstances {
  readonly headers: Readonly<Record<string, string>>;
  /** Aborts when the caller hangs up. */
  readonly signal: AbortSignal;
}

/** Milliseconds below this stand for a time from now, not for one since the epoch: it lies in 1973. */
const firstEpochMs = 100_000_000_000;

/** Calls at work. */
export class CapabilityCalls {
  readonly #options: CapabilityCallsOptions;
  readonly #atWork = new Set<{ abort(reason: unknown): void }>();

  constructor(options: CapabilityCallsOptions) {
    this.#options = options;
  }

  /** Calls that wait or are at work. */
  get size(): number {
    return this.#atWork.size;
  }

  /** Aborts the signals of all calls. */
  abortAll(reason: GomindError): void {
    for (const call of this.#atWork) call.abort(reason);
  }

  /** Starts a handler, unless its deadline has passed. Its answer comes by the deadline at the latest, its end when it ends. */
  start(capability: DefinedCapability<AgentContext>, input: unknown, call: CallCircumstances): StartedCall {
    const abort = linkedAbort(call.signal);
    this.#atWork.add(abort);
    const { telemetry, door } = this.#options;
    let place: DoorPlace | undefined;
    let running: Promise<Answer> | undefined;
    const run = async (signal: AbortSignal): Promise<Answer> => {
      const taken = await door.enter(priorityOf(call.headers), signal);
      if (signal.aborted) {
        taken.leave();
        throw cancellationError(signal, `The call of "${capability.name}"`);
      }
      place = taken;
      running = this.#run(capability, input, this.#contextOf(capability.name, call.headers, signal)).finally(() => {
        taken.leave();
      });
      return running;
    };
    const attributes = { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': capability.name };
    const answer = telemetry
      .withRemoteContext(call.headers, () =>
        telemetry.withSpan(`execute_tool ${capability.name}`, { kind: 'server', attributes }, () =>
          this.#limit(run, capability.name, { ...call, signal: abort.signal }),
        ),
      )
      .catch((error: unknown) => this.#failureOf(capability.name, error))
      .finally(() => {
        this.#atWork.delete(abort);
        abort.unlink();
        place?.answered();
      });
    const end = answer.then(async (told) => {
      const isAborted = abort.signal.aborted || told.status === 504;
      const last = running === undefined ? told : await running.catch(failureOf);
      return { answer: last, isFinal: isFinal(last, capability, isAborted) };
    });
    return { answer, end };
  }

  /** Waits for the end of a call that another caller began, within this caller's own deadline. */
  async join(end: Promise<Answer>, capability: string, call: CallCircumstances): Promise<Answer> {
    return this.#limit(() => end, capability, call).catch(failureOf);
  }

  async #limit(
    operation: (signal: AbortSignal) => Promise<Answer>,
    capability: string,
    { headers, signal }: CallCircumstances,
  ): Promise<Answer> {
    const { callTimeoutMs, clock } = this.#options;
    const what = `The capability "${capability}"`;
    const deadlineMs = this.#deadlineOf(headers);
    const timeoutMs = deadlineMs === undefined ? callTimeoutMs : Math.min(callTimeoutMs, deadlineMs - clock.now());
    if (timeoutMs > 0) return withTimeout(operation, { timeoutMs, what, signal, clock });
    throw new GomindError({
      code: 'TIMEOUT',
      message: `${what} was called after its deadline (${headers['x-gomind-deadline-ms'] ?? ''}). Do the clocks of caller and component agree?`,
      isRetryable: true,
    });
  }

  async #run(capability: DefinedCapability<AgentContext>, input: unknown, context: AgentContext): Promise<Answer> {
    const output = await capability.handler(input, context);
    if (capability.output === undefined) return success(output);
    const checked = await capability.output.validate(output);
    if (checked.ok) return success(checked.value);
    throw new GomindError({
      code: 'OUTPUT_INVALID',
      message: `The handler of "${capability.name}" returned what its own output schema refuses: ${describeIssues(checked.issues)}`,
    });
  }

  #failureOf(capability: string, error: unknown): Answer {
    const isExpected = GomindError.isInstance(error) && error.code !== 'OUTPUT_INVALID';
    if (!isExpected) {
      const { logger, component } = this.#options;
      logger.error('A capability failed', { component, capability, error });
    }
    return failureOf(error);
  }

  #contextOf(
    capability: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): AgentContext & ToolContext {
    const { logger, telemetry, discovery } = this.#options;
    const runId = headers['x-gomind-run-id']?.slice(0, 128);
    const stepId = headers['x-gomind-step-id']?.slice(0, 256);
    return {
      signal,
      logger: logger.child({
        capability,
        ...(runId === undefined ? {} : { runId }),
        ...(stepId === undefined ? {} : { stepId }),
      }),
      telemetry,
      runId,
      stepId,
      idempotencyKey: headers['idempotency-key'],
      deadlineMs: this.#deadlineOf(headers),
      priority: priorityOf(headers),
      // Checked when the component is made, for agents; a tool's handler is typed without it.
      discovery: discovery as Discovery,
    };
  }

  /** Milliseconds since the epoch; callers whose clock cannot be trusted may send the milliseconds that are left. */
  #deadlineOf(headers: Readonly<Record<string, string>>): number | undefined {
    const given = Number(headers['x-gomind-deadline-ms']);
    if (!Number.isFinite(given) || given <= 0) return undefined;
    return given < firstEpochMs ? this.#options.clock.now() + given : given;
  }
}

/**
 * Whether a repetition gets the same answer. "Try again" (429, 503, 504) is meant so, and so is an end that came of being
 * aborted. Any other failure may have come after the effect: it stands where the effect must not happen twice.
 */
function isFinal({ status }: Answer, { effect }: DefinedCapability<AgentContext>, isAborted: boolean): boolean {
  if (status === 429 || status === 503 || status === 504) return false;
  return status < 500 || (!isAborted && effect !== 'pure' && effect !== 'idempotent');
}
