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
import { loaderBeside, type WorkflowFile } from './workflow-source.ts';

/** Options of commands that run workflows. */
export interface WorkflowNeedsOptions {
  /** Approves everything that is asked. */
  readonly approve?: boolean;
  /** Folder for artifacts. */
  readonly artifacts?: string;
}

/** Who is asked, and told. */
export interface WorkflowNeedsSources {
  readonly context: CliContext;
  readonly progress: RunProgress;
}

/**
 * What an engine or an orchestrator is given for some workflows, and for those that they call.
 *
 * @param files workflows, which may read the variables that they list, and no others
 */
export async function workflowNeeds(
  files: readonly WorkflowFile[],
  options: WorkflowNeedsOptions,
  { context, progress }: WorkflowNeedsSources,
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
  for (const { workflow } of files) allow(workflow);
  const load = loaderBeside(files, context);
  return {
    loadWorkflow: async (reference, from) => allow(await load(reference, from)),
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
