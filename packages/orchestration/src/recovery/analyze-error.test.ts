import { GomindError } from '@gomind/core';
import { describe, expect, it } from 'vitest';
import { analyzeError, type CallFacts, type Remedy } from './analyze-error.ts';

const answer = (
  code: string,
  status: number,
  more: Partial<GomindError> & Record<string, unknown> = {},
): GomindError => {
  const { message = 'the tool said so', isRetryable = false, ...details } = more;
  const hasEffect = status >= 500;
  return new GomindError({ code, message, isRetryable, details: { status, hasEffect, ...details } });
};
const network = new GomindError({
  code: 'COMPONENT_UNAVAILABLE',
  message: 'cannot be reached (ECONNREFUSED)',
  isRetryable: true,
  details: { hasEffect: false },
});
const brokenOff = new GomindError({
  code: 'COMPONENT_UNAVAILABLE',
  message: 'broke off',
  isRetryable: true,
  details: { hasEffect: true },
});
const spent = (facts: Partial<CallFacts> = {}): CallFacts => ({ effect: 'pure', isRetryExhausted: true, ...facts });

describe('an error of a call', () => {
  it.each<readonly [string, GomindError, Remedy]>([
    ['400', answer('INPUT_ERROR', 400), 'correct-inputs'],
    ['422', answer('INPUT_ERROR', 422), 'correct-inputs'],
    ['an envelope of failure in a 200', answer('INPUT_ERROR', 200), 'correct-inputs'],
    [
      '404 for a thing the tool does not know',
      answer('NOT_FOUND', 404, { componentCode: 'NO_CITY' }),
      'correct-inputs',
    ],
    ['404 for the capability', answer('NOT_FOUND', 404), 'other-component'],
    [
      'a missing parameter',
      new GomindError({ code: 'PARAM_MISSING', message: 'x', details: { hasEffect: false } }),
      'correct-inputs',
    ],
    ['401', answer('NOT_AUTHORIZED', 401), 'give-up'],
    ['403', answer('NOT_AUTHORIZED', 403), 'give-up'],
    ['a 400 that means 401', answer('INPUT_ERROR', 400, { message: 'invalid API key' }), 'give-up'],
    ['405', answer('NOT_FOUND', 405, { componentCode: 'X' }), 'give-up'],
    ['409', answer('CONFLICT', 409), 'give-up'],
    ['402, which only looks like bad inputs', answer('INPUT_ERROR', 402), 'give-up'],
    ['413', answer('LIMIT_EXCEEDED', 413), 'give-up'],
    ['429', answer('RATE_LIMITED', 429, { isRetryable: true }), 'give-up'],
    ['500', answer('COMPONENT_FAILED', 500), 'give-up'],
    ['503', answer('COMPONENT_UNAVAILABLE', 503, { isRetryable: true }), 'other-component'],
    ['504', answer('TIMEOUT', 504, { isRetryable: true }), 'give-up'],
    ['a refused connection', network, 'other-component'],
    [
      'an exhausted budget',
      new GomindError({ code: 'BUDGET_EXCEEDED', message: 'x', details: { hasEffect: false } }),
      'give-up',
    ],
  ])('%s is answered, when retries are used up, by: %s', (_name, error, remedy) => {
    expect(analyzeError(error, spent())).toBe(remedy);
  });

  it.each([
    answer('RATE_LIMITED', 429, { isRetryable: true }),
    answer('COMPONENT_UNAVAILABLE', 503, { isRetryable: true }),
    network,
    brokenOff,
  ])('is retried as it is while that can help: $code, $details', (error) => {
    expect(analyzeError(error, { effect: 'idempotent' })).toBe('retry');
  });

  it('is never retried where the effect may have happened and must not happen twice', () => {
    expect(analyzeError(brokenOff, { effect: 'irreversible' })).toBe('give-up');
    expect(analyzeError(brokenOff, spent({ effect: 'irreversible' }))).toBe('give-up');
    expect(analyzeError(network, { effect: 'irreversible' })).toBe('retry');
    expect(analyzeError(network, spent({ effect: 'irreversible' }))).toBe('other-component');
  });

  it('changes an irreversible call only with the proof that nothing happened', () => {
    expect(analyzeError(answer('INPUT_ERROR', 422), spent({ effect: 'irreversible' }))).toBe('correct-inputs');
    const unproven = answer('INPUT_ERROR', 422, { hasEffect: true });
    expect(analyzeError(unproven, spent({ effect: 'irreversible' }))).toBe('give-up');
    expect(analyzeError(unproven, spent({ effect: 'idempotent' }))).toBe('give-up');
  });

  it('changes nothing that a person has approved', () => {
    expect(analyzeError(answer('INPUT_ERROR', 422), spent({ isApproved: true }))).toBe('give-up');
    expect(analyzeError(network, spent({ isApproved: true }))).toBe('give-up');
    expect(analyzeError(network, { effect: 'pure', isApproved: true })).toBe('retry');
  });

  it('of unknown kind is given up', () => {
    expect(analyzeError(new TypeError('x'), spent())).toBe('give-up');
  });
});
