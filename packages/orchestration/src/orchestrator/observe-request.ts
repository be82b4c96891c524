/**
 * What is seen of one request: a span, and how long it took.
 *
 * @module
 */
import { type Clock, GomindError, type Telemetry } from '@gomind/core';
import type { OrchestratorResponse } from './orchestrator-response.ts';

/** Runs a request inside a span `invoke_agent`, and records `gen_ai.invoke_agent.duration`. */
export async function observeRequest(
  { telemetry, clock, name }: { readonly telemetry: Telemetry; readonly clock: Clock; readonly name: string },
  runId: string,
  answer: () => Promise<OrchestratorResponse>,
): Promise<OrchestratorResponse> {
  const startedAt = clock.monotonicMs();
  const record = (errorType: string | undefined): void => {
    telemetry.recordMetric(
      'gen_ai.invoke_agent.duration',
      (clock.monotonicMs() - startedAt) / 1_000,
      { 'gen_ai.agent.name': name, 'error.type': errorType },
      { kind: 'histogram', unit: 's' },
    );
  };
  const attributes = {
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.agent.name': name,
    'gomind.run.id': runId,
  };
  try {
    const response = await telemetry.withSpan(`invoke_agent ${name}`, { attributes }, async (span) => {
      const answered = await answer();
      const { status, mode, errors } = answered;
      span.setAttributes({
        'gomind.request.status': status,
        'gomind.request.mode': mode,
        'error.type': status === 'failed' ? (errors[0]?.code ?? 'FAILED') : undefined,
      });
      return answered;
    });
    record(response.status === 'failed' ? (response.errors[0]?.code ?? 'FAILED') : undefined);
    return response;
  } catch (error) {
    record(GomindError.isInstance(error) ? error.code : 'unknown');
    throw error;
  }
}
