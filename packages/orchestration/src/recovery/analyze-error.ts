/**
 * What can be done about a failed call: a pure judgement of the error, before anybody is asked or paid.
 *
 * The promise about effects stands above the wish to succeed: what may have happened is repeated only where repeating is
 * harmless, and changed only where nothing has happened at all.
 *
 * @module
 */
import { type EffectClass, GomindError } from '@gomind/core';

/**
 * - `retry`: make the same call again
 * - `correct-inputs`: the inputs are at fault; other ones may work
 * - `other-component`: the component is away; another one may do the same
 * - `give-up`: nothing of this helps
 */
export type Remedy = 'retry' | 'correct-inputs' | 'other-component' | 'give-up';

/** What is known of the call besides its error. */
export interface CallFacts {
  readonly effect: EffectClass;
  /** Whether the attempts for the same call are used up. Default: false. */
  readonly isRetryExhausted?: boolean;
  /** Whether a person agreed to this very call, so that nothing of it may change. Default: false. */
  readonly isApproved?: boolean;
}

/** Codes that say the component itself cannot be had. */
const awayCodes: ReadonlySet<string> = new Set(['COMPONENT_UNAVAILABLE', 'CIRCUIT_OPEN']);
/** Codes that blame the inputs. */
const inputCodes: ReadonlySet<string> = new Set(['INPUT_ERROR', 'PARAM_MISSING']);
const inputStatuses: ReadonlySet<unknown> = new Set([400, 404, 422]);

/** Some services answer 400 where they mean 401: other inputs do not help against that. */
const speaksOfAccess =
  /\b(?:api[ _-]?key|credentials?|unauthori[sz]ed|forbidden|permission|not (?:authori[sz]ed|permitted)|log ?in)\b/i;

/**
 * Judges a failed call.
 *
 * @param error what the call threw; `details.hasEffect: false` proves that nothing happened
 */
export function analyzeError(error: unknown, facts: CallFacts): Remedy {
  if (!GomindError.isInstance(error)) return 'give-up';
  // What an open circuit refuses was never sent.
  const hasNoEffect = error.details['hasEffect'] === false || error.code === 'CIRCUIT_OPEN';
  const isRepeatable = facts.effect === 'pure' || facts.effect === 'idempotent';
  if (error.isRetryable && facts.isRetryExhausted !== true) return isRepeatable || hasNoEffect ? 'retry' : 'give-up';
  // Another call is not the same call again: an idempotency key does not reach across inputs or components.
  const mayDiffer = facts.isApproved !== true && (hasNoEffect || facts.effect === 'pure');
  if (!mayDiffer) return 'give-up';
  if (blamesInputs(error)) return 'correct-inputs';
  return isAway(error) ? 'other-component' : 'give-up';
}

function blamesInputs(error: GomindError): boolean {
  const { status } = error.details;
  // A tool that says NOT_FOUND in words of its own does not know a thing that was asked for: a city, an account.
  const isCode = inputCodes.has(error.code) || (error.code === 'NOT_FOUND' && hasOwnCode(error));
  // Without a status the inputs were refused before the call; one of success stands around an envelope that says otherwise.
  const isStatus = typeof status !== 'number' || status < 300 || inputStatuses.has(status);
  return isCode && isStatus && !speaksOfAccess.test(error.message);
}

function isAway(error: GomindError): boolean {
  return awayCodes.has(error.code) || (error.code === 'NOT_FOUND' && !hasOwnCode(error));
}

function hasOwnCode({ details }: GomindError): boolean {
  return typeof details['componentCode'] === 'string';
}
