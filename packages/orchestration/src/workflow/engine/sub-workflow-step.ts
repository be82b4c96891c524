/**
 * A workflow as a step: with inputs, secrets, limits and steps at the end of its own, within the run around it.
 *
 * @module
 */
import { type Clock, type ComponentInfo, GomindError, linkedAbort, systemClock } from '@gomind/core';
import { runTimeout } from '../../execution/run/nested-run.ts';
import type { CauseOf } from '../../execution/step-extras.ts';
import type { NestedPlanOptions, StepContext, StepHandler } from '../../execution/step-handler.ts';
import type { WorkflowDefinition } from '../definition.ts';
import { checkDefinition } from './check-run-arguments.ts';
import { type ConcurrencyGroups, groupOf } from './concurrency-groups.ts';
import { observeWorkflow } from './observe-workflow.ts';
import { cleanupTimeoutMs, originOf, type PartsResult, planOf, runParts } from './run-parts.ts';
import { type LoadWorkflow, sourceOf, type WorkflowDigest } from './workflow-digest.ts';
import { checkWorkflowInputs } from './workflow-inputs.ts';
import { type ScopeSources, scopeOf } from './workflow-scope.ts';

/** What workflows need that run as steps. */
export interface SubWorkflowOptions {
  components(): readonly ComponentInfo[] | undefined;
  readonly sources: ScopeSources;
  /** Shared with the runs around them. */
  readonly groups: ConcurrencyGroups;
  readonly clock?: Clock;
}

/** Makes the handler of `workflow` steps; `config.workflow` names the workflow. */
export function createSubWorkflowStepHandler(
  options: SubWorkflowOptions & { readonly load: LoadWorkflow },
): StepHandler {
  return {
    kind: 'workflow',
    takesSlot: false,
    timeoutMs: Number.POSITIVE_INFINITY,
    run: async (_step, context) => {
      const workflow = await options.load(referenceOf(context), sourceOf(context));
      return runAsStep(workflow, { inputs: context.inputs, context }, options);
    },
  };
}

/** What the output of a `workflow` step follows from: the workflow, as it is now, and its inputs. */
export function causeOfSubWorkflow(digest: WorkflowDigest): CauseOf {
  return async (_step, context) => ({
    what: `workflow:${await digest([referenceOf(context)], context)}`,
    inputs: context.inputs,
  });
}

function referenceOf({ config }: StepContext): string {
  return String(config['workflow']);
}

/**
 * Runs a workflow inside a step.
 *
 * @returns its outputs, or those of its steps by name when it declares none
 * @throws GomindError `CONFIG_INVALID`, `INPUT_REQUIRED`, `INPUT_TYPE`, `UNKNOWN_INPUT` before anything is called; its first failure, with its name in `details.workflow`
 */
export async function runAsStep(
  workflow: WorkflowDefinition,
  { inputs: given, context }: { readonly inputs: Readonly<Record<string, unknown>>; readonly context: StepContext },
  options: SubWorkflowOptions,
): Promise<unknown> {
  checkDefinition(workflow);
  const inputs = checkWorkflowInputs(workflow, given);
  const about = { runId: context.runId, workflow: workflow.name, version: workflow.version };
  const seenBy = { telemetry: context.telemetry, clock: options.clock ?? systemClock };
  const work = observeWorkflow(seenBy, about, () => new WorkflowInStep(workflow, context, options).run(inputs));
  // What cleans up is not left behind when the run around it is cancelled.
  if (workflow.onFailure.length + workflow.finally.length > 0) context.outlive(work);
  return outputOf(workflow, await work);
}

class WorkflowInStep {
  readonly #workflow: WorkflowDefinition;
  readonly #context: StepContext;
  readonly #options: SubWorkflowOptions;

  constructor(workflow: WorkflowDefinition, context: StepContext, options: SubWorkflowOptions) {
    this.#workflow = workflow;
    this.#context = context;
    this.#options = options;
  }

  async run(inputs: Readonly<Record<string, unknown>>): Promise<PartsResult> {
    const abort = linkedAbort(this.#context.signal);
    const { runId, stepName } = this.#context;
    const leave = await this.#options.groups.enter(groupOf(this.#workflow, inputs), {
      policy: this.#workflow.concurrency?.policy ?? 'wait',
      place: `${runId}/${stepName}`,
      cancel: abort.abort,
      signal: abort.signal,
    });
    try {
      return await this.#runParts(inputs, abort);
    } finally {
      leave();
      abort.unlink();
    }
  }

  async #runParts(
    inputs: Readonly<Record<string, unknown>>,
    abort: Pick<ReturnType<typeof linkedAbort>, 'signal' | 'abort'>,
  ): Promise<PartsResult> {
    const { timeoutMs, budget, maxConcurrency } = this.#workflow;
    const components = this.#options.components();
    const nested: NestedPlanOptions = {
      inputs,
      origin: originOf(this.#workflow, components),
      scope: await scopeOf(this.#workflow, { ...this.#options.sources, signal: abort.signal }),
      ...(maxConcurrency === undefined ? {} : { maxConcurrency }),
    };
    const { clock = systemClock } = this.#options;
    const stopTimer =
      timeoutMs === undefined
        ? () => undefined
        : clock.setTimer(() => {
            abort.abort(runTimeout(timeoutMs));
          }, timeoutMs);
    const limited = { ...nested, signal: abort.signal, ...(budget === undefined ? {} : { limits: budget }) };
    try {
      return await runParts(this.#workflow, planOf(this.#workflow, 'steps', { components }), {
        components,
        execute: async (plan, { steps, isCleanup }) => {
          if (isCleanup) return this.#context.executePlan(plan, { ...nested, steps, outlivesMs: cleanupTimeoutMs });
          const result = await this.#context.executePlan(plan, { ...limited, steps });
          stopTimer();
          return result;
        },
      });
    } finally {
      stopTimer();
    }
  }
}

function outputOf(workflow: WorkflowDefinition, result: PartsResult): unknown {
  if (result.status !== 'completed') throw failureOf(workflow, result);
  return Object.keys(workflow.outputs).length > 0
    ? result.outputs
    : Object.fromEntries(Object.entries(result.steps).map(([name, { output }]) => [name, output ?? null]));
}

/** Not retryable as a whole: its steps have had their own retries, and what has happened must not happen twice. */
function failureOf(workflow: WorkflowDefinition, { errors: [cause] }: PartsResult): GomindError {
  return new GomindError({
    code: cause?.code ?? 'STEP_FAILED',
    message: `The workflow "${workflow.name}" failed: ${cause?.message ?? 'it was cancelled.'}`,
    details: {
      ...cause?.details,
      ...(cause?.step === undefined ? {} : { step: cause.step }),
      workflow: workflow.name,
    },
  });
}
