/**
 * The exporters to a collector. What fails in them is logged once, never thrown.
 *
 * @module
 */
import { type Logger, redact } from '@gomind/core';
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { ExportSettings } from './node-settings.ts';
import type { LoadModule } from './load-module.ts';
import { loadPackage } from './sdk-modules.ts';

const suffixes = { 'http/protobuf': 'proto', 'http/json': 'http' } as const;

type ExporterClass<T> = new (config: { readonly url?: string }) => T;

/** Makes the exporter of spans. @throws GomindError `DEPENDENCY_MISSING` */
export async function createSpanExporter(
  settings: ExportSettings,
  { load, logger }: { readonly load: LoadModule; readonly logger: Logger },
): Promise<SpanExporter> {
  const module = await loadPackage(`@opentelemetry/exporter-trace-otlp-${suffixes[settings.protocol]}`, load);
  const { OTLPTraceExporter } = module as { readonly OTLPTraceExporter: ExporterClass<SpanExporter> };
  return reporting(new OTLPTraceExporter(configOf(settings)), { what: 'spans', logger });
}

/** Makes the exporter of metrics. @throws GomindError `DEPENDENCY_MISSING` */
export async function createMetricExporter(
  settings: ExportSettings,
  { load, logger }: { readonly load: LoadModule; readonly logger: Logger },
): Promise<PushMetricExporter> {
  const module = await loadPackage(`@opentelemetry/exporter-metrics-otlp-${suffixes[settings.protocol]}`, load);
  const { OTLPMetricExporter } = module as { readonly OTLPMetricExporter: ExporterClass<PushMetricExporter> };
  return reporting(new OTLPMetricExporter(configOf(settings)), { what: 'metrics', logger });
}

function configOf({ url }: ExportSettings): { readonly url?: string } {
  return url === undefined ? {} : { url };
}

interface Exporter<Item> {
  export(items: Item, done: (result: { code: number; error?: Error }) => void): void;
}

/** Logs when the collector becomes unreachable, and when it is back; not each failure. */
function reporting<Item, T extends Exporter<Item>>(
  exporter: T,
  { what, logger }: { readonly what: string; readonly logger: Logger },
): T {
  const send: Exporter<Item>['export'] = exporter.export.bind(exporter);
  let isFailing = false;
  exporter.export = (items: Item, done: Parameters<typeof send>[1]): void => {
    send(items, (result) => {
      const hasFailed = result.code !== 0;
      if (hasFailed && !isFailing) {
        const error = redact(result.error?.message ?? 'unknown error');
        logger.warn(`The collector does not take ${what}; the work goes on without it.`, { error });
      }
      if (!hasFailed && isFailing) logger.info(`The collector takes ${what} again.`);
      isFailing = hasFailed;
      done(result);
    });
  };
  return exporter;
}
