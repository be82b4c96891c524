/**
 * What is seen of one attempt to call a component.
 *
 * @module
 */
import type { Clock, Span, Telemetry } from '@gomind/core';
import { observe } from '../../observation/observe.ts';
import type { PlanStep } from '../../plan/routing-plan.ts';
import type { StepContext } from '../step-handler.ts';

/** Runs an attempt inside a span `execute_tool`, and records `gen_ai.execute_tool.duration`. */
export async function observeToolCall<T>(
  parts: { readonly telemetry: Telemetry; readonly clock: Clock },
  { step, context }: { readonly step: PlanStep; readonly context: Pick<StepContext, 'runId' | 'attempt'> },
  operation: (span: Span) => Promise<T>,
): Promise<T> {
  const about = { 'gen_ai.tool.name': `${step.component ?? ''}.${step.action ?? ''}` };
  const seen = {
    span: `execute_tool ${about['gen_ai.tool.name']}`,
    kind: 'client',
    attributes: {
      'gen_ai.operation.name': 'execute_tool',
      ...about,
      'gomind.run.id': context.runId,
      'gomind.step.name': step.name,
      'gomind.step.attempt': context.attempt,
    },
    metric: 'gen_ai.execute_tool.duration',
    metricAttributes: about,
  } as const;
  return observe(parts, seen, operation);
}
