/**
 * Who watches a circuit breaker must not change what becomes of a call: loggers and telemetry promise not to throw, and one that
 * does so all the same would otherwise take the place of the call's own result, just while a dependency is down.
 *
 * @module
 */
import type { LogFields, Logger, Telemetry } from '@gomind/core';

/** The part of a `Telemetry` that a breaker uses. */
export type MetricRecorder = Pick<Telemetry, 'recordMetric'>;

/** The same logger, but what it throws is lost: there is nobody left to tell. */
export function unfailingLogger(logger: Logger): Logger {
  const unfailing =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, fields?: LogFields): void => {
      ignoringErrors(() => {
        logger[level](message, fields);
      });
    };
  return {
    debug: unfailing('debug'),
    info: unfailing('info'),
    warn: unfailing('warn'),
    error: unfailing('error'),
    child: (fields) => unfailingLogger(logger.child(fields)),
  };
}

/** The same telemetry, but what it throws is lost. */
export function unfailingRecorder(telemetry: MetricRecorder): MetricRecorder {
  return {
    recordMetric: (...parameters) => {
      ignoringErrors(() => {
        telemetry.recordMetric(...parameters);
      });
    },
  };
}

function ignoringErrors(work: () => void): void {
  try {
    work();
  } catch {
    // Nobody is left to tell.
  }
}
