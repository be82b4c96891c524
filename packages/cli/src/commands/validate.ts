/**
 * `gomind validate`: everything that is wrong with a workflow or plan, without running it.
 *
 * @module
 */
import { withoutSecrets } from '@gomind/core';
import { formatDiagnostic } from '@gomind/orchestration/workflow';
import { type CliContext, type ExitCode, exitCodes } from '../support/cli-context.ts';
import { type ComponentOptions, readComponents } from '../support/find-components.ts';
import { plural } from '../support/plural.ts';
import { readJsonSource } from '../support/read-source.ts';
import { redactedOutput } from '../support/redacted-output.ts';
import { readWorkflowSource } from '../support/workflow-source.ts';

/** Options of the command. */
export interface ValidateOptions extends ComponentOptions {
  readonly json?: boolean;
  /** The file holds a plan (JSON) instead of a workflow. */
  readonly plan?: boolean;
}

/** Runs the command. */
export async function validate(path: string, options: ValidateOptions, context: CliContext): Promise<ExitCode> {
  const components = options.components === undefined ? undefined : await readComponents(options.components, context);
  const result =
    options.plan === true ? await checkPlan(path, components, context) : await checkFile(path, components, context);
  const isOk = result.diagnostics.every(({ severity }) => severity !== 'error');
  if (options.json === true) {
    const diagnostics = withoutSecrets(result.diagnostics);
    context.stdout.write(`${JSON.stringify({ ok: isOk, diagnostics }, null, 2)}\n`);
  } else {
    // It shows lines of the file, and is read in the logs of those who check it.
    const stdout = redactedOutput(context.stdout);
    for (const diagnostic of result.diagnostics) stdout.write(`${formatDiagnostic(diagnostic, result.text)}\n\n`);
    stdout.write(`${summaryOf(path, result, isOk)}\n`);
  }
  return isOk ? exitCodes.ok : exitCodes.failed;
}

interface Checked {
  readonly diagnostics: Awaited<ReturnType<typeof readWorkflowSource>>['diagnostics'];
  readonly text?: string;
  readonly stepCount: number;
}

async function checkFile(
  path: string,
  components: Awaited<ReturnType<typeof readComponents>> | undefined,
  context: CliContext,
): Promise<Checked> {
  const { diagnostics, text, workflow } = await readWorkflowSource(path, context, components);
  return { diagnostics, text, stepCount: workflow?.steps.length ?? 0 };
}

async function checkPlan(
  path: string,
  components: Awaited<ReturnType<typeof readComponents>> | undefined,
  context: CliContext,
): Promise<Checked> {
  const { name, text, value } = await readJsonSource(path, context);
  const { locateInJson, validatePlan, validatePlanStructure } = await import('@gomind/orchestration/workflow');
  const options = { locate: locateInJson(text) };
  const { diagnostics, plan } =
    components === undefined ? validatePlanStructure(value, options) : validatePlan(value, components, options);
  return {
    diagnostics: diagnostics.map((diagnostic) => ({ ...diagnostic, file: name })),
    text,
    stepCount: plan?.steps.length ?? 0,
  };
}

function summaryOf(path: string, { diagnostics, stepCount }: Checked, isOk: boolean): string {
  const count = (severity: 'error' | 'warning'): number =>
    diagnostics.filter((diagnostic) => diagnostic.severity === severity).length;
  const warnings = count('warning');
  const noted = warnings === 0 ? '' : `, ${plural(warnings, 'warning')}`;
  return isOk
    ? `${path}: ok, ${plural(stepCount, 'step')}${noted}`
    : `${path}: ${plural(count('error'), 'error')}${noted}`;
}
