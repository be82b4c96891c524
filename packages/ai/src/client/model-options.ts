/**
 * Settings that every client of a model has, whatever SDK is behind it.
 *
 * @module
 */
import { type Clock, GomindError, noopTelemetry, systemClock, type Telemetry } from '@gomind/core';
import { modelPrices, type ModelPrices } from '../pricing/model-prices.ts';
import type { AICall, AICallResult } from './model-call.ts';

/** Settings of a client of one model provider. */
export interface ModelOptions {
  /**
   * Milliseconds for one whole call, streamed or not. Default: 60,000; for a stream that keeps coming, 600,000 once its first
   * piece came within 60,000.
   */
  readonly timeoutMs?: number;
  /** Milliseconds without a new piece of a streamed answer, once it began. Default: 20,000. */
  readonly idleTimeoutMs?: number;
  /** What models cost. Default: {@link modelPrices}; a model without a price has no `costUsd`. */
  readonly prices?: ModelPrices;
  /** Sees each call before it is made. No keys, no headers; the messages, though, are people's. Errors of the hook are ignored. */
  readonly onRequest?: (call: AICall) => void;
  /** Sees how each call ended. Errors of the hook are ignored. */
  readonly onResponse?: (result: AICallResult) => void;
  readonly telemetry?: Telemetry;
  readonly clock?: Clock;
}

/** {@link ModelOptions} with every default filled in. */
export interface ModelSettings {
  readonly timeoutMs: number;
  readonly streamTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly prices: ModelPrices;
  readonly onRequest: (call: AICall) => void;
  readonly onResponse: (result: AICallResult) => void;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
}

/** Names of {@link ModelOptions}. */
export const modelOptionNames: readonly string[] = [
  'timeoutMs',
  'idleTimeoutMs',
  'prices',
  'onRequest',
  'onResponse',
  'telemetry',
  'clock',
];

const nothing = (): void => undefined;

/**
 * Fills in the defaults and checks what was given.
 *
 * @throws GomindError `CONFIG_INVALID`
 */
export function modelSettings(options: ModelOptions): ModelSettings {
  requirePositive('timeoutMs', options.timeoutMs);
  requirePositive('idleTimeoutMs', options.idleTimeoutMs);
  return {
    timeoutMs: options.timeoutMs ?? 60_000,
    streamTimeoutMs: options.timeoutMs ?? 600_000,
    idleTimeoutMs: options.idleTimeoutMs ?? 20_000,
    prices: options.prices ?? modelPrices,
    onRequest: options.onRequest ?? nothing,
    onResponse: options.onResponse ?? nothing,
    telemetry: options.telemetry ?? noopTelemetry,
    clock: options.clock ?? systemClock,
  };
}

/**
 * Refuses a limit that would stop everything.
 *
 * @throws GomindError `CONFIG_INVALID`
 */
export function requirePositive(name: string, value: number | undefined): void {
  if (value === undefined || value > 0) return;
  throw new GomindError({
    code: 'CONFIG_INVALID',
    message: `The AI client's ${name} cannot be used. Accepted: a number above 0.`,
    details: { option: name },
  });
}
