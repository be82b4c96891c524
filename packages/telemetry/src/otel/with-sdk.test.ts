import { GomindError } from '@gomind/core';
import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AlwaysOffSampler,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runTree, spanTrees } from '../../test/span-trees.ts';
import { createTelemetry, genAiAttribute, genAiOperation } from '../index.ts';

const exporter = new InMemorySpanExporter();
const createProvider = (): TracerProvider =>
  new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });

function finished(name: string): ReadableSpan {
  const span = exporter.getFinishedSpans().find((candidate) => candidate.name === name);
  if (span === undefined) throw new Error(`no span ${name}`);
  return span;
}

async function checkForests(telemetry: ReturnType<typeof createTelemetry>): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(spanTrees, { minLength: 1, maxLength: 5 }), async (forest) => {
      exporter.reset();
      const seen = (await Promise.all(forest.map((tree) => runTree(telemetry, tree)))).flat();
      const exported = new Map(exporter.getFinishedSpans().map((span) => [span.spanContext().spanId, span]));
      expect(exported.size).toBe(seen.length);
      for (const span of seen) {
        expect(exported.get(span.spanId)?.parentSpanContext?.spanId).toBe(span.parentSpanId);
        expect(exported.get(span.spanId)?.spanContext().traceId).toBe(span.traceId);
        expect(new Set(span.currentSpanIds)).toEqual(new Set([span.spanId]));
        for (const header of span.headers) expect(header?.slice(3, 52)).toBe(`${span.traceId}-${span.spanId}`);
      }
    }),
    { numRuns: 50 },
  );
}

beforeEach(() => {
  exporter.reset();
});

describe('createTelemetry with a provider of its own and no context manager', () => {
  it('gives each span the right parent in concurrent work', async () => {
    await checkForests(createTelemetry({ tracerProvider: createProvider() }));
  });

  it('hands kind, attributes, events and the scope name on', async () => {
    const telemetry = createTelemetry({ tracerProvider: createProvider(), serviceName: 'travel' });
    const attributes = { [genAiAttribute.operationName]: genAiOperation.chat, list: ['a'], nothing: undefined };
    await telemetry.withSpan('chat', { kind: 'client', attributes }, (span) => {
      span.setAttributes({ tokens: 3, nothing: undefined });
      span.addEvent('first chunk', { ms: 12 });
      return Promise.resolve();
    });
    const span = finished('chat');
    expect(span.kind).toBe(SpanKind.CLIENT);
    expect(span.attributes).toEqual({ 'gen_ai.operation.name': 'chat', list: ['a'], tokens: 3 });
    expect(span.events[0]).toMatchObject({ name: 'first chunk', attributes: { ms: 12 } });
    expect(span.instrumentationScope.name).toBe('travel');
    expect(span.status.code).toBe(SpanStatusCode.UNSET);
  });

  it('leaves GenAI names out on request', async () => {
    const telemetry = createTelemetry({ tracerProvider: createProvider(), genAiConventions: false });
    await telemetry.withSpan('chat', { attributes: { 'gen_ai.operation.name': 'chat', mine: 1 } }, (span) => {
      span.setAttributes({ 'gen_ai.request.model': 'm' });
      return Promise.resolve();
    });
    expect(finished('chat').attributes).toEqual({ mine: 1 });
  });

  it('records an error once, however many hands it passes through', async () => {
    const telemetry = createTelemetry({ tracerProvider: createProvider() });
    const error = new GomindError({ code: 'INPUT_ERROR', message: 'amount must be positive' });
    const failing = telemetry.withSpan('step', {}, (span) => {
      span.recordError(error);
      return Promise.reject(error);
    });
    await expect(failing).rejects.toBe(error);
    const span = finished('step');
    expect(span.events.filter(({ name }) => name === 'exception')).toHaveLength(1);
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message: 'amount must be positive' });
    expect(span.attributes).toEqual({ 'error.type': 'INPUT_ERROR', 'gomind.error.code': 'INPUT_ERROR' });
    expect(span.ended).toBe(true);
  });

  it('records whatever is thrown', async () => {
    const telemetry = createTelemetry({ tracerProvider: createProvider() });
    const thrown: readonly unknown[] = [new TypeError('typed'), 'text', undefined, { code: 7 }];
    for (const [index, error] of thrown.entries()) {
      await telemetry.withSpan(String(index), {}, () => Promise.reject(error as Error)).catch(() => undefined);
    }
    expect(thrown.map((_, index) => finished(String(index)).attributes['error.type'])).toEqual([
      'TypeError',
      '_OTHER',
      '_OTHER',
      '_OTHER',
    ]);
  });

  it('continues the trace of the headers', async () => {
    const telemetry = createTelemetry({ tracerProvider: createProvider() });
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    await telemetry.withRemoteContext({ traceparent, tracestate: 'congo=t61' }, () =>
      telemetry.withSpan('answer', { kind: 'server' }, () => Promise.resolve()),
    );
    const span = finished('answer');
    expect(span.parentSpanContext).toMatchObject({ spanId: '00f067aa0ba902b7', isRemote: true });
    expect(span.spanContext().traceId).toBe('4bf92f3577b34da6a3ce929d0e0e4736');
    expect(span.spanContext().traceState?.serialize()).toBe('congo=t61');
  });

  it('keeps a new span id and an honest flag for a span that the sampler refused', async () => {
    const provider = new TracerProvider({
      sampler: new AlwaysOffSampler(),
      spanProcessors: [new SimpleSpanProcessor({ exporter })],
    });
    const telemetry = createTelemetry({ tracerProvider: provider, sampleWithoutSdk: true });
    await telemetry.withSpan('dropped', {}, (span) => {
      const headers: Record<string, string> = {};
      telemetry.inject(headers);
      expect(headers['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[02]$/);
      expect(headers['traceparent']).toContain(span.spanId);
      return Promise.resolve();
    });
    expect(exporter.getFinishedSpans()).toEqual([]);
  });
});

