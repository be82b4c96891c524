/**
 * `gomind run`: runs a workflow file.
 *
 * @module
 */
import { GomindError } from '@gomind/core';
import type { RunEvent } from '@gomind/orchestration';
import {
  compileWorkflow,
  estimatePlan,
  type PlanStep,
  type RoutingPlan,
  type WorkflowDefinition,
} from '@gomind/orchestration/workflow';
import { toAscii } from '../graph/picture-formats.ts';
import { graphOf } from '../graph/graph-model.ts';
import { closeAfter } from '../support/close-after.ts';
import { type CliContext, type ExitCode, exitCodes } from '../support/cli-context.ts';
import { type ComponentOptions, knowsComponents, openDiscovery } from '../support/find-components.ts';
import { ModelCallLog, type ModelCallOptions } from '../support/model-call-log.ts';
import { plural } from '../support/plural.ts';
import { quietLogger } from '../support/quiet-logger.ts';
import { readJsonFile } from '../support/read-source.ts';
import { terminalWidth } from '../support/terminal-width.ts';
import { UsageError } from '../support/usage-error.ts';
import { type WorkflowNeedsOptions, workflowNeeds } from '../support/workflow-needs.ts';
import { requireWorkflow } from '../support/workflow-source.ts';
import { RunProgress } from '../terminal/run-progress.ts';

/** Options of the command. */
export interface RunOptions extends ComponentOptions, ModelCallOptions, WorkflowNeedsOptions {
  /** `name=value` each; a value that is JSON is read as such where the input's type asks for it. */
  readonly input?: readonly string[];
  /** A JSON file with inputs by name. */
  readonly inputFile?: string;
  readonly json?: boolean;
  /** Shows the plan and its bounds; calls nothing. */
  readonly dryRun?: boolean;
}

/** Runs the command. */
export async function run(path: string, options: RunOptions, context: CliContext): Promise<ExitCode> {
  return closeAfter(async (keep) => {
    const workflow = await requireWorkflow(path, context);
    if (options.dryRun === true) return dryRun(workflow, options, context);
    const inputs = await readInputs(options, context);
    const { createWorkflowEngine } = await import('@gomind/orchestration');
    const { createAIClientFromEnvironment } = await import('@gomind/ai');
    const aiClient = keep(createAIClientFromEnvironment());
    const discovery = keep(await openRunDiscovery(workflow, options, context));
    const modelCalls = new ModelCallLog(options);
    const progress = keep(new RunProgress(context));
    const engine = keep(
      createWorkflowEngine(
        {
          discovery,
          aiClient,
          ...quietLogger(),
          ...(await workflowNeeds([{ path, workflow }], options, { context, progress })),
        },
        modelCalls.config,
      ),
    );
    const onEvent = (event: RunEvent): void => {
      progress.show(event);
      modelCalls.note(event);
    };
    const result = await engine
      .execute(workflow, inputs, { signal: context.signal, onEvent })
      .finally(() => modelCalls.write(context));
    context.stdout.write(`${JSON.stringify(options.json === true ? result : result.outputs, null, 2)}\n`);
    for (const error of result.errors) context.stderr.write(`${error.code}: ${error.message}\n`);
    if (context.signal.aborted) return exitCodes.interrupted;
    return result.status === 'completed' ? exitCodes.ok : exitCodes.failed;
  });
}

function dryRun(workflow: WorkflowDefinition, options: RunOptions, context: CliContext): ExitCode {
  const plan = compileWorkflow(workflow);
  const estimate = estimatePlan(plan);
  context.stdout.write(
    options.json === true
      ? `${JSON.stringify({ plan, estimate }, null, 2)}\n`
      : `${toAscii(graphOf(plan), terminalWidth(context.stdout))}\n${plural(estimate.steps, 'step')}, at most ${plural(estimate.maxCalls, 'call')}, longest chain ${plural(estimate.depth, 'step')}: ${estimate.criticalPath.join(' -> ')}\n`,
  );
  return exitCodes.ok;
}

async function readInputs(options: RunOptions, context: CliContext): Promise<Record<string, unknown>> {
  const inputs: Record<string, unknown> = {};
  if (options.inputFile !== undefined) {
    const file = await readJsonFile(options.inputFile, context);
    if (typeof file !== 'object' || file === null || Array.isArray(file)) {
      throw new UsageError(`${options.inputFile} must hold a JSON object of inputs.`);
    }
    Object.assign(inputs, file);
  }
  for (const pair of options.input ?? []) {
    const at = pair.indexOf('=');
    if (at < 1) throw new UsageError(`--input ${JSON.stringify(pair)} must be name=value.`);
    inputs[pair.slice(0, at)] = valueOf(pair.slice(at + 1));
  }
  return inputs;
}

/** Lists and objects are JSON; everything else is text, which the workflow converts where it loses nothing. */
function valueOf(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** The first step that calls a component, inside groups too. */
function callerIn({ steps }: RoutingPlan): PlanStep | undefined {
  for (const step of steps) {
    const inner = step.kind === 'group' ? callerIn(step.config?.['plan'] as RoutingPlan) : undefined;
    if (inner !== undefined) return inner;
    if (!['join', 'wait', 'approval', 'workflow', 'group'].includes(step.kind ?? '')) return step;
  }
  return undefined;
}

async function openRunDiscovery(
  workflow: WorkflowDefinition,
  options: RunOptions,
  context: CliContext,
): Promise<Awaited<ReturnType<typeof openDiscovery>>> {
  if (knowsComponents(options)) return openDiscovery(options, context);
  const caller = callerIn(compileWorkflow(workflow));
  if (caller === undefined) {
    const { LocalDiscovery } = await import('@gomind/core');
    return new LocalDiscovery();
  }
  throw new GomindError({
    code: 'NO_COMPONENTS',
    message: `Step "${caller.name}" calls a component, and nothing says where components are. Give --components FILE, or --redis URL (or set REDIS_URL).`,
  });
}
