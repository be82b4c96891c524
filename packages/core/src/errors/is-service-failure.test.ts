import { describe, expect, it } from 'vitest';
import { GomindError, isServiceFailure } from '../index.ts';

function gomindError(code: string, isRetryable: boolean, details: Record<string, unknown> = {}): GomindError {
  return new GomindError({ code, message: code, isRetryable, details });
}

describe('isServiceFailure', () => {
  it.each([
    ['a plain error', new Error('socket hang up')],
    ['a thrown string', 'boom'],
    ['nothing at all', undefined],
    ['a timeout', gomindError('TIMEOUT', true)],
    ['an error with status 500', Object.assign(new Error('HTTP'), { status: 500 })],
    ['a GomindError with status 503', gomindError('SERVICE_ERROR', true, { statusCode: 503 })],
    ['a GomindError with status 501 that no retry can help', gomindError('HTTP_ERROR', false, { statusCode: 501 })],
    ['status 408', gomindError('HTTP_ERROR', true, { statusCode: 408 })],
    ['a 200 with an unusable answer', gomindError('COMPONENT_BAD_RESPONSE', false, { status: 200 })],
    ['a fault of the component', gomindError('COMPONENT_FAILED', false, { status: 500 })],
    ['an unusable answer without a status', gomindError('MODEL_BAD_RESPONSE', false)],
    ['a retryable GomindError without a status', gomindError('STORE_UNAVAILABLE', true)],
  ])('counts %s', (_name, error) => {
    expect(isServiceFailure(error)).toBe(true);
  });

  it.each([
    ['a cancellation', gomindError('CANCELLED', false)],
    ['an AbortError', new DOMException('aborted', 'AbortError')],
    ['a 400', gomindError('INPUT_ERROR', false, { statusCode: 400 })],
    ['a 404 of another library', Object.assign(new Error('HTTP'), { statusCode: 404 })],
    ['a 429', Object.assign(new Error('HTTP'), { status: 429 })],
    ['a rate limit with a retryable error', gomindError('RATE_LIMITED', true, { retryAfterMs: 10 })],
    ['a "no" in an envelope with status 200', gomindError('NOT_FOUND', false, { status: 200 })],
    ['the end of the run that the call was part of', gomindError('RUN_TIMEOUT', true)],
    ["a line of the caller's own that is full", gomindError('LIMIT_EXCEEDED', true)],
    ['a full bulkhead', gomindError('BULKHEAD_FULL', true)],
    ['a door that is full', gomindError('OVERLOADED', true)],
    ['a call for which nobody is registered', gomindError('COMPONENT_UNAVAILABLE', true, { isRegistered: false })],
    ['another open circuit', gomindError('CIRCUIT_OPEN', true)],
    ['a GomindError that no retry can help', gomindError('MODEL_AUTH', false)],
  ])('does not count %s', (_name, error) => {
    expect(isServiceFailure(error)).toBe(false);
  });
});
