/**
 * What the caches of plans are asked.
 *
 * @module
 */
import type { ComponentInfo } from '@gomind/core';

/** What a plan is asked for. */
export interface PlanQuery {
  readonly request: string;
  readonly offered: readonly ComponentInfo[];
  /** Who may be served the same plan. */
  readonly audience: string;
}
