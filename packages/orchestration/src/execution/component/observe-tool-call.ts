/**
 * What is seen of one attempt to call a component: a span, and how long it took.
 *
 * @module
 */
import { type Clock, GomindError, type Span, type Telemetry } from '@gomind/core';
import type { PlanStep } from '../../plan/routing-plan.ts';
import type { StepContext } from '../step-handler.ts';

/** Runs an attempt inside a span `execute_tool`, and records `gen_ai.execute_tool.duration`. */
export async function observeToolCall<T>(
  { telemetry, clock }: { readonly telemetry: Telemetry; readonly clock: Clock },
  { step, context }: { readonly step: PlanStep; readonly context: Pick<StepContext, 'runId' | 'attempt'> },
  operation: (span: Span) => Promise<T>,
): Promise<T> {
  const tool = `${step.component ?? ''}.${step.action ?? ''}`;
  const attributes = {
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': tool,
    'gomind.run.id': context.runId,
    'gomind.step.name': step.name,
    'gomind.step.attempt': context.attempt,
  };
  const startedAt = clock.monotonicMs();
  const record = (errorType: string | undefined): void => {
    telemetry.recordMetric(
      'gen_ai.execute_tool.duration',
      (clock.monotonicMs() - startedAt) / 1_000,
      { 'gen_ai.tool.name': tool, 'error.type': errorType },
      { kind: 'histogram', unit: 's' },
    );
  };
  try {
    const result = await telemetry.withSpan(`execute_tool ${tool}`, { kind: 'client', attributes }, operation);
    record(undefined);
    return result;
  } catch (error) {
    record(GomindError.isInstance(error) ? error.code : 'unknown');
    throw error;
  }
}
