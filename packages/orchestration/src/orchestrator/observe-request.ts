/**
 * What is seen of one request.
 *
 * @module
 */
import type { Clock, Telemetry } from '@gomind/core';
import { observe } from '../observation/observe.ts';
import type { OrchestratorResponse } from './orchestrator-response.ts';

/** Runs a request inside a span `invoke_agent`, and records `gen_ai.invoke_agent.duration`. */
export async function observeRequest(
  parts: { readonly telemetry: Telemetry; readonly clock: Clock; readonly name: string },
  runId: string,
  answer: () => Promise<OrchestratorResponse>,
): Promise<OrchestratorResponse> {
  const about = { 'gen_ai.agent.name': parts.name };
  const seen = {
    span: `invoke_agent ${parts.name}`,
    attributes: { 'gen_ai.operation.name': 'invoke_agent', ...about, 'gomind.run.id': runId },
    metric: 'gen_ai.invoke_agent.duration',
    metricAttributes: about,
    errorOf: ({ status, errors }: OrchestratorResponse) =>
      status === 'failed' ? (errors[0] ?? { code: 'FAILED', message: 'The request failed.' }) : undefined,
  };
  return observe(parts, seen, async (span) => {
    const response = await answer();
    span.setAttributes({ 'gomind.request.status': response.status, 'gomind.request.mode': response.mode });
    return response;
  });
}
