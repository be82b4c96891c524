/**
 * What a component call rejects with when there is no answer to read.
 *
 * @module
 */
import { cancellationError, componentOrigin, type ComponentInfo, GomindError, toGomindError } from '@gomind/core';
import type { CalledCapability } from './component-answer.ts';
import type { ExchangeFailure } from './http-exchange.ts';

/** The error of a call for which no instance is there. */
export function noInstance(component: string): GomindError {
  return new GomindError({
    code: 'COMPONENT_UNAVAILABLE',
    message: `No instance of "${component}" is registered any more. Start it, or check its heartbeat.`,
    isRetryable: true,
    details: { component, hasEffect: false, isRegistered: false },
  });
}

/** The error that an answer stands for, as it is; anything unforeseen becomes a failure of the component. */
export function failureAnswer(error: unknown): GomindError {
  return toGomindError(error, { code: 'COMPONENT_FAILED', message: 'A component call failed unexpectedly' });
}

/** The error of a call whose exchange failed. */
export function callFailure(
  failure: ExchangeFailure,
  instance: ComponentInfo,
  call: CalledCapability & { readonly signal: AbortSignal; readonly limitBytes: number },
): GomindError {
  const { component, action } = call;
  const name = `${component}.${action}`;
  const details = { component, action, instance: instance.id };
  if (failure.stage === 'too-large') {
    return new GomindError({
      code: 'LIMIT_EXCEEDED',
      message: `The answer of ${name} is larger than ${String(call.limitBytes)} bytes. Return less, or a reference to the data.`,
      details: { ...details, limit: call.limitBytes },
    });
  }
  if (call.signal.aborted) return cancellationError(call.signal, `The call of ${name}`);
  const code = causeCodeOf(failure.cause);
  const unavailable = (message: string, more: Readonly<Record<string, unknown>>): GomindError =>
    new GomindError({
      code: 'COMPONENT_UNAVAILABLE',
      message,
      isRetryable: true,
      details: { ...details, ...more },
      cause: failure.cause,
    });
  if (failure.stage === 'unsent') {
    const where = componentOrigin(instance);
    return unavailable(`${component} cannot be reached at ${where} (${code}). Is it running?`, {
      hasEffect: false,
      isUnreachable: true,
    });
  }
  if (failure.stage === 'sent' && !isProtocolError(code)) {
    return unavailable(`The connection to ${component} broke off during ${action} (${code}).`, {
      hasEffect: true,
      isBrokenOff: true,
    });
  }
  const isCut = !isProtocolError(code);
  return new GomindError({
    code: 'COMPONENT_BAD_RESPONSE',
    message: isCut
      ? `The answer of ${name} was cut off (${code}).`
      : `The answer of ${name} does not keep to HTTP (${code}). Is there another service at ${componentOrigin(instance)}?`,
    isRetryable: isCut,
    details: { ...details, isBrokenOff: isCut },
    cause: failure.cause,
  });
}

/** What was read is no HTTP, or has headers past every measure; trying again would read the same. */
function isProtocolError(code: string): boolean {
  return code.startsWith('HPE_') || code === 'UND_ERR_HEADERS_OVERFLOW';
}

function causeCodeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if ('code' in error && typeof error.code === 'string') return error.code;
  // Several addresses were tried: the reasons are inside.
  const inner = error instanceof AggregateError ? (error.errors[0] as unknown) : error.cause;
  return inner === undefined ? error.name : causeCodeOf(inner);
}
