/**
 * Runs workflows: one journal a run, inputs checked before anything is called, what cleans up run whatever happened.
 *
 * @module
 */
import {
  cancellationError,
  type Clock,
  type ComponentInfo,
  GomindError,
  linkedAbort,
  type Logger,
  type Priority,
  type Telemetry,
  toGomindError,
  withoutSecrets,
  withTimeout,
} from '@gomind/core';
import { createBudget } from '../../execution/budget.ts';
import { narrowest } from '../../execution/budget-limits.ts';
import { checkPriority } from '../../execution/slots/check-priority.ts';
import type { CircuitBreakers } from '../../execution/breakers/circuit-breakers.ts';
import type { EventSignals } from '../../execution/kinds/event-signals.ts';
import type { PlanExecutor } from '../../execution/plan-executor.ts';
import type { ModelCallStore } from '../../llm/debug-store.ts';
import type { RunBudgetLimits } from '../../plan/budget.ts';
import type { Diagnostic } from '../../plan/diagnostic.ts';
import type { RunError, StepResult } from '../../plan/execution-result.ts';
import type { ExpressionScope } from '../../plan/expressions/scope.ts';
import type { ModelCall } from '../../plan/model-call.ts';
import type { RoutingPlan } from '../../plan/routing-plan.ts';
import type { RunEvent, RunEventBody } from '../../plan/events/run-event.ts';
import { RunFold } from '../../plan/events/fold-run.ts';
import { type RunViews, showEvent } from '../../plan/events/run-views.ts';
import { RunJournal } from '../../runs/run-journal.ts';
import { RunStream } from '../../runs/run-stream.ts';
import { StepMetrics } from '../../runs/step-metrics.ts';
import { findIneffectiveKeys } from '../check-effects.ts';
import type { WorkflowDefinition } from '../definition.ts';
import { splitReference, type WorkflowRegistry } from '../workflow-registry.ts';
import type { ApprovalDecision, ApprovalDesk, ApprovalRequest } from './approval-desk.ts';
import { type ConcurrencyGroups, groupOf } from './concurrency-groups.ts';
import { observeWorkflow } from './observe-workflow.ts';
import { cleanupTimeoutMs, originOf, type PartsResult, planOf, runParts } from './run-parts.ts';
import { checkDefinition, checkRunArguments } from './check-run-arguments.ts';
import { checkWorkflowInputs } from './workflow-inputs.ts';
import { type ScopeSources, scopeOf } from './workflow-scope.ts';

/** The end of a workflow's run. */
export interface WorkflowRun {
  readonly runId: string;
  readonly workflow: string;
  readonly version?: string;
  readonly status: 'completed' | 'failed' | 'cancelled' | 'suspended' | 'parked';
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Causes only. */
  readonly errors: readonly RunError[];
  readonly steps: Readonly<Record<string, StepResult>>;
  /** What the workflow says without effect (`NO_EFFECT`). */
  readonly warnings: readonly Diagnostic[];
  readonly startedAt: number;
  readonly endedAt: number;
}

/** Options of one run. What a view throws ends the run. */
export interface WorkflowRunOptions extends RunViews {
  /** `high` runs get slots, connections and places in components first, `low` ones last. Default: `normal`. */
  readonly priority?: Priority;
  readonly signal?: AbortSignal;
}

/** What a {@link WorkflowEngine} is made of; `createWorkflowEngine` puts it together. */
export interface WorkflowEngineParts {
  /** Makes an executor for one run; workflows differ in their limit of concurrency. */
  readonly executorFor: (maxConcurrency: number | undefined) => PlanExecutor;
  readonly registry: WorkflowRegistry;
  /** Makes the components known before the first run; undefined components: the application makes the calls itself. */
  readonly start: () => Promise<void>;
  readonly components: () => readonly ComponentInfo[] | undefined;
  readonly sources: ScopeSources;
  readonly groups: ConcurrencyGroups;
  readonly approvals: ApprovalDesk;
  readonly signals: EventSignals;
  /** Running workflows are told which circuits open and close. */
  readonly breakers: CircuitBreakers;
  /** Keeps what models were asked, if anything does. */
  readonly modelCalls: ModelCallStore;
  /** What each run may use up; a workflow may ask for less. */
  readonly budget: RunBudgetLimits;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  readonly onClose: () => Promise<void>;
}

interface ActiveRun {
  readonly journal: RunJournal;
  readonly abort: (reason: unknown) => void;
  readonly done: Promise<WorkflowRun>;
}

/** Runs workflows by definition or registered name. */
export class WorkflowEngine {
  /** Workflows by name. */
  readonly registry: WorkflowRegistry;
  readonly #parts: WorkflowEngineParts;
  readonly #metrics: StepMetrics;
  readonly #active = new Set<ActiveRun>();
  #closing: Promise<void> | undefined;

