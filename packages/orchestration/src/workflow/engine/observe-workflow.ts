/**
 * What is seen of one run of a workflow: a span, and how long it took.
 *
 * @module
 */
import { type Clock, GomindError, type Telemetry } from '@gomind/core';
import type { RunError } from '../../plan/execution-result.ts';

/** Runs a workflow inside a span `invoke_workflow`, and records `gen_ai.invoke_workflow.duration`. */
export async function observeWorkflow<T extends { readonly errors: readonly RunError[] }>(
  { telemetry, clock }: { readonly telemetry: Telemetry; readonly clock: Clock },
  {
    runId,
    workflow,
    version,
  }: { readonly runId: string; readonly workflow: string; readonly version?: string | undefined },
  run: () => Promise<T>,
): Promise<T> {
  const startedAt = clock.monotonicMs();
  const record = (errorType: string | undefined): void => {
    telemetry.recordMetric(
      'gen_ai.invoke_workflow.duration',
      (clock.monotonicMs() - startedAt) / 1_000,
      { 'gen_ai.workflow.name': workflow, 'error.type': errorType },
      { kind: 'histogram', unit: 's' },
    );
  };
  const attributes = {
    'gen_ai.operation.name': 'invoke_workflow',
    'gen_ai.workflow.name': workflow,
    'gomind.workflow.version': version,
    'gomind.run.id': runId,
  };
  try {
    const ended = await telemetry.withSpan(`invoke_workflow ${workflow}`, { attributes }, async (span) => {
      const result = await run();
      span.setAttributes({ 'error.type': result.errors[0]?.code });
      return result;
    });
    record(ended.errors[0]?.code);
    return ended;
  } catch (error) {
    record(GomindError.isInstance(error) ? error.code : 'unknown');
    throw error;
  }
}
