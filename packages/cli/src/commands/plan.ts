/**
 * `gomind plan`: writes a proved workflow from a request without running it.
 *
 * @module
 */
import { GomindError, redactText } from '@gomind/core';
import { closeAfter } from '../support/close-after.ts';
import { type CliContext, type ExitCode, exitCodes } from '../support/cli-context.ts';
import { type ComponentOptions, openDiscovery } from '../support/find-components.ts';
import { ModelCallLog, type ModelCallOptions } from '../support/model-call-log.ts';
import { plural } from '../support/plural.ts';
import { workflowFormatOf, workflowText } from '../support/workflow-text.ts';
import { writeTarget } from '../support/write-target.ts';

/** Options of the command. */
export interface PlanOptions extends ComponentOptions, ModelCallOptions {
  readonly json?: boolean;
  /** File for the workflow. Default: standard output. */
  readonly output?: string;
  readonly name?: string;
}

/** Runs the command. */
export async function plan(request: string, options: PlanOptions, context: CliContext): Promise<ExitCode> {
  return closeAfter(async (keep) => {
    const { basicRouter, createPlanner, parseWorkflow, planToWorkflow, validatePlan } =
      await import('@gomind/orchestration');
    const { createAIClientFromEnvironment } = await import('@gomind/ai');
    const aiClient = keep(createAIClientFromEnvironment());
    const discovery = keep(await openDiscovery(options, context));
    const offered = await discovery.discover();
    const modelCalls = new ModelCallLog(options);
    const made = await modelCalls
      .during(aiClient, async (client) =>
        client.isConfigured === false
          ? basicRouter(request, offered)
          : createPlanner({ aiClient: client }).plan(request, offered, { signal: context.signal }),
      )
      .finally(() => modelCalls.write(context));
    const checked = made.ok && made.plan !== undefined ? validatePlan(made.plan, offered) : undefined;
    if (checked?.plan === undefined) {
      const reason = 'reason' in made ? made.reason : undefined;
      throw new GomindError({
        code: 'NO_PLAN',
        message: `No plan can be made: ${reason ?? checked?.diagnostics[0]?.message ?? 'no capability fits'}`,
      });
    }
    const workflow = planToWorkflow(checked.plan, {
      // The steps keep what they need; the words about them need no secret.
      name: options.name ?? nameOf(redactText(request)),
      description: redactText(request),
      componentType: (name) => offered.find((component) => component.name === name)?.type ?? 'tool',
    });
    // The file is read as anybody will read it, before it is handed out.
    const read = parseWorkflow(workflowText(workflow, 'yaml'), { components: offered });
    if (!read.ok)
      throw new GomindError({
        code: 'PLAN_REJECTED',
        message: read.diagnostics.map(({ message }) => message).join(' '),
      });
    const text = workflowText(workflow, workflowFormatOf(options.output));
    if (options.output !== undefined) {
      await writeTarget(options.output, text);
      context.stderr.write(
        `${options.output}: ${plural(workflow.steps.length, 'step')}. "gomind run ${options.output}" runs it.\n`,
      );
    }
    if (options.json === true)
      context.stdout.write(`${JSON.stringify({ workflow: text, plan: checked.plan }, null, 2)}\n`);
    else if (options.output === undefined) context.stdout.write(text);
    return exitCodes.ok;
  });
}

function nameOf(request: string): string {
  return (request.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? ['workflow']).slice(0, 6).join('-').slice(0, 60);
}
