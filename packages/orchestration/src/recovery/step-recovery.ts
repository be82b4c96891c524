/**
 * Mends failed calls by what their errors say: other inputs from a model, or another component.
 *
 * @module
 */
import { type ComponentInfo, GomindError } from '@gomind/core';
import { analyzeError } from './analyze-error.ts';
import type { FailedCall, Recovery, StepRecovery } from './failed-call.ts';
import { findStandIn } from './find-stand-in.ts';
import type { SemanticRetry } from './semantic-retry.ts';

/** Stand-ins that are tried for one step. */
const maxStandIns = 2;

/** Options of {@link createStepRecovery}. */
export interface StepRecoveryOptions {
  /** Who corrects inputs. Default: nobody. */
  readonly semanticRetry?: SemanticRetry | undefined;
  /** Those of the components that can be called now. Default: all. */
  available?(components: readonly ComponentInfo[]): readonly ComponentInfo[];
}

/**
 * Makes the recovery of component calls.
 *
 * @param options who helps
 */
export function createStepRecovery(options: StepRecoveryOptions = {}): StepRecovery {
  return {
    recover: async (call) => {
      const { effect, isApproved } = call;
      switch (analyzeError(call.error, { effect, isApproved, isRetryExhausted: true })) {
        case 'correct-inputs':
          return options.semanticRetry?.correct(call);
        case 'other-component':
          return standInFor(call, options);
        default:
          return undefined;
      }
    },
  };
}

function standInFor(call: FailedCall, options: StepRecoveryOptions): Recovery | undefined {
  if (call.triedComponents.length > maxStandIns) return undefined;
  const { action, capability, effect, inputs, component } = call;
  const tried = new Set(call.triedComponents);
  const { offered = [] } = call.origin;
  const other = findStandIn(options.available?.(offered) ?? offered, { tried, action, capability, effect, inputs });
  if (other === undefined) return undefined;
  const isLeftAlone = GomindError.isInstance(call.error, 'CIRCUIT_OPEN');
  return {
    kind: 'component',
    component: other.name,
    reason: isLeftAlone ? `${component} failed too often and is left alone for now` : `${component} cannot be reached`,
  };
}