describe('createTelemetry with a global SDK', () => {
  beforeEach(() => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    trace.setGlobalTracerProvider(createProvider());
  });
  afterEach(() => {
    context.disable();
    trace.disable();
    propagation.disable();
  });

  it('gives each span the right parent in concurrent work', async () => {
    await checkForests(createTelemetry());
  });

  it('has the spans of other instrumentation as parents and as children', async () => {
    const telemetry = createTelemetry();
    const tracer = trace.getTracer('other');
    await telemetry.withSpan('ours', {}, async () => {
      await tracer.startActiveSpan('theirs', async (theirs) => {
        expect(telemetry.currentIds()?.spanId).toBe(theirs.spanContext().spanId);
        const headers: Record<string, string> = {};
        telemetry.inject(headers);
        expect(headers['traceparent']).toContain(theirs.spanContext().spanId);
        await telemetry.withSpan('ours again', {}, () => Promise.resolve());
        theirs.end();
      });
    });
    expect(finished('theirs').parentSpanContext?.spanId).toBe(finished('ours').spanContext().spanId);
    expect(finished('ours again').parentSpanContext?.spanId).toBe(finished('theirs').spanContext().spanId);
  });

  it('keeps the span that an HTTP instrumentation has already begun for the same call', async () => {
    const telemetry = createTelemetry();
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const caller = trace.setSpanContext(context.active(), {
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      spanId: '00f067aa0ba902b7',
      traceFlags: 1,
      isRemote: true,
    });
    await trace.getTracer('http').startActiveSpan('POST', {}, caller, async (http) => {
      await telemetry.withRemoteContext({ traceparent }, () =>
        telemetry.withSpan('answer', {}, () => Promise.resolve()),
      );
      http.end();
    });
    expect(finished('answer').parentSpanContext?.spanId).toBe(finished('POST').spanContext().spanId);
  });

  it('follows headers of another trace though a span is current', async () => {
    const telemetry = createTelemetry();
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    await telemetry.withSpan('ours', {}, () =>
      telemetry.withRemoteContext({ traceparent }, () => telemetry.withSpan('answer', {}, () => Promise.resolve())),
    );
    expect(finished('answer').parentSpanContext?.spanId).toBe('00f067aa0ba902b7');
  });
});

describe('createTelemetry before the SDK', () => {
  it('uses an SDK that is registered later', async () => {
    const telemetry = createTelemetry();
    await telemetry.withSpan('early', {}, () => Promise.resolve());
    trace.setGlobalTracerProvider(createProvider());
    try {
      await telemetry.withSpan('late', {}, () => Promise.resolve());
    } finally {
      trace.disable();
    }
    expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(['late']);
  });

  it('leaves an SDK that was taken back, for the next one', async () => {
    const telemetry = createTelemetry();
    for (const name of ['first', 'second']) {
      trace.setGlobalTracerProvider(createProvider());
      await telemetry.withSpan(name, {}, () => Promise.resolve());
      trace.disable();
      await telemetry.withSpan('between', {}, (span) => {
        expect(span.spanId).toMatch(/^[0-9a-f]{16}$/);
        return Promise.resolve();
      });
    }
    expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(['first', 'second']);
  });
});
