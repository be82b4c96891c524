/**
 * Which errors speak against the health of a service, and which only against the request or the caller.
 *
 * @module
 */
import { GomindError } from './gomind-error.ts';

/**
 * Refusals, limits of the caller's own and cancellations: the service was not found to be ill. A refused call may never have
 * reached it.
 */
const neutralCodes: ReadonlySet<string> = new Set([
  'CANCELLED',
  'RUN_TIMEOUT',
  'LIMIT_EXCEEDED',
  'BULKHEAD_FULL',
  'CIRCUIT_OPEN',
  'RATE_LIMITED',
  'RATE_LIMIT',
  'OVERLOADED',
  'INPUT_ERROR',
  'NOT_AUTHORIZED',
  'NOT_FOUND',
  'CONFLICT',
]);

/** Answers that nobody could use: repeating the request may not help, but the service is not well. */
const unusableAnswerCodes: ReadonlySet<string> = new Set(['COMPONENT_BAD_RESPONSE', 'MODEL_BAD_RESPONSE']);

/** Request Timeout: the one status below 500 that says the service was too slow. */
const requestTimeoutStatus = 408;

/**
 * The default judge of a circuit breaker.
 *
 * Not counted: cancellation and the end of the whole run; answers with status 4xx (408 excepted; 429 included), in `status` or
 * `statusCode` of the error or its `details`, or with an error code of the house that means one; rejections by a limit, rate
 * limit, bulkhead or another circuit; calls that found nobody registered (`details.isRegistered: false`); a GomindError without a status that says the same request can never succeed
 * (`isRetryable: false`), unless the service's answer could not be used. Everything else counts.
 *
 * @param error what the guarded operation threw
 * @returns true when the error counts against the service
 */
export function isServiceFailure(error: unknown): boolean {
  const statusCode = statusCodeOf(error);
  if (GomindError.isInstance(error)) {
    if (neutralCodes.has(error.code) || error.details['isRegistered'] === false) return false;
    if (unusableAnswerCodes.has(error.code)) return true;
    if (statusCode !== undefined) return isFailureStatus(statusCode);
    return error.isRetryable;
  }
  if (error instanceof Error && error.name === 'AbortError') return false;
  return statusCode === undefined || isFailureStatus(statusCode);
}

function isFailureStatus(statusCode: number): boolean {
  return statusCode === requestTimeoutStatus || statusCode < 400 || statusCode >= 500;
}

function statusCodeOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const details = GomindError.isInstance(error) ? error.details : {};
  const candidates: readonly unknown[] = [
    details['status'],
    details['statusCode'],
    'statusCode' in error ? error.statusCode : undefined,
    'status' in error ? error.status : undefined,
  ];
  return candidates.find((candidate): candidate is number => typeof candidate === 'number');
}
