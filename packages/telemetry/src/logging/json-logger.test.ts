import type { Logger } from '@gomind/core';
import { createFakeClock, createRecordingTelemetry } from '@gomind/core/testing';
import { describe, expect, it } from 'vitest';
import { createJsonLogger, createTelemetry, type JsonLoggerOptions, withLogContext } from '../index.ts';

function recorded(options: JsonLoggerOptions = {}): { readonly logger: Logger; readonly records: unknown[] } {
  const records: unknown[] = [];
  const write = (line: string): void => void records.push(JSON.parse(line));
  return { logger: createJsonLogger({ clock: createFakeClock(), write, ...options }), records };
}

const head = { time: '2026-01-01T00:00:00.000Z', level: 'info' };

describe('createJsonLogger', () => {
  it('names the current span, and none outside of a span', async () => {
    const telemetry = createTelemetry();
    const { logger, records } = recorded();
    logger.info('before');
    const ids = await telemetry.withSpan('work', {}, async (span) => {
      logger.info('inside', { amount: 3 });
      await telemetry.withSpan('inner', {}, () => Promise.resolve());
      logger.info('after inner');
      return { trace_id: span.traceId, span_id: span.spanId };
    });
    expect(records).toEqual([
      { ...head, message: 'before' },
      { ...head, message: 'inside', amount: 3, ...ids },
      { ...head, message: 'after inner', ...ids },
    ]);
  });

  it('names each of many concurrent spans in its own records only', async () => {
    const telemetry = createTelemetry();
    const { logger, records } = recorded();
    const spanIds = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        telemetry.withSpan('work', {}, async (span) => {
          for (let step = 0; step < 5; step++) {
            await new Promise((resolve) => setImmediate(resolve));
            logger.info('step', { index });
          }
          return span.spanId;
        }),
      ),
    );
    expect(records).toHaveLength(250);
    for (const record of records as { index: number; span_id: string }[]) {
      expect(record.span_id).toBe(spanIds[record.index]);
    }
  });

  it('asks the telemetry it was given', async () => {
    const telemetry = createRecordingTelemetry();
    const { logger, records } = recorded({ telemetry });
    await telemetry.withSpan('work', {}, () => {
      logger.info('inside');
      return Promise.resolve();
    });
    const ids = telemetry.spans[0];
    expect(records).toEqual([{ ...head, message: 'inside', trace_id: ids?.traceId, span_id: ids?.spanId }]);
  });

  it('names the run and the step that the caller told', async () => {
    const telemetry = createTelemetry();
    const { logger, records } = recorded();
    const headers = {
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      'x-gomind-run-id': 'run-7',
      'x-gomind-step-id': 'quote',
    };
    await telemetry.withRemoteContext(headers, () => {
      logger.info('called');
      return Promise.resolve();
    });
    expect(records).toEqual([
      {
        ...head,
        message: 'called',
        trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
        span_id: '00f067aa0ba902b7',
        run_id: 'run-7',
        step_id: 'quote',
      },
    ]);
  });

  it('names the run and the step of the spans around a record', async () => {
    const telemetry = createTelemetry();
    const { logger, records } = recorded();
    await telemetry.withSpan('invoke_agent', { attributes: { 'gomind.run.id': 'run-8' } }, async () => {
      await telemetry.withSpan('plan', {}, async () => {
        logger.info('planned');
        await Promise.resolve();
      });
      const attributes = { 'gomind.run.id': 'run-8', 'gomind.step.name': 'quote' };
      await telemetry.withSpan('execute_tool', { attributes }, async () => {
        logger.info('called');
        await Promise.resolve();
      });
    });
    const ids = { trace_id: expect.any(String) as string, span_id: expect.any(String) as string };
    expect(records).toEqual([
      { ...head, message: 'planned', ...ids, run_id: 'run-8' },
      { ...head, message: 'called', ...ids, run_id: 'run-8', step_id: 'quote' },
    ]);
  });

  it.each([
    ['', 'empty'],
    ['x'.repeat(129), 'long'],
    ['a\r\nb', 'with a line break'],
  ])('leaves out a run id that is unusable (%#)', async (runId) => {
    const { logger, records } = recorded();
    await createTelemetry().withRemoteContext({ 'x-gomind-run-id': runId }, () => {
      logger.info('called');
      return Promise.resolve();
    });
    expect(records).toEqual([{ ...head, message: 'called' }]);
  });

  it('adds the fields of the log context, the inner ones on top', async () => {
    const { logger, records } = recorded({ fields: { service: 'shop' }, context: () => ({ region: 'eu' }) });
    await withLogContext({ run_id: 'run-1', step_id: 'a' }, async () => {
      await Promise.resolve();
      withLogContext({ step_id: 'b' }, () => {
        logger.child({ attempt: 2 }).info('nested');
      });
      logger.info('outer', { step_id: 'mine' });
    });
    logger.info('outside');
    expect(records).toEqual([
      { ...head, message: 'nested', service: 'shop', region: 'eu', run_id: 'run-1', step_id: 'b', attempt: 2 },
      { ...head, message: 'outer', service: 'shop', region: 'eu', run_id: 'run-1', step_id: 'mine' },
      { ...head, message: 'outside', service: 'shop', region: 'eu' },
    ]);
  });
});
