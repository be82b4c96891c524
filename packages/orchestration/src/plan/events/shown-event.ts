/**
 * Events as they leave a run. Inside, they hold what the run works with; whoever looks on sees no secrets.
 *
 * @module
 */
import { withoutSecrets } from '@gomind/core';
import type { RunEvent } from './run-event.ts';

/** Shared by all who look: an event is cleaned once, and only when somebody does. */
const shown = new WeakMap<RunEvent, RunEvent>();

/** An event without secrets; the same object where it holds none. */
export function shownEvent(event: RunEvent): RunEvent {
  const known = shown.get(event);
  if (known !== undefined) return known;
  const clean = withoutSecrets(event);
  shown.set(event, clean);
  return clean;
}
