/**
 * What a component says of its health.
 *
 * @module
 */
import { toGomindError } from '../errors/to-gomind-error.ts';

/** What `/health` answers (contracts, section 1). */
export interface HealthReport {
  readonly status: 'healthy' | 'degraded';
  /** What was looked at, and whether it is well. */
  readonly checks: Readonly<Record<string, boolean>>;
  /** One sentence for each thing that is not as it should be. */
  readonly reasons: readonly string[];
  /** ISO 8601 time since when the status has been what it is. */
  readonly since: string;
}

/**
 * The report of a component together with that of what works inside it. `/health` is answered whatever happens there.
 *
 * @param own the component's
 * @param inner makes the other one, if there is one
 */
export function withHealthOf(own: HealthReport, inner: (() => HealthReport) | undefined): HealthReport {
  if (inner === undefined) return own;
  try {
    return together(own, inner());
  } catch (error) {
    const { message } = toGomindError(error, { code: 'INTERNAL_ERROR' });
    return { ...own, status: 'degraded', reasons: [...own.reasons, `The health could not be told: ${message}`] };
  }
}

/** Degraded since the first of those that are; healthy since the last of them became so. */
function together(own: HealthReport, other: HealthReport): HealthReport {
  const degraded = [own, other].filter(({ status }) => status === 'degraded');
  const times = (degraded.length === 0 ? [own, other] : degraded).map(({ since }) => since).sort();
  const since = degraded.length === 0 ? times.at(-1) : times[0];
  return {
    status: degraded.length === 0 ? 'healthy' : 'degraded',
    checks: { ...own.checks, ...other.checks },
    reasons: [...own.reasons, ...other.reasons],
    since: since ?? own.since,
  };
}
