/**
 * Keeps faults of a telemetry provider away from the work that is being observed.
 *
 * @module
 */
import type { Logger } from '@gomind/core';

/** Runs something of a provider; when that throws, the answer is undefined. */
export type Attempt = <T>(action: () => T) => T | undefined;

/** Reports the first fault only: a broken exporter must not flood the log. */
export function createAttempt(logger: Logger): Attempt {
  let hasReported = false;
  return (action) => {
    try {
      return action();
    } catch (error) {
      if (!hasReported) {
        hasReported = true;
        logger.warn('A telemetry provider failed; the work goes on without it. Later failures are not logged.', {
          error,
        });
      }
      return undefined;
    }
  };
}
