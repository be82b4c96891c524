/**
 * Loads `@opentelemetry/api` on first use, so that names and loggers do not pay for it.
 *
 * @module
 */
import { createRequire } from 'node:module';
import type * as OpenTelemetry from '@opentelemetry/api';

/** The module `@opentelemetry/api`. */
export type OpenTelemetryApi = typeof OpenTelemetry;

/** Synchronous, because `createTelemetry` is. Node keeps one copy of the module. */
export function loadOpenTelemetryApi(): OpenTelemetryApi {
  return createRequire(import.meta.url)('@opentelemetry/api') as OpenTelemetryApi;
}
