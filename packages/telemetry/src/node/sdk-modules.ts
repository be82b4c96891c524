/**
 * The SDK's packages, loaded on first use: they are optional peers, and heavy.
 *
 * @module
 */
import { GomindError } from '@gomind/core';
import type * as ContextAsyncHooks from '@opentelemetry/context-async-hooks';
import type * as Resources from '@opentelemetry/resources';
import type * as SdkMetrics from '@opentelemetry/sdk-metrics';
import type * as SdkTrace from '@opentelemetry/sdk-trace';
import type { LoadModule, SdkPackage } from './load-module.ts';

/** The packages that are always needed. */
export interface SdkModules {
  readonly hooks: typeof ContextAsyncHooks;
  readonly resources: typeof Resources;
  readonly metrics: typeof SdkMetrics;
  readonly trace: typeof SdkTrace;
}

/**
 * Loads the SDK.
 *
 * @throws GomindError `DEPENDENCY_MISSING` with the command that installs what is missing
 */
export async function loadSdk(load: LoadModule): Promise<SdkModules> {
  const [hooks, resources, metrics, trace] = await Promise.all([
    loadPackage('@opentelemetry/context-async-hooks', load),
    loadPackage('@opentelemetry/resources', load),
    loadPackage('@opentelemetry/sdk-metrics', load),
    loadPackage('@opentelemetry/sdk-trace', load),
  ]);
  return { hooks, resources, metrics, trace } as unknown as SdkModules;
}

/**
 * Loads one package of OpenTelemetry.
 *
 * @throws GomindError `DEPENDENCY_MISSING`
 */
export async function loadPackage(name: SdkPackage, load: LoadModule): Promise<unknown> {
  try {
    return await load(name);
  } catch (cause) {
    throw new GomindError({
      code: 'DEPENDENCY_MISSING',
      message:
        `setupTelemetry needs the package ${name}, which cannot be loaded. Install the SDK: npm install ` +
        '@opentelemetry/sdk-trace @opentelemetry/sdk-metrics @opentelemetry/resources @opentelemetry/context-async-hooks ' +
        '@opentelemetry/exporter-trace-otlp-proto @opentelemetry/exporter-metrics-otlp-proto ' +
        '(or the exporters ending in -http, for OTEL_EXPORTER_OTLP_PROTOCOL=http/json).',
      details: { package: name },
      cause,
    });
  }
}
