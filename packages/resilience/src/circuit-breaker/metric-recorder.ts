/**
 * Who watches a policy must not change what becomes of a call: telemetry promises not to throw, and one that does so all the same
 * would otherwise take the place of the call's own result, just while a dependency is down.
 *
 * @module
 */
import { type OptionCheck, type Telemetry, withMethods } from '@gomind/core';

/** The part of a `Telemetry` that a policy uses. */
export type MetricRecorder = Pick<Telemetry, 'recordMetric'>;

/** Says of an option that it must be a {@link MetricRecorder}. */
export const aMetricRecorder: OptionCheck = withMethods('a Telemetry such as noopTelemetry', ['recordMetric']);

/** The same telemetry, but what it throws is lost: there is nobody left to tell. */
export function unfailingRecorder(telemetry: MetricRecorder): MetricRecorder {
  return {
    recordMetric: (...parameters) => {
      try {
        telemetry.recordMetric(...parameters);
      } catch {
        // Nobody is left to tell.
      }
    },
  };
}
