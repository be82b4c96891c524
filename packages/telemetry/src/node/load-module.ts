/**
 * Loads the SDK's packages by name, each on first use: they are optional peers, and heavy.
 *
 * @module
 */

const loaders = {
  '@opentelemetry/context-async-hooks': (): Promise<unknown> => import('@opentelemetry/context-async-hooks'),
  '@opentelemetry/resources': (): Promise<unknown> => import('@opentelemetry/resources'),
  '@opentelemetry/sdk-metrics': (): Promise<unknown> => import('@opentelemetry/sdk-metrics'),
  '@opentelemetry/sdk-trace': (): Promise<unknown> => import('@opentelemetry/sdk-trace'),
  '@opentelemetry/exporter-trace-otlp-proto': (): Promise<unknown> =>
    import('@opentelemetry/exporter-trace-otlp-proto'),
  '@opentelemetry/exporter-trace-otlp-http': (): Promise<unknown> => import('@opentelemetry/exporter-trace-otlp-http'),
  '@opentelemetry/exporter-metrics-otlp-proto': (): Promise<unknown> =>
    import('@opentelemetry/exporter-metrics-otlp-proto'),
  '@opentelemetry/exporter-metrics-otlp-http': (): Promise<unknown> =>
    import('@opentelemetry/exporter-metrics-otlp-http'),
} as const;

/** A package of the SDK. */
export type SdkPackage = keyof typeof loaders;

/** Loads one package. */
export type LoadModule = (name: SdkPackage) => Promise<unknown>;

/** What `import()` does. */
export const importModule: LoadModule = (name) => loaders[name]();
