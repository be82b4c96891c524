/**
 * Errors as plain data for results and events.
 *
 * @module
 */
import { toGomindError } from '@gomind/core';
import type { ErrorInfo } from '../../plan/execution-result.ts';

/**
 * The plain form of anything thrown by a step.
 *
 * @param error anything caught; what is no GomindError becomes `STEP_FAILED`
 */
export function toErrorInfo(error: unknown): ErrorInfo {
  const { code, message, isRetryable, details } = toGomindError(error, { code: 'STEP_FAILED' });
  return { code, message, isRetryable, ...(Object.keys(details).length === 0 ? {} : { details }) };
}
