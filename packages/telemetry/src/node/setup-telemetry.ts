/**
 * An OpenTelemetry SDK in one call, from the usual environment variables.
 *
 * @module
 */
import { type Environment, type Logger, noopLogger, redactingLogger, type Telemetry, withTimeout } from '@gomind/core';
import type { MeterProvider } from '@opentelemetry/sdk-metrics';
import type { Sampler, TracerProvider } from '@opentelemetry/sdk-trace';
import { setFramesHoldAllContexts } from '../context/active-frame.ts';
import { createTelemetry } from '../otel/create-telemetry.ts';
import { loadOpenTelemetryApi } from '../otel/open-telemetry-api.ts';
import { createMetricExporter, createSpanExporter } from './exporters.ts';
import { createFrameContextManager } from './frame-context-manager.ts';
import { importModule, type LoadModule } from './load-module.ts';
import { type NodeSettings, readNodeSettings } from './node-settings.ts';
import { loadSdk, type SdkModules } from './sdk-modules.ts';

/** Options of {@link setupTelemetry}. Each beats its environment variable. */
export interface SetupTelemetryOptions {
  /** Default: `OTEL_SERVICE_NAME`, else `gomind`. */
  readonly serviceName?: string | undefined;
  /** Texts of models and tools on spans. Default: `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT`, else false. */
  readonly captureContent?: boolean | undefined;
  /** False leaves every attribute and metric named `gen_ai.*` out. Default: true. */
  readonly genAiConventions?: boolean | undefined;
  /**
   * Whether the SDK also serves other instrumentation in this process, by OpenTelemetry's global API. An SDK that is
   * registered already stays. Default: true.
   */
  readonly isGlobal?: boolean | undefined;
  /** Milliseconds that flushing and shutting down may take each. Default: 5,000. */
  readonly shutdownTimeoutMs?: number | undefined;
  /** Hears when the collector goes away and comes back. Default: none. */
  readonly logger?: Logger | undefined;
  /** Default: the process's. The exporters' headers, timeouts and certificates always come from the process. */
  readonly environment?: Environment | undefined;
  /** Loads a package by name. Default: `import()`. */
  readonly load?: LoadModule | undefined;
}

/** A running SDK. */
export interface NodeTelemetry extends AsyncDisposable {
  /** Hand this to everything that takes a Telemetry. */
  readonly telemetry: Telemetry;
  /** Sends what is waiting; never throws, and gives up after the shutdown timeout. */
  flush(): Promise<void>;
  /**
   * Sends what is waiting and ends; never throws, and gives up after the shutdown timeout. Later calls change nothing. A request
   * to a collector that is away goes on behind it and keeps the process alive, for `OTEL_EXPORTER_OTLP_TIMEOUT` (10 s) at most.
   */
  shutdown(): Promise<void>;
  /** The same as `shutdown`, by the name that everything else here is closed with. */
  close(): Promise<void>;
}

const defaultShutdownTimeoutMs = 5_000;

/**
 * Starts the SDK. A collector that is away costs nothing but what it would have been told: queues are bounded, sending
 * happens in the background, and failures are logged, not thrown.
 *
 * Read are `OTEL_SDK_DISABLED`, `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_TRACES_EXPORTER` and
 * `OTEL_METRICS_EXPORTER` (`otlp`, `none`), `OTEL_EXPORTER_OTLP_*` (protocols `http/protobuf` and `http/json`),
 * `OTEL_TRACES_SAMPLER` with its `_ARG`, `OTEL_BSP_*`, `OTEL_METRIC_EXPORT_*`.
 *
 * @throws GomindError `DEPENDENCY_MISSING` when the SDK is not installed; `CONFIG_INVALID` for a variable that cannot be
 *   read, or a logger that is none
 * @example
 * ```ts
 * await using collected = await setupTelemetry({ serviceName: 'travel-assistant' });
 * const telemetry = collected.telemetry;
 * ```
 */
export async function setupTelemetry(options: SetupTelemetryOptions = {}): Promise<NodeTelemetry> {
  const settings = readNodeSettings(options.environment);
  const { shutdownTimeoutMs = defaultShutdownTimeoutMs } = options;
  const logger = redactingLogger(options.logger ?? noopLogger);
  const { genAiConventions, captureContent = settings.captureContent } = options;
  const serviceName = options.serviceName ?? settings.serviceName ?? 'gomind';
  const shared = { serviceName, genAiConventions, captureContent, logger };
  if (settings.isDisabled) return wrap(createTelemetry(shared), { providers: [], shutdownTimeoutMs });

  const providers = await createProviders(settings, { ...options, serviceName, logger });
  const unregister = (options.isGlobal ?? true) ? register(providers) : (): void => undefined;
  const { tracerProvider, meterProvider } = providers;
  const telemetry = createTelemetry({ ...shared, tracerProvider, meterProvider });
  return wrap(telemetry, { providers: [tracerProvider, meterProvider], shutdownTimeoutMs, unregister });
}

