/**
 * What the parts of one telemetry share.
 *
 * @module
 */
import type { Attempt } from './attempt.ts';
import type { OpenTelemetryApi } from './open-telemetry-api.ts';

/** OpenTelemetry's API, and how to treat it. */
export interface Surroundings {
  readonly api: OpenTelemetryApi;
  readonly attempt: Attempt;
  /** Whether names of the GenAI conventions are emitted. */
  readonly includeGenAi: boolean;
  /** Whether texts of models and tools are emitted. */
  readonly includeContent: boolean;
}
