/**
 * What every logger and every telemetry promises.
 *
 * @module
 */
import assert from 'node:assert/strict';
import type { Logger, LogLevel } from '../../contracts/logger.ts';
import type { Telemetry } from '../../contracts/telemetry.ts';
import { casesFor, type Cleanup, type ContractCase } from './contract-case.ts';

/** A logger of level `debug`, and what it has written. */
export interface LoggerSubject {
  readonly logger: Logger;
  /** Records so far, as they can be read where they went. */
  readonly records: () => readonly {
    readonly level: LogLevel;
    readonly message: string;
    readonly fields: Readonly<Record<string, unknown>>;
  }[];
  readonly cleanup?: Cleanup;
}

/** The cases of the logger contract. */
export function loggerContract(make: () => Promise<LoggerSubject> | LoggerSubject): ContractCase[] {
  return casesFor(make, {
    'writes level, message and fields, in order': async ({ logger, records }) => {
      await Promise.resolve();
      logger.debug('one');
      logger.info('two', { count: 2 });
      logger.warn('three', { nested: { list: [1] } });
      logger.error('four');
      assert.deepEqual(
        records().map(({ level, message }) => [level, message]),
        [
          ['debug', 'one'],
          ['info', 'two'],
          ['warn', 'three'],
          ['error', 'four'],
        ],
      );
      assert.equal(records()[1]?.fields['count'], 2);
      assert.deepEqual(records()[2]?.fields['nested'], { list: [1] });
    },
    'gives children their fields, which the record may override': async ({ logger, records }) => {
      await Promise.resolve();
      const child = logger.child({ runId: 'r1', part: 'a' }).child({ step: 's1' });
      child.info('hello', { part: 'b' });
      const fields = records()[0]?.fields;
      assert.equal(fields?.['runId'], 'r1');
      assert.equal(fields['step'], 's1');
      assert.equal(fields['part'], 'b');
    },
    'never throws, whatever it is given': async ({ logger }) => {
      await Promise.resolve();
      const circle: Record<string, unknown> = {};
      circle['self'] = circle;
      const hostile = {
        get trap(): never {
          throw new Error('trap');
        },
      };
      for (const value of [
        circle,
        { big: 10n },
        hostile,
        { error: new Error('x', { cause: circle }) },
        { symbol: Symbol('s') },
      ]) {
        logger.error('hostile', value);
      }
    },
  });
}

/** A telemetry. */
export interface TelemetrySubject {
  readonly telemetry: Telemetry;
  /** Whether it records, so that ids and headers can be expected. */
  readonly isRecording: boolean;
  readonly cleanup?: Cleanup;
}

/** The cases of the telemetry contract. */
export function telemetryContract(make: () => Promise<TelemetrySubject> | TelemetrySubject): ContractCase[] {
  return casesFor(make, {
    'returns what the operation returns and throws what it throws': async ({ telemetry }) => {
      assert.equal(await telemetry.withSpan('work', {}, () => Promise.resolve(42)), 42);
      const error = new Error('own');
      await assert.rejects(
        telemetry.withSpan('work', {}, () => Promise.reject(error)),
        (thrown) => thrown === error,
      );
    },
    'has spans whose methods never throw': async ({ telemetry }) => {
      await telemetry.withSpan('work', { kind: 'client', attributes: { a: 1, b: undefined } }, async (span) => {
        await Promise.resolve();
        span.setAttributes({ text: 'x', list: ['a'], nothing: undefined });
        span.addEvent('happened', { count: 1 });
        span.recordError(new Error('noted'));
        span.recordError('no error at all');
      });
    },
    'records metrics of every kind without throwing': async ({ telemetry }) => {
      await Promise.resolve();
      telemetry.recordMetric('contract.count', 1, { a: 'b' }, { kind: 'counter', unit: '{call}' });
      telemetry.recordMetric('contract.duration', 0.5, {}, { kind: 'histogram', unit: 's' });
      telemetry.recordMetric('contract.level', -3, {}, { kind: 'gauge' });
      telemetry.recordMetric('contract.odd', Number.NaN);
    },
    'puts a span inside the span that is current, through promises': async ({ telemetry, isRecording }) => {
      assert.equal(telemetry.currentIds(), undefined);
      await telemetry.withSpan('outer', {}, async (outer) => {
        await Promise.resolve();
        await telemetry.withSpan('inner', {}, async (inner) => {
          await Promise.resolve();
          if (!isRecording) return;
          assert.equal(inner.traceId, outer.traceId);
          assert.notEqual(inner.spanId, outer.spanId);
          assert.equal(telemetry.currentIds()?.spanId, inner.spanId);
        });
      });
      assert.equal(telemetry.currentIds(), undefined);
    },
    'carries the trace through headers': async ({ telemetry, isRecording }) => {
      const headers: Record<string, string> = {};
      let traceId: string | undefined;
      await telemetry.withSpan('caller', {}, async (span) => {
        await Promise.resolve();
        traceId = span.traceId;
        telemetry.inject(headers);
      });
      if (isRecording) assert.match(headers['traceparent'] ?? '', /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/);
      await telemetry.withRemoteContext(headers, () =>
        telemetry.withSpan('callee', {}, async (span) => {
          await Promise.resolve();
          if (isRecording) assert.equal(span.traceId, traceId);
        }),
      );
    },
    'runs the operation whatever the headers say': async ({ telemetry }) => {
      for (const traceparent of [undefined, '', 'nonsense', `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01`]) {
        assert.equal(await telemetry.withRemoteContext({ traceparent }, () => Promise.resolve('ran')), 'ran');
      }
    },
  });
}
