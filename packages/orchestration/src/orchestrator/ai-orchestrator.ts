/**
 * The orchestrator: takes requests, runs each as a journaled run, and keeps metrics, history and health as folds of those
 * runs. What a request does stands in `request-run.ts`; how the parts are made, in `wiring/`.
 *
 * @module
 */
import {
  type Clock,
  delay,
  GomindError,
  type Logger,
  linkedAbort,
  type Telemetry,
  toGomindError,
  withoutSecrets,
  withTimeout,
} from '@gomind/core';
import { createBudget } from '../execution/budget.ts';
import { narrowest, readBudgetLimits } from '../execution/budget-limits.ts';
import type { ComponentCatalog } from '../capabilities/component-catalog.ts';
import type { RunBudgetLimits } from '../plan/budget.ts';
import type { ModelCallStore } from '../llm/debug-store.ts';
import type { ModelCall } from '../plan/model-call.ts';
import { RunFold, type RunState } from '../plan/events/fold-run.ts';
import type { RunEvent, RunEventBody } from '../plan/events/run-event.ts';
import { type RunViews, showEvent } from '../plan/events/run-views.ts';
import { RunJournal } from '../runs/run-journal.ts';
import { ExecutionHistory, type ExecutionRecord, recordOf } from './execution-history.ts';
import type { HealthMonitor, HealthStatus } from './health.ts';
import { MetricsTracker, type OrchestratorMetrics } from './orchestrator-metrics.ts';
import { observeRequest } from './observe-request.ts';
import type { OrchestratorResponse, RequestMetadata } from './orchestrator-response.ts';
import { checkArguments, requestTimeoutMs } from './request-arguments.ts';
import { type RequestRun, type RequestStages, runRequest } from './request-run.ts';
import { conversationIdOf } from '../synthesis/conversation-memory.ts';
import { RunStream } from '../runs/run-stream.ts';

/** Options of one request. What a view throws is logged; it does not touch the run. */
export interface RequestOptions extends RunViews {
  /** Aborting it cancels the run and every call it has made. */
  readonly signal?: AbortSignal;
}

/** What an {@link AIOrchestrator} is made of; `createOrchestrator` puts it together. */
export interface AIOrchestratorParts {
  /** Name for spans and logs. */
  readonly name: string;
  readonly stages: RequestStages;
  readonly catalog: ComponentCatalog;
  readonly health: HealthMonitor;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  /** Records kept in the history. */
  readonly historySize: number;
  /** Milliseconds for a whole request when its metadata gives no timeout. */
  readonly requestTimeoutMs: number;
  /** What a request may use up; its metadata may ask for less. */
  readonly budget: RunBudgetLimits;
  /** Keeps what models were asked, if anything does. */
  readonly modelCalls: ModelCallStore;
  /** Frees what the wiring made. */
  readonly onClose: () => Promise<void>;
}

/** Milliseconds that an aborted run is given to report its cancelled steps. */
const settleGraceMs = 250;

interface RunStart {
  readonly runId: string;
  readonly journal: RunJournal;
  readonly request: string;
  readonly metadata: RequestMetadata;
  readonly timeoutMs: number;
  readonly limits: RunBudgetLimits;
  readonly signal: AbortSignal;
  readonly views: RunViews;
}

/** Where a run tells what happens, and what it has told. */
interface RunTelling {
  readonly emit: (body: RunEventBody) => void;
  readonly elapsedMs: () => number;
  readonly fold: RunFold;
}

interface ActiveRun {
  readonly runId: string;
  readonly journal: RunJournal;
  readonly abort: (reason: unknown) => void;
  /** Settles with the response, or rejects with the run's error. */
  readonly done: Promise<OrchestratorResponse>;
}

/** Answers requests by planning over the components found at run time, running the plan and putting the results into words. */
export class AIOrchestrator {
  readonly #parts: AIOrchestratorParts;
  readonly #metrics: MetricsTracker;
  readonly #history: ExecutionHistory;
  readonly #active = new Set<ActiveRun>();
  readonly #startedAt: number;
  #closing: Promise<void> | undefined;

  constructor(parts: AIOrchestratorParts) {
    this.#parts = parts;
    this.#metrics = new MetricsTracker(parts.telemetry);
    this.#history = new ExecutionHistory(parts.historySize);
    this.#startedAt = parts.clock.monotonicMs();
  }

  /**
   * Loads the component catalog and keeps it fresh. Requests do this by themselves when it was not called.
   *
   * @throws GomindError when the registry cannot be read
   */
  async start(): Promise<void> {
    this.#checkOpen();
    await this.#parts.catalog.start();
  }

