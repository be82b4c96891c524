/**
 * What is seen of one run of a workflow.
 *
 * @module
 */
import type { Clock, Telemetry } from '@gomind/core';
import type { RunError } from '../../plan/execution-result.ts';
import { observe } from '../../observation/observe.ts';

/** Runs a workflow inside a span `invoke_workflow`, and records `gen_ai.invoke_workflow.duration`. */
export async function observeWorkflow<T extends { readonly errors: readonly RunError[] }>(
  parts: { readonly telemetry: Telemetry; readonly clock: Clock },
  {
    runId,
    workflow,
    version,
  }: { readonly runId: string; readonly workflow: string; readonly version?: string | undefined },
  run: () => Promise<T>,
): Promise<T> {
  const about = { 'gen_ai.workflow.name': workflow };
  const seen = {
    span: `invoke_workflow ${workflow}`,
    attributes: {
      'gen_ai.operation.name': 'invoke_workflow',
      ...about,
      'gomind.workflow.version': version,
      'gomind.run.id': runId,
    },
    metric: 'gen_ai.invoke_workflow.duration',
    metricAttributes: about,
    errorOf: ({ errors }: T) => errors[0],
  };
  return observe(parts, seen, run);
}
