/**
 * `gomind print`: a workflow in another form, with nothing lost.
 *
 * @module
 */
import { workflowToFile } from '@gomind/orchestration/workflow';
import { type CliContext, type ExitCode, exitCodes } from '../support/cli-context.ts';
import { requireWorkflow } from '../support/workflow-source.ts';
import { type WorkflowFormat, workflowFormatOf, workflowText } from '../support/workflow-text.ts';
import { writeTarget } from '../support/write-target.ts';

/** Options of the command. */
export interface PrintOptions {
  /** Default: what the name of the output asks for. */
  readonly format?: WorkflowFormat;
  /** File for the workflow. Default: standard output. */
  readonly output?: string;
  /** Prints JSON, which is a workflow file too. */
  readonly json?: boolean;
}

/** Runs the command. */
export async function print(path: string, options: PrintOptions, context: CliContext): Promise<ExitCode> {
  const workflow = await requireWorkflow(path, context);
  const text =
    options.json === true
      ? `${JSON.stringify(workflowToFile(workflow), null, 2)}\n`
      : workflowText(workflow, options.format ?? workflowFormatOf(options.output));
  if (options.output === undefined) context.stdout.write(text);
  else await writeTarget(options.output, text);
  return exitCodes.ok;
}