  /**
   * Answers a request. A failed step does not reject: the response's `status` and `errors` say so.
   *
   * @param request what is wanted, in plain language
   * @param metadata settings of this request; unknown keys travel with the run
   * @throws GomindError `EMPTY_REQUEST`, `LIMIT_EXCEEDED`, `NO_COMPONENTS`, `CANCELLED`, `RUN_TIMEOUT`, `CONFIG_INVALID` (metadata), `CLOSED`
   * @example
   * const answer = await orchestrator.processRequest('What time is it in Tokyo?');
   * console.log(answer.response);
   */
  async processRequest(
    request: string,
    metadata: RequestMetadata = {},
    options: RequestOptions = {},
  ): Promise<OrchestratorResponse> {
    return this.#begin(request, metadata, options).done;
  }

  /**
   * Answers a request as a stream of events; `run.completed` (or `run.failed`) comes last and carries the response.
   * Leaving the loop early cancels the run. The run starts when the iteration does.
   *
   * @param request what is wanted, in plain language
   * @param metadata settings of this request
   * @throws GomindError `CONFIG_INVALID` (metadata), `CLOSED`; every other failure is the event `run.failed` or `run.cancelled`
   */
  stream(
    request: string,
    metadata: RequestMetadata = {},
    options: RequestOptions = {},
  ): AsyncIterableIterator<RunEvent, undefined> {
    return new RunStream(() => {
      const run = this.#begin(request, metadata, options);
      // The events tell the outcome; a rejection must not go unhandled beside them.
      run.done.catch(() => undefined);
      const leave = (): void => {
        run.abort(
          new GomindError({ code: 'CANCELLED', message: 'The reader left the stream, so the run was cancelled' }),
        );
      };
      return { reader: run.journal.events(), leave };
    });
  }

  /** Counters since the start. */
  getMetrics(): OrchestratorMetrics {
    const uptimeMs = this.#parts.clock.monotonicMs() - this.#startedAt;
    const cache = this.#parts.stages.ladder.plans.metrics();
    return this.#metrics.snapshot({ historySize: this.#history.size, uptimeMs, cache });
  }

  /** The last finished requests, oldest first. */
  getExecutionHistory(): ExecutionRecord[] {
    return this.#history.records();
  }

  /**
   * What models were asked in a run and what they answered, in the order the calls began.
   *
   * @param runId the `requestId` of a response
   * @returns empty unless `config.modelCalls` is on, and for a run that is unknown or forgotten
   */
  getModelCalls(runId: string): readonly ModelCall[] {
    return this.#parts.modelCalls.callsOf(runId);
  }

  /** Health from cached facts and a ping of the registry; never calls a model. */
  async healthCheck(): Promise<HealthStatus> {
    return this.#parts.health.check();
  }

  /** The same from what is known already, at once: for probes, see `createHealthHandler`. */
  health(): HealthStatus {
    return this.#parts.health.report();
  }

  /** Whether requests can be planned: the registry was read once, and the orchestrator is not closing. */
  get isReady(): boolean {
    return this.#closing === undefined && this.#parts.catalog.status().refreshedAt !== undefined;
  }