interface Providers {
  readonly sdk: SdkModules;
  readonly tracerProvider: TracerProvider;
  readonly meterProvider: MeterProvider;
}

async function createProviders(
  settings: NodeSettings,
  { load = importModule, serviceName, logger }: SetupTelemetryOptions & { serviceName: string; logger: Logger },
): Promise<Providers> {
  const sdk = await loadSdk(load);
  const { traces, metrics } = settings;
  const spanExporter = traces === undefined ? undefined : await createSpanExporter(traces, { load, logger });
  const metricExporter = metrics === undefined ? undefined : await createMetricExporter(metrics, { load, logger });
  const resource = sdk.resources
    .defaultResource()
    .merge(sdk.resources.detectResources({ detectors: [sdk.resources.resourceAttributesEnvDetector] }))
    .merge(sdk.resources.resourceFromAttributes({ 'service.name': serviceName }));
  const { maxQueueSize, maxExportBatchSize, scheduledDelayMs, exportTimeoutMs } = settings;
  const batching = {
    maxQueueSize,
    maxExportBatchSize,
    scheduledDelayMillis: scheduledDelayMs,
    exportTimeoutMillis: exportTimeoutMs,
  };
  const tracerProvider = new sdk.trace.TracerProvider({
    resource,
    sampler: createSampler(settings, sdk),
    spanProcessors:
      spanExporter === undefined ? [] : [new sdk.trace.BatchSpanProcessor({ ...batching, exporter: spanExporter })],
  });
  const reading = {
    exportIntervalMillis: Math.max(settings.metricIntervalMs, settings.metricTimeoutMs),
    exportTimeoutMillis: settings.metricTimeoutMs,
  };
  const { PeriodicExportingMetricReader } = sdk.metrics;
  const readers =
    metricExporter === undefined ? [] : [new PeriodicExportingMetricReader({ ...reading, exporter: metricExporter })];
  return { sdk, tracerProvider, meterProvider: new sdk.metrics.MeterProvider({ resource, readers }) };
}

function createSampler({ sampler, samplerRatio }: NodeSettings, { trace }: SdkModules): Sampler {
  const makers: Readonly<Record<string, () => Sampler>> = {
    always_on: () => new trace.AlwaysOnSampler(),
    always_off: () => new trace.AlwaysOffSampler(),
    traceidratio: () => new trace.TraceIdRatioBasedSampler(samplerRatio),
  };
  const root = (makers[sampler.replace('parentbased_', '')] ?? (() => new trace.AlwaysOnSampler()))();
  return sampler.startsWith('parentbased_') ? new trace.ParentBasedSampler({ root }) : root;
}

/** Registers what is not registered yet; the answer takes back exactly that. */
function register({ sdk, tracerProvider, meterProvider }: Providers): () => void {
  const api = loadOpenTelemetryApi();
  const { context, metrics, trace } = api;
  const hasContext = context.setGlobalContextManager(createFrameContextManager(sdk, api));
  if (hasContext) setFramesHoldAllContexts(true);
  const hasTrace = trace.setGlobalTracerProvider(tracerProvider);
  const hasMetrics = metrics.setGlobalMeterProvider(meterProvider);
  return () => {
    if (hasContext) {
      setFramesHoldAllContexts(false);
      context.disable();
    }
    if (hasTrace) trace.disable();
    if (hasMetrics) metrics.disable();
  };
}

interface Ending {
  readonly providers: readonly { forceFlush(): Promise<void>; shutdown(): Promise<void> }[];
  readonly shutdownTimeoutMs: number;
  readonly unregister?: () => void;
}

function wrap(telemetry: Telemetry, { providers, shutdownTimeoutMs, unregister }: Ending): NodeTelemetry {
  const settle = async (what: string, operations: readonly (() => Promise<void>)[]): Promise<void> => {
    const all = async (): Promise<unknown> => Promise.allSettled(operations.map(async (operation) => operation()));
    // What the collector did not take by then is lost: an application that ends must not wait for it.
    await withTimeout(all, { timeoutMs: shutdownTimeoutMs, what }).catch(() => undefined);
  };
  let ending: Promise<void> | undefined;
  const shutdown = (): Promise<void> => {
    ending ??= settle(
      'Shutting telemetry down',
      providers.map((provider) => () => provider.shutdown()),
    ).finally(unregister);
    return ending;
  };
  return {
    telemetry,
    flush: () =>
      settle(
        'Flushing telemetry',
        providers.map((provider) => () => provider.forceFlush()),
      ),
    shutdown,
    close: shutdown,
    [Symbol.asyncDispose]: shutdown,
  };
}
