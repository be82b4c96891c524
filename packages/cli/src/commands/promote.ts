/**
 * `gomind promote`: makes a workflow of a saved run, and shows that it makes the same calls.
 *
 * @module
 */
import { noopLogger } from '@gomind/core';
import type { PromotableRun } from '@gomind/orchestration';
import { closeAfter } from '../support/close-after.ts';
import { type CliContext, type ExitCode, exitCodes } from '../support/cli-context.ts';
import { plural } from '../support/plural.ts';
import { readJsonFile } from '../support/read-source.ts';
import { UsageError } from '../support/usage-error.ts';
import { workflowFormatOf, workflowText } from '../support/workflow-text.ts';
import { writeTarget } from '../support/write-target.ts';

/** Options of the command. */
export interface PromoteOptions {
  readonly json?: boolean;
  /** File for the workflow; its replay test stands beside it. Default: standard output, without a test. */
  readonly output?: string;
  readonly name?: string;
}

/** Runs the command. */
export async function promote(path: string, options: PromoteOptions, context: CliContext): Promise<ExitCode> {
  return closeAfter(async (keep) => {
    const run = await readJsonFile(path, context);
    if (typeof run !== 'object' || run === null || !('steps' in run)) {
      throw new UsageError(`${path} holds no saved run. "gomind ask --save ${path}" makes one.`);
    }
    const { createWorkflowEngine, promoteRun, recordedCalls, ReplayCalls } = await import('@gomind/orchestration');
    const recorded = run as PromotableRun;
    const workflow = promoteRun(recorded, options.name === undefined ? {} : { name: options.name });
    const calls = recordedCalls(recorded);
    const replay = new ReplayCalls(calls);
    const engine = keep(
      createWorkflowEngine({
        logger: noopLogger,
        call: (call) => replay.call(call),
        loadWorkflow: async (name) => Promise.resolve(replay.workflow(name)),
      }),
    );
    const { status, errors } = await engine.execute(workflow, {}, { signal: context.signal });
    const isSame = status === 'completed' && replay.left.length === 0;
    const text = workflowText(workflow, workflowFormatOf(options.output));
    if (options.output === undefined)
      context.stdout.write(
        options.json === true ? `${JSON.stringify({ ok: isSame, workflow: text, calls, errors }, null, 2)}\n` : text,
      );
    else {
      await writeTarget(options.output, text);
      const test = `${options.output.replace(/\.(?:ya?ml|json|[cm]?[jt]s)$/, '')}.replay.json`;
      await writeTarget(test, `${JSON.stringify({ inputs: {}, calls }, null, 2)}\n`);
      context.stderr.write(
        `${options.output}: ${plural(workflow.steps.length, 'step')}, inputs ${Object.keys(workflow.inputs).join(', ') || 'none'}\n${test}: its replay test\n`,
      );
    }
    context.stderr.write(
      isSame
        ? `Replayed: the same ${plural(calls.length, 'call')}.\n`
        : `The replay differs: ${errors.map(({ message }) => message).join(' ')}\n`,
    );
    return isSame ? exitCodes.ok : exitCodes.failed;
  });
}
