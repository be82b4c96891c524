/**
 * What keeps the model calls of runs, as the configuration says. The same for requests and for workflows.
 *
 * @module
 */
import type { Clock } from '@gomind/core';
import { createModelCallStore, type ModelCallStore, noModelCallStore } from '../llm/debug-store.ts';
import type { ModelCallSettings } from './orchestrator-config.ts';

/** Makes the store that a configuration asks for. */
export function chooseModelCallStore({ enabled, ...bounds }: ModelCallSettings, clock: Clock): ModelCallStore {
  return enabled ? createModelCallStore({ ...bounds, clock }) : noModelCallStore;
}
