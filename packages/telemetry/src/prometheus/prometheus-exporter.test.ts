import { createRecordingTelemetry } from '@gomind/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPrometheusExporter } from './prometheus-exporter.ts';

/** Reads a text back as a scraper does: metric and label names, escaped values, a number. */
function parse(text: string): Map<string, { readonly labels: Map<string, string>; readonly value: number }[]> {
  const result = new Map<string, { readonly labels: Map<string, string>; readonly value: number }[]>();
  for (const line of text.split('\n').filter((candidate) => candidate !== '' && !candidate.startsWith('#'))) {
    // A line ends with \n alone; other line separators may stand inside a value.
    const match = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/s.exec(line);
    if (match === null) throw new Error(`no sample: ${line}`);
    const labels = new Map<string, string>();
    const inner = match[2] ?? '';
    const pair = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\[\\n"])*)"(?:,|$)/y;
    while (pair.lastIndex < inner.length) {
      const found = pair.exec(inner);
      if (found === null) throw new Error(`no label: ${inner}`);
      const unescape = (escaped: string): string => (escaped === '\\n' ? '\n' : escaped.slice(1));
      labels.set(found[1] ?? '', (found[2] ?? '').replace(/\\./g, unescape));
    }
    const samples = result.get(match[1] ?? '') ?? [];
    samples.push({ labels, value: Number(match[3]) });
    result.set(match[1] ?? '', samples);
  }
  return result;
}

describe('createPrometheusExporter', () => {
  it('writes counters, gauges and cumulative histogram buckets with units in their names', () => {
    const { telemetry, text, contentType } = createPrometheusExporter();
    const counter = { kind: 'counter', unit: '{call}', description: 'Calls, all\nof them' } as const;
    telemetry.recordMetric('gomind.calls', 1, { 'gomind.component.name': 'weather' }, counter);
    telemetry.recordMetric('gomind.calls', 2, { 'gomind.component.name': 'weather' }, counter);
    telemetry.recordMetric('gomind.level', -3, {}, { kind: 'gauge' });
    for (const seconds of [0.005, 0.3, 500]) telemetry.recordMetric('gomind.took', seconds, {}, { unit: 's' });

    expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
    const lines = text().split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        '# HELP gomind_calls_total Calls, all\\nof them',
        '# TYPE gomind_calls_total counter',
        'gomind_calls_total{gomind_component_name="weather"} 3',
        '# TYPE gomind_level gauge',
        'gomind_level -3',
        '# TYPE gomind_took_seconds histogram',
        'gomind_took_seconds_bucket{le="0.01"} 1',
        'gomind_took_seconds_bucket{le="0.32"} 2',
        'gomind_took_seconds_bucket{le="81.92"} 2',
        'gomind_took_seconds_bucket{le="+Inf"} 3',
        'gomind_took_seconds_sum 500.305',
        'gomind_took_seconds_count 3',
      ]),
    );
    expect(text().endsWith('\n')).toBe(true);
  });

  it('can be read back whatever label values and names it was given', () => {
    const anyText = fc.string({ unit: 'grapheme', maxLength: 30 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.oneof(anyText, fc.constantFrom('le', '__name__', '')), anyText), { maxLength: 5 }),
        (entries) => {
          const { telemetry, text } = createPrometheusExporter();
          const value = 'a "b" \\ c\nd';
          telemetry.recordMetric('calls', 1, { ...Object.fromEntries(entries), plain: value }, { kind: 'counter' });
          const [sample] = parse(text()).get('calls_total') ?? [];
          expect(sample?.value).toBe(1);
          expect(sample?.labels.get('plain')?.split(';')).toContain(value);
        },
      ),
    );
  });

  it('adds further labels up in one series, and drops further names, when it is full', () => {
    const { telemetry, text } = createPrometheusExporter({ maxMetrics: 2, maxSeries: 3 });
    for (let user = 0; user < 1_000; user++) {
      telemetry.recordMetric('calls', 1, { user: String(user) }, { kind: 'counter' });
      telemetry.recordMetric(`name.${String(user)}`, 1, {}, { kind: 'counter' });
    }
    const samples = parse(text());
    expect([...samples.keys()]).toEqual(['calls_total', 'name_0_total']);
    const calls = samples.get('calls_total') ?? [];
    expect(calls).toHaveLength(3);
    expect(calls.find(({ labels }) => labels.get('otel_metric_overflow') === 'true')?.value).toBe(998);
  });

  it('ignores what is no value, and a second kind under the same name', () => {
    const { telemetry, text } = createPrometheusExporter();
    telemetry.recordMetric('size', 1, {}, { kind: 'gauge' });
    telemetry.recordMetric('size', 7);
    telemetry.recordMetric('odd', Number.NaN);
    telemetry.recordMetric('calls', -1, {}, { kind: 'counter' });
    telemetry.recordMetric('no name!', 1);
    expect(text()).toBe('# TYPE size gauge\nsize 1\n');
  });

  it('writes no series twice: an empty label is none, and halves of characters are all the same', () => {
    const { telemetry, text } = createPrometheusExporter();
    for (const attributes of [{}, { user: '' }, { user: undefined }, { user: '\uD800' }, { user: '\uD801' }]) {
      telemetry.recordMetric('calls', 1, attributes, { kind: 'counter' });
    }
    const lines = new TextDecoder().decode(new TextEncoder().encode(text()));
    expect(lines).toBe('# TYPE calls_total counter\ncalls_total 3\ncalls_total{user="\uFFFD"} 2\n');
  });

  it("leaves the names of a histogram's samples to it, whoever came first", () => {
    const { telemetry, text } = createPrometheusExporter();
    const gauge = { kind: 'gauge' } as const;
    telemetry.recordMetric('first.sum', 1, {}, gauge);
    telemetry.recordMetric('first', 1);
    telemetry.recordMetric('second', 1);
    for (const sample of ['count', 'sum', 'bucket']) telemetry.recordMetric(`second.${sample}`, 7, {}, gauge);
    const names = text()
      .split('\n')
      .flatMap((line) => /^# TYPE (\S+)/.exec(line)?.[1] ?? []);
    expect(names).toEqual(['first_sum', 'second']);
  });

  it('writes a sum that no number can hold as the format wants it', () => {
    const { telemetry, text } = createPrometheusExporter();
    for (const value of [1.7e308, 1.7e308]) telemetry.recordMetric('bytes', value, {}, { kind: 'counter' });
    expect(text()).toContain('bytes_total +Inf\n');
  });

  it('never throws, whatever JavaScript hands in', () => {
    const { telemetry, text } = createPrometheusExporter();
    const circle: unknown[] = [];
    circle.push(circle);
    for (const attributes of [null, 7, { list: circle }, { list: [1n] }, { [Symbol('s')]: 1 }]) {
      telemetry.recordMetric('calls', 1, attributes as never, { kind: 'counter' });
    }
    telemetry.recordMetric('size', 1, {}, { kind: 'gauge', description: 'of https://user:hunter2hunter2@host' });
    expect(text()).toContain('# HELP size of https://[redacted]@host\n');
  });

  it('writes no metric of a kind or with words that are none', () => {
    const { telemetry, text } = createPrometheusExporter();
    telemetry.recordMetric('odd', 1, {}, { kind: 'summary' as never });
    telemetry.recordMetric('size', 1, {}, { kind: 'gauge', description: 5 as never });
    expect(text()).toBe('# TYPE size gauge\nsize 1\n');
  });

  it.each([{ maxMetrics: Number.NaN }, { maxSeries: 'all' }, { telemetry: {} }, { maxSerie: 5 }, null])(
    'refuses options that cannot be used: %j',
    (options) => {
      expect(() => createPrometheusExporter(options as never)).toThrow(
        expect.objectContaining({ code: 'CONFIG_INVALID' }),
      );
    },
  );

  it('tells percentiles in the unit of the metric', () => {
    const { telemetry, percentiles } = createPrometheusExporter();
    for (let ms = 1; ms <= 1_000; ms++) telemetry.recordMetric('took', ms / 1_000, { ok: true }, { unit: 's' });
    const found = percentiles('took', { ok: true });
    expect(found?.count).toBe(1_000);
    expect(found?.p50).toBeCloseTo(0.5, 1);
    expect(Math.abs((found?.p99 ?? 0) - 0.99)).toBeLessThan(0.01);
    expect(percentiles('took')).toBeUndefined();
  });

  it('hands spans, context and metrics on, and leaves GenAI names out on request', async () => {
    const next = createRecordingTelemetry();
    const { telemetry, text } = createPrometheusExporter({ telemetry: next, genAiConventions: false });
    await telemetry.withSpan('work', {}, () => {
      telemetry.recordMetric('gen_ai.client.operation.duration', 1, {}, { unit: 's' });
      return Promise.resolve();
    });
    expect(next.spans.map(({ name }) => name)).toEqual(['work']);
    expect(next.metrics).toHaveLength(1);
    expect(text()).toBe('');
  });
});