  /** Refuses new requests, cancels running ones, and frees everything. Calling it twice is no error. */
  async close(): Promise<void> {
    this.#closing ??= (async () => {
      for (const run of this.#active) {
        run.abort(new GomindError({ code: 'CANCELLED', message: 'The orchestrator was closed while the request ran' }));
      }
      await Promise.allSettled([...this.#active].map((run) => run.done));
      await this.#parts.catalog.close();
      await this.#parts.onClose();
    })();
    await this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #checkOpen(): void {
    if (this.#closing === undefined) return;
    throw new GomindError({ code: 'CLOSED', message: 'The orchestrator is closed. Make a new one.' });
  }

  #begin(request: string, metadata: RequestMetadata, options: RequestOptions): ActiveRun {
    this.#checkOpen();
    const { clock } = this.#parts;
    const { timeoutMs, limits } = this.#checked(request, metadata, options);
    const runId = `run-${clock.uuid()}`;
    const journal = new RunJournal({ runId, clock });
    const abort = linkedAbort(options.signal);
    const run: ActiveRun = {
      runId,
      journal,
      abort: abort.abort,
      done: this.#run({
        runId,
        journal,
        request,
        metadata,
        timeoutMs,
        limits,
        signal: abort.signal,
        views: options,
      }).finally(() => {
        abort.unlink();
        this.#active.delete(run);
      }),
    };
    this.#active.add(run);
    return run;
  }

  /** @throws GomindError `CONFIG_INVALID`; it may quote a value, but no secret */
  #checked(
    request: string,
    metadata: RequestMetadata,
    options: RequestOptions,
  ): Pick<RunStart, 'timeoutMs' | 'limits'> {
    try {
      checkArguments(request, metadata, options);
      conversationIdOf(metadata);
      return {
        timeoutMs: requestTimeoutMs(metadata, this.#parts.requestTimeoutMs),
        limits: narrowest(this.#parts.budget, readBudgetLimits(metadata.budget)),
      };
    } catch (error) {
      throw withoutSecrets(error);
    }
  }

  async #run(start: RunStart): Promise<OrchestratorResponse> {
    const { runId, journal, request, metadata } = start;
    const { clock } = this.#parts;
    const startedAt = clock.monotonicMs();
    const elapsedMs = (): number => clock.monotonicMs() - startedAt;
    const fold = new RunFold();
    let isOver = false;
    const emit = (body: RunEventBody): void => {
      // A call that ignored its cancellation may report after the run's last event; nobody waits for it any more.
      if (isOver) return;
      const event = journal.append(body);
      fold.apply(event);
      this.#metrics.observe(event);
      this.#show(start.views, event, fold);
    };
    // Anything the caller does in the same turn (adding readers, aborting) comes before the first event.
    await Promise.resolve();
    emit({ type: 'run.started', request, metadata });
    try {
      return await observeRequest(this.#parts, runId, () => this.#answer(start, { emit, elapsedMs, fold }));
    } finally {
      isOver = true;
      journal.close();
    }
  }

  /** Answers, and takes note of how the run ended, while its span is open: what is logged then names the trace. */
  async #answer(start: RunStart, { emit, elapsedMs, fold }: RunTelling): Promise<OrchestratorResponse> {
    const { runId, request, metadata } = start;
    const { clock, logger } = this.#parts;
    let work: Promise<OrchestratorResponse> | undefined;
    try {
      const answered = await withTimeout(
        async (signal) => {
          await this.#parts.catalog.start();
          const requestRun: RequestRun = {
            runId,
            request,
            metadata,
            signal,
            emit,
            budget: createBudget(start.limits, { clock, emit }),
            frame: (mode, troubles) => ({
              requestId: runId,
              mode,
              troubles,
              executionTimeMs: elapsedMs(),
              usage: fold.usage,
              metadata,
            }),
            state: () => fold.state(),
          };
          work = this.#parts.modelCalls.track({ runId, emit }, async () => runRequest(this.#parts.stages, requestRun));
          return work;
        },
        { timeoutMs: start.timeoutMs, code: 'RUN_TIMEOUT', what: 'The request', signal: start.signal, clock },
      );
      const response = withoutSecrets(answered, { onlyProtected: true });
      emit(closingEvent(response, elapsedMs()));
      this.#takeNote(fold.state());
      return response;
    } catch (thrown) {
      const error = toGomindError(thrown, { code: 'INTERNAL_ERROR', message: 'The request failed unexpectedly' });
      const isCancelled = error.code === 'CANCELLED';
      // Cancelled steps get the chance to say so before the run's last event.
      await Promise.race([Promise.resolve(work).catch(() => undefined), delay(settleGraceMs, { clock })]);
      emit({
        type: isCancelled ? 'run.cancelled' : 'run.failed',
        error: error.toJSON(),
        durationMs: elapsedMs(),
      });
      this.#takeNote(fold.state());
      if (error.code === 'INTERNAL_ERROR') logger.error('A request failed unexpectedly', { runId, error: thrown });
      throw withoutSecrets(error);
    }
  }

  #show(views: RunViews, event: RunEvent, fold: RunFold): void {
    const tell = (error: unknown): void => {
      this.#parts.logger.warn('A view of the run threw', { runId: event.runId, event: event.type, error });
    };
    try {
      showEvent(views, event, { fold, onRejected: tell });
    } catch (error) {
      tell(error);
    }
  }

  /** What remains of a run when it has ended. */
  #takeNote(state: RunState): void {
    const { logger } = this.#parts;
    const record = recordOf(state);
    this.#history.add(record);
    this.#metrics.recordRun(state, {
      historySize: this.#history.size,
      cache: this.#parts.stages.ladder.plans.metrics(),
    });
    const { requestId: runId, status, mode, executionTimeMs } = record;
    const codes = record.errors.map((error) => error.code);
    const fields = { runId, status, mode, durationMs: Math.round(executionTimeMs), errors: codes };
    if (state.response === undefined) logger.warn('Request failed', { ...fields, reason: state.error?.message });
    else logger.info('Request answered', fields);
  }
}

function closingEvent(response: OrchestratorResponse, durationMs: number): RunEventBody {
  if (response.status !== 'failed') return { type: 'run.completed', response, durationMs };
  const error = response.errors[0] ?? { code: 'FAILED', message: response.response, isRetryable: false };
  return { type: 'run.failed', error, response, durationMs };
}
