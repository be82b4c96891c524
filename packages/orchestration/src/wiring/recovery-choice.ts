/**
 * What mends failed calls, as the configuration says. The same for requests and for workflows.
 *
 * @module
 */
import type { AIClient, Clock } from '@gomind/core';
import type { CircuitBreakers } from '../execution/breakers/circuit-breakers.ts';
import type { StepRecovery } from '../recovery/failed-call.ts';
import { createSemanticRetry } from '../recovery/semantic-retry.ts';
import { createStepRecovery } from '../recovery/step-recovery.ts';
import type { OrchestratorConfig } from './orchestrator-config.ts';

/**
 * Makes the recovery that a configuration asks for.
 *
 * @param config with `semanticRetry`
 * @param aiClient who corrects inputs, if it is configured
 */
export function chooseRecovery(
  { semanticRetry }: Pick<OrchestratorConfig, 'semanticRetry'>,
  aiClient: AIClient,
  { breakers, clock }: { readonly breakers: CircuitBreakers; readonly clock: Clock },
): StepRecovery {
  const isAsked = semanticRetry.enabled && semanticRetry.maxAttempts > 0 && aiClient.isConfigured !== false;
  const { maxAttempts } = semanticRetry;
  return createStepRecovery({
    semanticRetry: isAsked ? createSemanticRetry({ aiClient, maxAttempts, clock }) : undefined,
    available: (components) => breakers.available(components),
  });
}
