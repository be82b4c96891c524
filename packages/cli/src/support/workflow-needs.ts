/**
 * What workflows need that run from a command line: files beside them, secrets and variables from the environment, a folder for
 * artifacts, and somebody to approve.
 *
 * @module
 */
import { readEnv } from '@gomind/core';
import type { ApprovalDecision, WorkflowDependencies } from '@gomind/orchestration';
import type { WorkflowDefinition } from '@gomind/orchestration/workflow';
import type { RunProgress } from '../terminal/run-progress.ts';
import type { CliContext } from './cli-context.ts';
import { loaderBeside } from './workflow-source.ts';

/** Options of commands that run workflows. */
export interface WorkflowNeedsOptions {
  /** Approves everything that is asked. */
  readonly approve?: boolean;
  /** Folder for artifacts. */
  readonly artifacts?: string;
}

/** Where the workflows come from, and who is asked. */
export interface WorkflowNeedsSources {
  /** The file beside which sub-workflows are looked for. */
  readonly path: string;
  readonly context: CliContext;
  readonly progress: RunProgress;
}

/**
 * What an engine or an orchestrator is given for some workflows, and for those that they call.
 *
 * @param workflows may read the variables that they list, and no others
 */
export async function workflowNeeds(
  workflows: readonly WorkflowDefinition[],
  options: WorkflowNeedsOptions,
  { path, context, progress }: WorkflowNeedsSources,
): Promise<WorkflowDependencies> {
  const { createFileArtifactStore } = await import('@gomind/orchestration');
  const env: Record<string, string> = {};
  const allow = (workflow: WorkflowDefinition): WorkflowDefinition => {
    for (const name of Object.keys(workflow.env)) {
      const value = readEnv(name);
      if (value !== undefined) env[name] = value;
    }
    return workflow;
  };
  workflows.forEach(allow);
  const load = loaderBeside(path, context);
  return {
    loadWorkflow: async (reference) => allow(await load(reference)),
    secrets: { get: (name) => readEnv(name) },
    env,
    onApproval: (request) => progress.aside(() => decide(request.prompt, options, context)),
    ...(options.artifacts === undefined ? {} : { artifacts: createFileArtifactStore(options.artifacts) }),
  };
}

async function decide(
  prompt: string,
  { approve }: WorkflowNeedsOptions,
  { ask }: Pick<CliContext, 'ask'>,
): Promise<ApprovalDecision> {
  if (approve === true) return { decision: 'approved', comment: 'by --approve' };
  if (ask === undefined)
    return { decision: 'rejected', comment: 'nobody is at the terminal; give --approve to approve everything' };
  const answer = await ask(`${prompt} Approve? [y/N] `);
  return /^y(?:es)?$/i.test(answer.trim())
    ? { decision: 'approved' }
    : { decision: 'rejected', comment: 'at the terminal' };
}
