/**
 * OpenTelemetry's environment variables, as far as the SDK's parts do not read them by themselves
 * (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/). The exporters read headers, timeouts,
 * compression and certificates (`OTEL_EXPORTER_OTLP_*`); the resource is read by its detectors.
 *
 * @module
 */
import {
  type Environment,
  GomindError,
  readEnv,
  readEnvBoolean,
  readEnvChoice,
  readEnvInteger,
  readEnvNumber,
  protectSecret,
} from '@gomind/core';

/** One signal's way to the collector; undefined when it is not exported. */
export interface ExportSettings {
  readonly protocol: (typeof protocols)[number];
  /** Default: the exporter's own, http://localhost:4318. */
  readonly url: string | undefined;
}

/** What the environment says. */
export interface NodeSettings {
  readonly isDisabled: boolean;
  readonly serviceName: string | undefined;
  readonly traces: ExportSettings | undefined;
  readonly metrics: ExportSettings | undefined;
  readonly sampler: (typeof samplers)[number];
  readonly samplerRatio: number;
  readonly maxQueueSize: number;
  readonly maxExportBatchSize: number;
  readonly scheduledDelayMs: number;
  readonly exportTimeoutMs: number;
  readonly metricIntervalMs: number;
  readonly metricTimeoutMs: number;
  readonly captureContent: boolean;
}

const protocols = ['http/protobuf', 'http/json'] as const;
const exporters = ['otlp', 'none'] as const;
const samplers = [
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
  'always_on',
  'always_off',
  'traceidratio',
] as const;

/**
 * Reads the settings; defaults are those of the specification, but for the protocol's `grpc`, which is not supported.
 *
 * @throws GomindError `CONFIG_INVALID` naming the variable and what it accepts
 */
export function readNodeSettings(environment?: Environment): NodeSettings {
  protectHeaders(environment);
  const integer = (name: string, fallback: number): number => readEnvInteger(name, { min: 1 }, environment) ?? fallback;
  const maxQueueSize = integer('OTEL_BSP_MAX_QUEUE_SIZE', 2_048);
  return {
    isDisabled: readEnvBoolean('OTEL_SDK_DISABLED', environment) ?? false,
    serviceName: readEnv('OTEL_SERVICE_NAME', environment),
    traces: exportSettings('traces', environment),
    metrics: exportSettings('metrics', environment),
    sampler: readEnvChoice('OTEL_TRACES_SAMPLER', samplers, environment) ?? 'parentbased_always_on',
    samplerRatio: readEnvNumber('OTEL_TRACES_SAMPLER_ARG', { min: 0, max: 1 }, environment) ?? 1,
    maxQueueSize,
    maxExportBatchSize: Math.min(maxQueueSize, integer('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512)),
    scheduledDelayMs: integer('OTEL_BSP_SCHEDULE_DELAY', 5_000),
    exportTimeoutMs: integer('OTEL_BSP_EXPORT_TIMEOUT', 30_000),
    metricIntervalMs: integer('OTEL_METRIC_EXPORT_INTERVAL', 60_000),
    metricTimeoutMs: integer('OTEL_METRIC_EXPORT_TIMEOUT', 30_000),
    captureContent: readEnvBoolean('OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT', environment) ?? false,
  };
}

/** The headers that the exporters send hold the collector's key, as a rule. */
function protectHeaders(environment: Environment | undefined): void {
  for (const infix of ['', 'TRACES_', 'METRICS_']) {
    for (const pair of (readEnv(`OTEL_EXPORTER_OTLP_${infix}HEADERS`, environment) ?? '').split(',')) {
      protectSecret(pair.slice(pair.indexOf('=') + 1).trim());
    }
  }
}

function exportSettings(
  signal: 'traces' | 'metrics',
  environment: Environment | undefined,
): ExportSettings | undefined {
  const name = signal.toUpperCase();
  if (readEnvChoice(`OTEL_${name}_EXPORTER`, exporters, environment) === 'none') return undefined;
  const protocol =
    readEnvChoice(`OTEL_EXPORTER_OTLP_${name}_PROTOCOL`, protocols, environment) ??
    readEnvChoice('OTEL_EXPORTER_OTLP_PROTOCOL', protocols, environment) ??
    'http/protobuf';
  const whole = readUrl(`OTEL_EXPORTER_OTLP_${name}_ENDPOINT`, environment);
  const base = readUrl('OTEL_EXPORTER_OTLP_ENDPOINT', environment);
  const url = whole ?? (base === undefined ? undefined : `${base.replace(/\/+$/, '')}/v1/${signal}`);
  return { protocol, url };
}

function readUrl(name: string, environment: Environment | undefined): string | undefined {
  const value = readEnv(name, environment);
  if (value === undefined) return undefined;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return value;
  // The value is not quoted: it may hold a password.
  throw new GomindError({
    code: 'CONFIG_INVALID',
    message: `Environment variable ${name} is no URL. Accepted: one that begins with http:// or https://.`,
    details: { variable: name },
  });
}
