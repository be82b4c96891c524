/**
 * The public names of `@gomind/telemetry`. Importing them loads no OpenTelemetry code; `createTelemetry` does.
 *
 * @module
 */

// Telemetry on OpenTelemetry
export { createTelemetry } from './otel/create-telemetry.ts';
export type { TelemetryOptions } from './otel/create-telemetry.ts';

// Logging
export { createJsonLogger } from './logging/json-logger.ts';
export type { JsonLoggerOptions } from './logging/json-logger.ts';
export { withLogContext } from './context/log-context.ts';

// Prometheus
export { createPrometheusExporter } from './prometheus/prometheus-exporter.ts';
export type { Percentiles, PrometheusExporter, PrometheusExporterOptions } from './prometheus/prometheus-exporter.ts';
export { prometheusLabelName, prometheusMetricName } from './prometheus/prometheus-names.ts';

// Names
export { genAiAttribute, genAiMetric, genAiOperation, genAiRegistryCommit } from './names/gen-ai.ts';
export { gomindAttribute, gomindMetric } from './names/gomind.ts';

export { metricCatalog, spanCatalog } from './names/catalog.ts';
export type { CatalogMetric, CatalogSpan } from './names/catalog.ts';

// W3C headers
export { formatTraceparent, parseTraceparent } from './w3c/traceparent.ts';
export type { TraceParent } from './w3c/traceparent.ts';
export { parseTracestate } from './w3c/tracestate.ts';
export { formatBaggage, parseBaggage } from './w3c/baggage.ts';
export type { BaggageMember } from './w3c/baggage.ts';
