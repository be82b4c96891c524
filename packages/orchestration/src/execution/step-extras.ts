/**
 * What any step may ask for beside its call: that its output is kept for the next time, or passed on by reference.
 *
 * @module
 */
import {
  canonicalJson,
  type JsonValue,
  type KeyValueStore,
  type Logger,
  noopLogger,
  toGomindError,
} from '@gomind/core';
import type { PlanStep } from '../plan/routing-plan.ts';
import type { ArtifactStore } from './artifact-store.ts';
import type { StepContext, StepHandler } from './step-handler.ts';

/** Where outputs are kept. */
export interface StepExtrasOptions {
  /** For `cache`. */
  readonly cache: KeyValueStore;
  /** For `artifact`. */
  readonly artifacts: ArtifactStore;
  readonly logger?: Logger;
}

/**
 * A handler whose steps may say `config.cache` (`{ ttlMs, key? }`) and `config.artifact`.
 *
 * @param handler the kind of step itself
 */
export function withStepExtras(handler: StepHandler, options: StepExtrasOptions): StepHandler {
  return {
    ...handler,
    run: async (step, context) => {
      const key = cacheKeyOf(step, context);
      const kept = key === undefined ? undefined : await lookUp(key, options);
      if (kept !== undefined) return kept.value;
      const output = await handler.run(step, context);
      const isArtifact = step.config?.['artifact'] === true;
      const result = isArtifact
        ? await options.artifacts.put({ runId: context.runId, name: context.stepName }, output)
        : output;
      if (key !== undefined) await keep(key, result, { step, options });
      return result;
    },
  };
}

interface CacheSettings {
  readonly ttlMs: number;
  readonly key?: string;
}

function settingsOf(step: PlanStep): CacheSettings | undefined {
  return step.config?.['cache'] as CacheSettings | undefined;
}

function cacheKeyOf(step: PlanStep, context: StepContext): string | undefined {
  if (settingsOf(step) === undefined) return undefined;
  const { key } = context.config['cache'] as CacheSettings;
  const what = key ?? canonicalJson(context.inputs);
  return `step-cache:${step.kind ?? 'component'}:${step.component ?? ''}:${step.action ?? step.name}:${what}`;
}

/** A cache that is away costs a call, never the step. */
async function lookUp(
  key: string,
  { cache, logger = noopLogger }: StepExtrasOptions,
): Promise<{ readonly value: unknown } | undefined> {
  try {
    const kept = await cache.get(key);
    return kept === undefined ? undefined : { value: kept };
  } catch (error) {
    logger.warn('The cache of steps cannot be read', {
      code: toGomindError(error, { code: 'STORE_UNAVAILABLE' }).code,
    });
    return undefined;
  }
}

async function keep(
  key: string,
  value: unknown,
  { step, options }: { readonly step: PlanStep; readonly options: StepExtrasOptions },
): Promise<void> {
  const { cache, logger = noopLogger } = options;
  try {
    await cache.set(key, (value ?? null) as JsonValue, { ttlMs: settingsOf(step)?.ttlMs ?? 0 });
  } catch (error) {
    logger.warn('The output of a step cannot be kept', {
      step: step.name,
      code: toGomindError(error, { code: 'STORE_UNAVAILABLE' }).code,
    });
  }
}
