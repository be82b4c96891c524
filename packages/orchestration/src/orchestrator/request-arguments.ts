/**
 * What a caller hands to a request, checked before anything starts.
 *
 * @module
 */
import { GomindError, parseDurationMs } from '@gomind/core';
import { checkPriority } from '../execution/slots/check-priority.ts';
import { checkRunOptions } from '../plan/events/check-run-options.ts';
import type { RequestMetadata } from './orchestrator-response.ts';
import { isRecord } from '../plan/is-record.ts';

/**
 * Checks what JavaScript callers hand in: they are not held by types.
 *
 * @throws GomindError `CONFIG_INVALID`
 */
export function checkArguments(request: unknown, metadata: unknown, options: unknown): void {
  checkRunOptions('processRequest', options);
  const isObject = isRecord(metadata);
  if (isObject && 'cache' in metadata && !['boolean', 'undefined'].includes(typeof metadata['cache'])) {
    throw new GomindError({
      code: 'CONFIG_INVALID',
      message: `The request's cache setting ${JSON.stringify(metadata['cache'])} cannot be read. Accepted: true or false.`,
      details: { path: 'metadata.cache' },
    });
  }
  if (isObject && 'priority' in metadata) checkPriority(metadata['priority'], 'metadata.priority');
  if (typeof request === 'string' && isObject) return;
  throw new GomindError({
    code: 'CONFIG_INVALID',
    message:
      typeof request === 'string'
        ? 'The request metadata must be an object, for example { "timeout": "30s" }.'
        : `The request must be a string, not ${request === null ? 'null' : typeof request}.`,
  });
}

/**
 * Milliseconds that a request may take.
 *
 * @throws GomindError `CONFIG_INVALID` for a timeout that cannot be read
 */
export function requestTimeoutMs(metadata: RequestMetadata, defaultTimeoutMs: number): number {
  if (metadata.timeout === undefined) return defaultTimeoutMs;
  const timeoutMs = parseDurationMs(metadata.timeout);
  if (timeoutMs !== undefined && timeoutMs > 0) return timeoutMs;
  throw new GomindError({
    code: 'CONFIG_INVALID',
    message: `The request's timeout ${JSON.stringify(metadata.timeout)} cannot be read. Accepted: "250ms", "30s", "5m", or milliseconds above 0.`,
    details: { path: 'metadata.timeout' },
  });
}
