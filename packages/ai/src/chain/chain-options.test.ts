import { createScriptedAIClient } from '@gomind/core/testing';
import { describe, expect, it } from 'vitest';
import { createChainClient } from './create-chain-client.ts';

describe('createChainClient', () => {
  it.each([
    [{ failsOver: 'always' }, /failsOver must be a function/],
    [{ onFailover: {} }, /onFailover must be a function/],
    [{ cooldownMs: Number.NaN }, /cooldownMs must be a number of milliseconds/],
    [{ breaker: 'none' }, /breaker must be a function/],
    [{ breaker: () => undefined }, /circuitBreaker must be a CircuitBreaker/],
    [{ telemetry: {} }, /telemetry must be a Telemetry/],
  ])('refuses options that cannot be used: %o', (options, message) => {
    expect(() => createChainClient([createScriptedAIClient('Hi.')], options as never)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(message) as string }),
    );
  });

  it('needs a provider', () => {
    expect(() => createChainClient([])).toThrow(/at least one/);
  });
});
