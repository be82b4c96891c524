import { createServer } from 'node:net';
import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createRecordingLogger } from '@gomind/core/testing';
import { startOtlpReceiver } from '@gomind/otlp-receiver';
import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import { currentLogFields } from '../context/log-context.ts';
import { gomindAttribute } from '../names/gomind.ts';
import { setupTelemetry } from './index.ts';
import { importModule, type LoadModule } from './load-module.ts';

/** An address at which nobody listens. */
async function emptyAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${String(typeof address === 'object' ? address?.port : 0)}`;
}

describe('setupTelemetry', () => {
  it.each(['http/protobuf', 'http/json'])('sends connected spans and metrics as %s', async (protocol) => {
    await using receiver = await startOtlpReceiver();
    const environment = {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_SERVICE_NAME: 'travel',
    };
    await using collected = await setupTelemetry({ environment, isGlobal: false });
    const { telemetry } = collected;
    await telemetry.withSpan('outer', {}, async () => {
      telemetry.recordMetric('gomind.step.duration', 0.1, {}, { unit: 's' });
      await telemetry.withSpan('inner', { kind: 'client', attributes: { 'gomind.run.id': 'r1' } }, async () => {});
    });
    await collected.shutdown();

    const [inner, outer] = receiver.spans();
    expect(inner).toMatchObject({ name: 'inner', kind: 3, service: 'travel', attributes: { 'gomind.run.id': 'r1' } });
    expect(inner?.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(inner).toMatchObject({ traceId: outer?.traceId, parentSpanId: outer?.spanId });
    expect(outer?.parentSpanId).toBe('');
    const metrics = receiver.requests.find(({ path }) => path === '/v1/metrics');
    expect(metrics?.contentType).toContain(protocol === 'http/json' ? 'json' : 'protobuf');
    expect(metrics?.body.includes('gomind.step.duration')).toBe(true);
  });

  it('keeps texts of models off the wire unless they are wanted, and secrets always', async () => {
    const sent = async (captureContent: boolean): Promise<Readonly<Record<string, unknown>> | undefined> => {
      await using receiver = await startOtlpReceiver();
      const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
      await using collected = await setupTelemetry({ environment, captureContent, isGlobal: false });
      await collected.telemetry.withSpan('execute_tool pay', {}, async (span) => {
        expect(span.capturesContent).toBe(captureContent);
        span.setAttributes({
          'gen_ai.tool.call.arguments': JSON.stringify({ amount: 3, apiKey: 'sk-planted-1' }),
          'gen_ai.tool.name': 'pay at https://user:sk-planted-2@shop',
        });
        await Promise.resolve();
      });
      await collected.flush();
      expect(Buffer.concat(receiver.requests.map(({ body }) => body)).includes('sk-planted')).toBe(false);
      return receiver.spans()[0]?.attributes;
    };
    expect(await sent(false)).toEqual({ 'gen_ai.tool.name': 'pay at https://[redacted]@shop' });
    expect(await sent(true)).toMatchObject({ 'gen_ai.tool.call.arguments': '{"amount":3,"apiKey":"[redacted]"}' });
  });

  it("keeps the collector's key out of what it is sent", async () => {
    await using receiver = await startOtlpReceiver();
    const key = 'planted-collector-key-lynx';
    const environment = {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_HEADERS: `x-collector=${key},x-tenant=blue`,
    };
    await using collected = await setupTelemetry({ environment, isGlobal: false });
    await collected.telemetry.withSpan(`use ${key}`, {}, async () => {});
    await collected.flush();
    expect(receiver.spans().map(({ name }) => name)).toEqual(['use [redacted]']);
  });

  it('registers globally, and takes back what it registered', async () => {
    const collected = await setupTelemetry({
      environment: { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' },
    });
    const isRecording = (): boolean => trace.getTracer('other').startSpan('x').isRecording();
    expect(isRecording()).toBe(true);
    await Promise.all([collected.shutdown(), collected.close(), collected.shutdown()]);
    expect(isRecording()).toBe(false);
  });

  it('shares the current span, and the log fields, with other instrumentation', async () => {
    const environment = { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' };
    await using collected = await setupTelemetry({ environment });
    const { telemetry } = collected;
    const other = trace.getTracer('other');
    const currentId = (): string | undefined => telemetry.currentIds()?.spanId;
    let bound: () => string | undefined = () => undefined;
    await telemetry.withSpan('outer', { attributes: { [gomindAttribute.runId]: 'run-1' } }, async (outer) => {
      await Promise.resolve();
      expect(trace.getActiveSpan()?.spanContext().spanId).toBe(outer.spanId);
      bound = context.bind(context.active(), currentId);
      await other.startActiveSpan('inner', async (inner) => {
        await Promise.resolve();
        expect(currentId()).toBe(inner.spanContext().spanId);
        expect(currentLogFields()).toEqual({ run_id: 'run-1' });
        await telemetry.withSpan('innermost', {}, (span) => {
          expect(span.traceId).toBe(outer.traceId);
          expect(trace.getActiveSpan()?.spanContext().spanId).toBe(span.spanId);
          return Promise.resolve();
        });
        inner.end();
      });
      const attached = context.attach(trace.setSpan(context.active(), other.startSpan('attached')));
      expect(currentId()).not.toBe(outer.spanId);
      attached.dispose();
      expect(currentId()).toBe(outer.spanId);
      expect(context.with(ROOT_CONTEXT, currentId)).toBeUndefined();
    });
    expect(currentId()).toBeUndefined();
    expect(bound()).toMatch(/^[0-9a-f]{16}$/);
  });

  it.each([
    ['always_off', false],
    ['traceidratio', false],
    ['parentbased_always_on', true],
  ])('follows the sampler %s', async (sampler, isSampled) => {
    const environment = {
      OTEL_TRACES_SAMPLER: sampler,
      OTEL_TRACES_SAMPLER_ARG: '0',
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_METRICS_EXPORTER: 'none',
    };
    await using collected = await setupTelemetry({ environment, isGlobal: false });
    const headers: Record<string, string> = {};
    await collected.telemetry.withSpan('x', {}, async () => {
      collected.telemetry.inject(headers);
      await Promise.resolve();
    });
    expect(headers['traceparent']?.endsWith(isSampled ? '-01' : '-00')).toBe(true);
  });

  it('still works, and loads no SDK, when it is disabled', async () => {
    const load = (name: string): Promise<unknown> => Promise.reject(new Error(`loaded ${name}`));
    await using collected = await setupTelemetry({ environment: { OTEL_SDK_DISABLED: 'true' }, load });
    expect(await collected.telemetry.withSpan('x', {}, () => Promise.resolve(1))).toBe(1);
  });

  it('says which package is missing and how to install it', async () => {
    const load: LoadModule = (name) =>
      name.endsWith('sdk-trace') ? Promise.reject(new Error('not found')) : importModule(name);
    await expect(setupTelemetry({ environment: {}, load })).rejects.toMatchObject({
      code: 'DEPENDENCY_MISSING',
      message: expect.stringMatching(/@opentelemetry\/sdk-trace.*npm install/) as string,
    });
  });

  it.each([
    { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317' },
    { OTEL_TRACES_SAMPLER: 'sometimes' },
    { OTEL_BSP_MAX_QUEUE_SIZE: 'many' },
  ])('refuses %o and names the variable', async (environment) => {
    const [name = ''] = Object.keys(environment);
    await expect(setupTelemetry({ environment })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(name) as string,
    });
  });

  it('neither throws nor grows while the collector is away, and warns once', { timeout: 60_000 }, async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const failures: unknown[] = [];
    const onFailure = (error: unknown): void => void failures.push(error);
    process.on('unhandledRejection', onFailure);
    const logger = createRecordingLogger();
    const environment = {
      OTEL_EXPORTER_OTLP_ENDPOINT: await emptyAddress(),
      OTEL_BSP_SCHEDULE_DELAY: '20',
      OTEL_BSP_EXPORT_TIMEOUT: '200',
      // Whether the queue is full or empty at the moment of a look then weighs little.
      OTEL_BSP_MAX_QUEUE_SIZE: '256',
    };
    const collected = await setupTelemetry({ environment, logger, isGlobal: false, shutdownTimeoutMs: 1_000 });
    const { telemetry } = collected;
    const work = async (count: number): Promise<number> => {
      for (let index = 0; index < count; index++) {
        const attributes = { 'gomind.step.name': `step ${String(index)} ${'x'.repeat(200)}` };
        await telemetry.withSpan('work', { attributes }, async () => {});
        if (index % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    await work(10_000);
    const before = await work(10_000);
    // A batch on its way may be in the heap at any one look; what is kept is there at every one.
    const after = Math.min(await work(10_000), await work(10_000), await work(10_000));
    await collected.shutdown();
    process.off('unhandledRejection', onFailure);

    expect(failures).toEqual([]);
    // 10,000 spans kept would be more than 10 MB.
    expect(after - before).toBeLessThan(5_000_000);
    expect(logger.records.filter(({ level }) => level === 'warn').length).toBeLessThanOrEqual(2);
  });
});
