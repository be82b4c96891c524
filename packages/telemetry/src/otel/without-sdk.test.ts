import { GomindError, type Logger, noopLogger } from '@gomind/core';
import { context, propagation, trace } from '@opentelemetry/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failingMeterProvider, failingSpanProvider, failingTracerProvider } from '../../test/failing-providers.ts';
import { runTree, spanTrees } from '../../test/span-trees.ts';
import { createTelemetry } from '../index.ts';

const remote = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describe('createTelemetry without an SDK', () => {
  it('gives every span valid ids: one trace, each span its own', async () => {
    const telemetry = createTelemetry();
    await telemetry.withSpan('outer', {}, async (outer) => {
      expect(outer.traceId).toMatch(/^[0-9a-f]{32}$/);
      expect(outer.spanId).toMatch(/^[0-9a-f]{16}$/);
      expect(telemetry.currentIds()).toEqual({ traceId: outer.traceId, spanId: outer.spanId });
      await telemetry.withSpan('inner', {}, (inner) => {
        expect(inner.traceId).toBe(outer.traceId);
        expect(inner.spanId).not.toBe(outer.spanId);
        return Promise.resolve();
      });
    });
    expect(telemetry.currentIds()).toBeUndefined();
  });

  it('never loses or mixes up the current span in concurrent work', async () => {
    const telemetry = createTelemetry();
    await fc.assert(
      fc.asyncProperty(fc.array(spanTrees, { minLength: 1, maxLength: 5 }), async (forest) => {
        const trees = await Promise.all(forest.map((tree) => runTree(telemetry, tree)));
        for (const spans of trees) {
          const traceId = spans[0]?.traceId;
          for (const span of spans) {
            expect(span.traceId).toBe(traceId);
            expect(new Set(span.currentSpanIds)).toEqual(new Set([span.spanId]));
            expect(new Set(span.headers)).toEqual(new Set([`00-${span.traceId}-${span.spanId}-00`]));
          }
        }
        const ids = trees.flat().map(({ spanId }) => spanId);
        expect(new Set(ids).size).toBe(ids.length);
      }),
      { numRuns: 50 },
    );
  });

  it('carries a trace from service to service by headers alone', async () => {
    const [caller, callee] = [createTelemetry({ serviceName: 'caller' }), createTelemetry({ serviceName: 'callee' })];
    const headers: Record<string, string> = {};
    const callerIds = await caller.withSpan('call', { kind: 'client' }, (span) => {
      caller.inject(headers);
      return Promise.resolve(span.traceId);
    });
    const calleeIds = await callee.withRemoteContext(headers, () =>
      callee.withSpan('answer', { kind: 'server' }, (span) => Promise.resolve(span.traceId)),
    );
    expect(calleeIds).toBe(callerIds);
  });

  it('continues a remote trace with its flags, state and baggage', async () => {
    const telemetry = createTelemetry();
    const headers = await telemetry.withRemoteContext(
      { traceparent: remote, tracestate: 'congo=t61', baggage: 'tenant=acme;secret=no,bad key=1' },
      () =>
        telemetry.withSpan('answer', {}, (span) => {
          const carrier: Record<string, string> = {};
          telemetry.inject(carrier);
          expect(carrier['traceparent']).toBe(`00-4bf92f3577b34da6a3ce929d0e0e4736-${span.spanId ?? ''}-01`);
          return Promise.resolve(carrier);
        }),
    );
    expect(headers).toMatchObject({ tracestate: 'congo=t61', baggage: 'tenant=acme;secret=no' });
  });

  it('names the caller while no span of its own has begun', async () => {
    const telemetry = createTelemetry();
    await telemetry.withRemoteContext({ traceparent: remote }, () => {
      expect(telemetry.currentIds()).toEqual({
        traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
        spanId: '00f067aa0ba902b7',
      });
      const carrier: Record<string, string> = {};
      telemetry.inject(carrier);
      expect(carrier).toEqual({ traceparent: remote });
      return Promise.resolve();
    });
  });

  it('ignores malformed headers and runs the operation all the same', async () => {
    const telemetry = createTelemetry();
    const headers = { traceparent: remote.toUpperCase(), tracestate: 'congo=t61', baggage: '=,;' };
    const ids = await telemetry.withRemoteContext(headers, () => Promise.resolve(telemetry.currentIds()));
    expect(ids).toBeUndefined();
  });

  it('writes no header outside of any span, and replaces the trace of an earlier call', async () => {
    const telemetry = createTelemetry();
    const headers: Record<string, string> = { traceparent: remote, tracestate: 'congo=t61', accept: 'text/plain' };
    telemetry.inject(headers);
    expect(headers['traceparent']).toBe(remote);
    await telemetry.withSpan('call', {}, (span) => {
      telemetry.inject(headers);
      expect(headers).toEqual({
        traceparent: `00-${span.traceId ?? ''}-${span.spanId ?? ''}-00`,
        accept: 'text/plain',
      });
      return Promise.resolve();
    });
  });

  it('sets the sampled flag of its own traces on request', async () => {
    const telemetry = createTelemetry({ sampleWithoutSdk: true });
    await telemetry.withSpan('call', {}, () => {
      const headers: Record<string, string> = {};
      telemetry.inject(headers);
      expect(headers['traceparent']).toMatch(/-01$/);
      return Promise.resolve();
    });
  });

  it('shares the current span between all telemetries of a process', async () => {
    const [first, second] = [createTelemetry(), createTelemetry()];
    await first.withSpan('outer', {}, (span) => {
      expect(second.currentIds()?.spanId).toBe(span.spanId);
      return Promise.resolve();
    });
  });

  it('leaves OpenTelemetry itself without a global', async () => {
    await createTelemetry().withSpan('outer', {}, () => {
      expect(trace.getSpan(context.active())).toBeUndefined();
      expect(propagation.fields()).toEqual([]);
      return Promise.resolve();
    });
  });

  it('makes nothing of what nobody collects', async () => {
    const reports: string[] = [];
    const logger: Logger = { ...noopLogger, warn: (message) => void reports.push(message) };
    const telemetry = createTelemetry({ captureContent: true, logger });
    const attributes = {
      get reads(): string {
        throw new Error('read');
      },
    };
    await telemetry.withSpan('work', { attributes }, (span) => {
      span.setAttributes(attributes);
      span.addEvent('event', attributes);
      telemetry.recordMetric('work.done', 1, attributes, { kind: 'counter' });
      expect(span.capturesContent).toBe(false);
      return Promise.resolve();
    });
    expect(reports).toEqual([]);
  });

  it('returns what the operation returns and throws what it throws, also at once', async () => {
    const telemetry = createTelemetry();
    const error = new GomindError({ code: 'INPUT_ERROR', message: 'no' });
    const throwAtOnce = (): Promise<never> => {
      throw error;
    };
    expect(await telemetry.withSpan('a', {}, () => Promise.resolve(7))).toBe(7);
    await expect(telemetry.withSpan('a', {}, () => Promise.reject(error))).rejects.toBe(error);
    await expect(telemetry.withSpan('a', {}, throwAtOnce)).rejects.toBe(error);
    await expect(telemetry.withRemoteContext({}, throwAtOnce)).rejects.toBe(error);
  });
});

