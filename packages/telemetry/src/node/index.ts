/**
 * The public names of `@gomind/telemetry/node`: an OpenTelemetry SDK from the usual environment variables.
 *
 * @module
 */
export { setupTelemetry } from './setup-telemetry.ts';
export type { NodeTelemetry, SetupTelemetryOptions } from './setup-telemetry.ts';
