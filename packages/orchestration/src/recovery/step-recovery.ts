/**
 * Mends failed calls by what their errors say: other inputs from a model, or another component.
 *
 * @module
 */
import { analyzeError } from './analyze-error.ts';
import type { FailedCall, Recovery, StepRecovery } from './failed-call.ts';
import { findStandIn } from './find-stand-in.ts';
import type { SemanticRetry } from './semantic-retry.ts';

/** Stand-ins that are tried for one step. */
const maxStandIns = 2;

/**
 * Makes the recovery of component calls.
 *
 * @param options who corrects inputs; undefined for nobody
 */
export function createStepRecovery(options: { readonly semanticRetry?: SemanticRetry | undefined } = {}): StepRecovery {
  return {
    recover: async (call) => {
      const { effect, isApproved } = call;
      switch (analyzeError(call.error, { effect, isApproved, isRetryExhausted: true })) {
        case 'correct-inputs':
          return options.semanticRetry?.correct(call);
        case 'other-component':
          return standInFor(call);
        default:
          return undefined;
      }
    },
  };
}

function standInFor(call: FailedCall): Recovery | undefined {
  if (call.triedComponents.length > maxStandIns) return undefined;
  const { action, capability, effect, inputs, component } = call;
  const tried = new Set(call.triedComponents);
  const other = findStandIn(call.origin.offered ?? [], { tried, action, capability, effect, inputs });
  if (other === undefined) return undefined;
  return { kind: 'component', component: other.name, reason: `${component} cannot be reached` };
}