  constructor(parts: WorkflowEngineParts) {
    this.#parts = parts;
    this.registry = parts.registry;
    this.#metrics = new StepMetrics(parts.telemetry);
  }

  /**
   * Runs a workflow to its end. A failed step does not reject: `status` and `errors` say so.
   *
   * @param workflow a definition, or the name of a registered one
   * @param inputs values by name
   * @throws GomindError `CONFIG_INVALID`, `INPUT_REQUIRED`, `INPUT_TYPE`, `UNKNOWN_INPUT`, `NOT_FOUND`, `UNKNOWN_COMPONENT`, `MISSING_ACTION`, `CLOSED`
   */
  async execute(
    workflow: WorkflowDefinition | string,
    inputs: Readonly<Record<string, unknown>> = {},
    options: WorkflowRunOptions = {},
  ): Promise<WorkflowRun> {
    return this.#begin(workflow, inputs, options).done;
  }

  /**
   * Runs a workflow as a stream of events; the last one carries the {@link WorkflowRun} as `response`. Leaving the loop early
   * cancels the run.
   */
  stream(
    workflow: WorkflowDefinition | string,
    inputs: Readonly<Record<string, unknown>> = {},
    options: WorkflowRunOptions = {},
  ): AsyncIterableIterator<RunEvent, undefined> {
    return new RunStream(() => {
      const run = this.#begin(workflow, inputs, options);
      run.done.catch(() => undefined);
      return {
        reader: run.journal.events(),
        leave: () => {
          run.abort(
            new GomindError({ code: 'CANCELLED', message: 'The reader left the stream, so the run was cancelled' }),
          );
        },
      };
    });
  }

  /** Approvals that wait for a decision, oldest first. */
  approvals(): ApprovalRequest[] {
    return this.#parts.approvals.pending();
  }

  /**
   * Decides an approval.
   *
   * @throws GomindError `NOT_FOUND`, `NOT_AUTHORIZED`
   */
  decide(approvalId: string, decision: ApprovalDecision): void {
    this.#parts.approvals.decide(approvalId, decision);
  }

  /**
   * Announces an event to the `wait` steps that wait for it.
   *
   * @returns how many did
   */
  send(event: string, payload?: unknown): number {
    return this.#parts.signals.send(event, payload);
  }

  /**
   * What models were asked in a run and what they answered, in the order the calls began.
   *
   * @returns empty unless `config.modelCalls` is on, and for a run that is unknown or forgotten
   */
  getModelCalls(runId: string): readonly ModelCall[] {
    return this.#parts.modelCalls.callsOf(runId);
  }

