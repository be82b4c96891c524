/**
 * `gomind ask`: answers a request with the components that are there.
 *
 * @module
 */
import { withoutSecrets } from '@gomind/core';
import type { OfferedWorkflows, OrchestratorResponse, RunEvent } from '@gomind/orchestration';
import { closeAfter } from '../support/close-after.ts';
import { type CliContext, type ExitCode, exitCodes } from '../support/cli-context.ts';
import { type ComponentOptions, openDiscovery } from '../support/find-components.ts';
import { ModelCallLog, type ModelCallOptions } from '../support/model-call-log.ts';
import { plural } from '../support/plural.ts';
import { quietLogger } from '../support/quiet-logger.ts';
import { type WorkflowNeedsOptions, type WorkflowNeedsSources, workflowNeeds } from '../support/workflow-needs.ts';
import { requireWorkflows } from '../support/workflow-source.ts';
import { RunProgress } from '../terminal/run-progress.ts';
import { duration } from '../terminal/step-list.ts';
import { writeTarget } from '../support/write-target.ts';

/** Options of the command. */
export interface AskOptions extends ComponentOptions, ModelCallOptions, WorkflowNeedsOptions {
  /** Files of workflows that the plan may use as steps. */
  readonly workflow?: readonly string[];
  readonly json?: boolean;
  /** File for the run, from which `gomind promote` makes a workflow. */
  readonly save?: string;
}

/** Runs the command. */
export async function ask(request: string, options: AskOptions, context: CliContext): Promise<ExitCode> {
  return closeAfter(async (keep) => {
    const { createOrchestrator } = await import('@gomind/orchestration');
    const { createAIClientFromEnvironment } = await import('@gomind/ai');
    const aiClient = keep(createAIClientFromEnvironment());
    const discovery = keep(await openDiscovery(options, context));
    const modelCalls = new ModelCallLog(options);
    const progress = keep(new RunProgress(context));
    const workflows = await offeredWorkflows(options, { context, progress });
    const dependencies = { discovery, aiClient, ...quietLogger(), ...workflows };
    const orchestrator = keep(createOrchestrator(dependencies, modelCalls.config));
    const onEvent = (event: RunEvent): void => {
      progress.show(event);
      modelCalls.note(event);
    };
    const response = await orchestrator
      .processRequest(request, {}, { signal: context.signal, onEvent })
      .finally(() => modelCalls.write(context));
    if (options.save !== undefined) {
      await save(options.save, { request, ...response }, context);
    }
    context.stdout.write(options.json === true ? `${JSON.stringify(response, null, 2)}\n` : `${response.response}\n`);
    for (const error of response.errors) context.stderr.write(`${error.code}: ${error.message}\n`);
    context.stderr.write(`${describe(response)}\n`);
    return hasAnswer(response) ? exitCodes.ok : exitCodes.failed;
  });
}

/** A request that nobody could plan is only `degraded` where a model is missing; a script must not take that for an answer. */
function hasAnswer({ status, errors, isStale }: OrchestratorResponse): boolean {
  return status !== 'failed' && (isStale === true || errors.every(({ code }) => code !== 'NO_PLAN'));
}

/** A file outlives the run and is handed on, so it holds less than the answer does: no secrets, whoever's they are. */
async function save(path: string, run: Readonly<Record<string, unknown>>, { stderr }: CliContext): Promise<void> {
  const kept = withoutSecrets(run);
  await writeTarget(path, `${JSON.stringify(kept, null, 2)}\n`);
  stderr.write(`The run was saved to ${path}; "gomind promote ${path}" makes a workflow of it.\n`);
  if (kept !== run) stderr.write('What looked like a secret was not saved: [redacted] stands in its place.\n');
}

async function offeredWorkflows(options: AskOptions, sources: WorkflowNeedsSources): Promise<OfferedWorkflows> {
  if (options.workflow === undefined) return {};
  const files = await requireWorkflows(options.workflow, sources.context);
  return { workflows: files.map(({ workflow }) => workflow), ...(await workflowNeeds(files, options, sources)) };
}

function describe({ status, mode, steps, executionTimeMs }: OrchestratorResponse): string {
  return `${status}, planned by ${mode}, ${plural(Object.keys(steps).length, 'step')}, ${duration(executionTimeMs)}`;
}