describe('createTelemetry with providers that throw', () => {
  it.each([
    ['at the first touch', failingTracerProvider],
    ['at every method of a span', failingSpanProvider],
  ])('does the work when they throw %s', async (_name, tracerProvider) => {
    const warnings: string[] = [];
    const logger: Logger = { ...noopLogger, warn: (message) => void warnings.push(message) };
    const telemetry = createTelemetry({ tracerProvider, meterProvider: failingMeterProvider, logger });
    const result = await telemetry.withSpan('work', { attributes: { a: 1 } }, async (span) => {
      span.setAttributes({ b: 2 });
      span.addEvent('event', { c: 3 });
      span.recordError(new Error('noted'));
      telemetry.recordMetric('work.done', 1, {}, { kind: 'counter' });
      telemetry.inject({});
      return telemetry.withRemoteContext({ traceparent: remote }, () => Promise.resolve(telemetry.currentIds()));
    });
    expect(result?.traceId).toBe('4bf92f3577b34da6a3ce929d0e0e4736');
    const error = new Error('mine');
    await expect(telemetry.withSpan('work', {}, () => Promise.reject(error))).rejects.toBe(error);
    expect(warnings).toHaveLength(1);
  });

  it('runs the operation once when a context manager throws', async () => {
    context.setGlobalContextManager({
      active: () => {
        throw new Error('active');
      },
      with: () => {
        throw new Error('with');
      },
      bind: (_context, target) => target,
      enable() {
        return this;
      },
      disable() {
        return this;
      },
    });
    try {
      const telemetry = createTelemetry();
      let runs = 0;
      const spanId = await telemetry.withSpan('outer', {}, (outer) => {
        runs++;
        expect(telemetry.currentIds()?.spanId).toBe(outer.spanId);
        return Promise.resolve(outer.spanId);
      });
      expect(spanId).toMatch(/^[0-9a-f]{16}$/);
      expect(runs).toBe(1);
    } finally {
      context.disable();
    }
  });
});
