/**
 * Metric instruments by name, made on first use.
 *
 * @module
 */
import type { Attributes, MetricOptions } from '@gomind/core';
import type { Attributes as OpenTelemetryAttributes, Meter, MeterProvider } from '@opentelemetry/api';
import type { Attempt } from './attempt.ts';
import { genAiPrefix, toOpenTelemetryAttributes } from './attributes.ts';
import { histogramBoundaries } from './histogram-boundaries.ts';

/** What the cache needs of its telemetry. */
export interface InstrumentCacheOptions {
  /** Asked at each value: an SDK may be registered after the first. */
  readonly meterProvider: () => MeterProvider;
  /** Values for it are dropped before anything is made of them. */
  readonly noopMeter: Meter;
  readonly scopeName: string;
  readonly maxInstruments: number;
  readonly includeGenAi: boolean;
  readonly attempt: Attempt;
}

type RecordValue = (value: number, attributes: OpenTelemetryAttributes) => void;

/** Syntax of instrument names: https://opentelemetry.io/docs/specs/otel/metrics/api/#instrument-name-syntax */
const namePattern = /^[a-z][a-z0-9_.\-/]{0,254}$/i;

const ignore: RecordValue = () => undefined;

/** Records values; invalid ones are ignored. */
export class InstrumentCache {
  readonly #options: InstrumentCacheOptions;
  readonly #records = new Map<string, RecordValue>();
  #provider: MeterProvider | undefined;

  constructor(options: InstrumentCacheOptions) {
    this.#options = options;
  }

  /** Records one value; unit and kind are those of the name's first call. */
  record(name: string, value: number, attributes: Attributes, options: MetricOptions): void {
    if (!Number.isFinite(value)) return;
    const { attempt, includeGenAi } = this.#options;
    attempt(() => {
      const record = this.#recordOf(name, options);
      if (record !== ignore) record(value, toOpenTelemetryAttributes(attributes, { includeGenAi }));
    });
  }

  #recordOf(name: string, options: MetricOptions): RecordValue {
    const provider = this.#options.meterProvider();
    if (provider !== this.#provider) {
      this.#records.clear();
      this.#provider = provider;
    }
    const known = this.#records.get(name);
    if (known !== undefined) return known;
    const { includeGenAi, maxInstruments, noopMeter, scopeName } = this.#options;
    if (!namePattern.test(name) || (!includeGenAi && name.startsWith(genAiPrefix))) return ignore;
    if (this.#records.size >= maxInstruments) return ignore;
    // Set first: a provider that cannot make the instrument is not asked again at every value.
    this.#records.set(name, ignore);
    const meter = provider.getMeter(scopeName);
    if (meter === noopMeter) return ignore;
    const record = createRecord(meter, name, options);
    this.#records.set(name, record);
    return record;
  }
}

function createRecord(
  meter: Meter,
  name: string,
  { kind = 'histogram', unit, description }: MetricOptions,
): RecordValue {
  const options = { ...(unit === undefined ? {} : { unit }), ...(description === undefined ? {} : { description }) };
  if (kind === 'gauge') {
    const gauge = meter.createGauge(name, options);
    return (value, attributes) => {
      gauge.record(value, attributes);
    };
  }
  if (kind === 'counter') {
    const counter = meter.createCounter(name, options);
    return (value, attributes) => {
      if (value >= 0) counter.add(value, attributes);
    };
  }
  const boundaries = histogramBoundaries(name, unit);
  const histogram = meter.createHistogram(name, {
    ...options,
    ...(boundaries === undefined ? {} : { advice: { explicitBucketBoundaries: [...boundaries] } }),
  });
  return (value, attributes) => {
    if (value >= 0) histogram.record(value, attributes);
  };
}