  /** Cancels what runs and frees everything. Calling it twice is no error. */
  async close(): Promise<void> {
    this.#closing ??= (async () => {
      for (const run of this.#active) {
        run.abort(new GomindError({ code: 'CANCELLED', message: 'The engine was closed while the workflow ran' }));
      }
      await Promise.allSettled([...this.#active].map((run) => run.done));
      await this.#parts.onClose();
    })();
    await this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #begin(
    workflow: WorkflowDefinition | string,
    given: Readonly<Record<string, unknown>>,
    options: WorkflowRunOptions,
  ): ActiveRun {
    if (this.#closing !== undefined) {
      throw new GomindError({ code: 'CLOSED', message: 'The workflow engine is closed. Make a new one.' });
    }
    checkRunArguments({ workflow, inputs: given, options });
    const definition = typeof workflow === 'string' ? this.registry.get(...splitReference(workflow)) : workflow;
    checkDefinition(definition);
    const inputs = checkWorkflowInputs(definition, given);
    const priority = checkPriority(options.priority, 'options.priority');
    const { clock, logger } = this.#parts;
    const runId = `run-${clock.uuid()}`;
    const journal = new RunJournal({ runId, clock });
    const abort = linkedAbort(options.signal);
    const fold = new RunFold();
    const onRejected = (error: unknown): void => {
      logger.warn('A view of the run rejected', { runId, error });
    };
    const append = (body: RunEventBody): void => {
      const event = journal.append(body);
      fold.apply(event);
      this.#metrics.observe(event);
      showEvent(options, event, { fold, onRejected });
    };
    const run: ActiveRun = {
      journal,
      abort: abort.abort,
      done: this.#run({ runId, definition, inputs, append, abort, priority }).finally(() => {
        journal.close();
        abort.unlink();
        this.#active.delete(run);
      }),
    };
    this.#active.add(run);
    return run;
  }

  async #run(start: RunStart): Promise<WorkflowRun> {
    const { runId, definition, inputs, append } = start;
    // What the caller does in the same turn comes before the first event.
    await Promise.resolve();
    append({ type: 'run.started', request: definition.name, metadata: { workflow: definition.name, inputs } });
    const about = { runId, workflow: definition.name, version: definition.version };
    return observeWorkflow(this.#parts, about, () => this.#runObserved(start));
  }

  async #runObserved(start: RunStart): Promise<WorkflowRun> {
    const { runId, definition, append, abort } = start;
    const { clock, logger } = this.#parts;
    const startedAt = clock.now();
    const stopTelling = this.#parts.breakers.onChange(append);
    let leaveGroup: () => void = () => undefined;
    try {
      // A registry that does not answer must not keep a run that nobody wants any more.
      const cancellable = { timeoutMs: undefined, signal: abort.signal, what: 'The run', clock };
      await withTimeout(() => this.#parts.start(), cancellable);
      leaveGroup = await this.#enterGroup(start);
      const result = await this.#parts.modelCalls.track({ runId, emit: append }, () => this.#runParts(start));
      const run = withoutSecrets(toRun(start, result, { startedAt, endedAt: clock.now() }), { onlyProtected: true });
      append(closingEvent(run));
      logger.info('Workflow ended', {
        runId,
        workflow: definition.name,
        status: run.status,
        durationMs: run.endedAt - startedAt,
      });
      return run;
    } catch (thrown) {
      const error = toGomindError(thrown, { code: 'INTERNAL_ERROR', message: 'The workflow broke off unexpectedly' });
      append({ type: abort.signal.aborted ? 'run.cancelled' : 'run.failed', error: error.toJSON() });
      if (!abort.signal.aborted) throw withoutSecrets(error);
      return toRun(
        start,
        { status: 'cancelled', steps: {}, outputs: {}, errors: [error.toJSON()] },
        { startedAt, endedAt: clock.now() },
      );
    } finally {
      stopTelling();
      leaveGroup();
    }
  }

  async #enterGroup({ runId, definition, inputs, abort }: RunStart): Promise<() => void> {
    return this.#parts.groups.enter(groupOf(definition, inputs), {
      policy: definition.concurrency?.policy ?? 'wait',
      place: runId,
      cancel: abort.abort,
      signal: abort.signal,
    });
  }

  async #runParts(start: RunStart): Promise<PartsResult> {
    const { runId, definition, inputs, append, abort, priority } = start;
    const scope: ExpressionScope = {
      run: { id: runId },
      ...(await scopeOf(definition, { ...this.#parts.sources, signal: abort.signal })),
    };
    const executor = this.#parts.executorFor(definition.maxConcurrency);
    const { clock } = this.#parts;
    const budget = createBudget(narrowest(this.#parts.budget, definition.budget ?? {}), { clock, emit: append });
    const components = this.#parts.components();
    const origin = originOf(definition, components);
    const plan = planOf(definition, 'steps', { components });
    append({ type: 'plan.created', plan, source: 'workflow' });
    return runParts(definition, plan, {
      components,
      execute: (part: RoutingPlan, { steps, isCleanup }) =>
        executor.execute(part, {
          runId,
          inputs,
          scope: { ...scope, steps },
          emit: append,
          origin,
          priority,
          // What cleans up runs although the run was cancelled or its budget is used up, but not for ever.
          ...(isCleanup ? { timeoutMs: cleanupTimeoutMs } : { signal: abort.signal, budget }),
          ...(isCleanup || definition.timeoutMs === undefined ? {} : { timeoutMs: definition.timeoutMs }),
        }),
    });
  }
}

interface RunStart {
  readonly runId: string;
  readonly definition: WorkflowDefinition;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly append: (body: RunEventBody) => void;
  readonly priority: Priority;
  readonly abort: { readonly signal: AbortSignal; readonly abort: (reason?: unknown) => void };
}

function toRun(
  { runId, definition, abort }: RunStart,
  result: PartsResult,
  times: { readonly startedAt: number; readonly endedAt: number },
): WorkflowRun {
  const wasCancelled = result.status === 'cancelled' && result.errors.length === 0;
  return {
    runId,
    workflow: definition.name,
    ...(definition.version === undefined ? {} : { version: definition.version }),
    status: result.status,
    outputs: result.outputs,
    errors: wasCancelled ? [cancellationError(abort.signal, 'The workflow').toJSON()] : result.errors,
    steps: result.steps,
    warnings: findIneffectiveKeys(definition).map(({ diagnostic }) => diagnostic),
    ...times,
  };
}

function closingEvent(run: WorkflowRun): RunEventBody {
  if (run.status === 'completed') return { type: 'run.completed', response: run };
  const error = run.errors[0] ?? { code: 'STEP_FAILED', message: 'The workflow failed.', isRetryable: false };
  return { type: run.status === 'cancelled' ? 'run.cancelled' : 'run.failed', error, response: run };
}
