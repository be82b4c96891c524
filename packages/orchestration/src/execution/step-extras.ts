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
  sha256Hex,
  toGomindError,
} from '@gomind/core';
import type { PlanStep } from '../plan/routing-plan.ts';
import { resolveExpressions } from '../plan/expressions/resolve-expressions.ts';
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

/** What the output of a step follows from. */
export interface OutputCause {
  /** What is called, as text: the same for steps that do the same. */
  readonly what: string;
  /** With which values; a JSON value. */
  readonly inputs: unknown;
}

/** What the output of one call follows from. */
export type CauseOf = (step: PlanStep, context: StepContext) => OutputCause | Promise<OutputCause>;

/**
 * A handler whose steps may say `config.cache` (`{ ttlMs, key? }`) and `config.artifact`.
 *
 * @param handler the kind of step itself
 * @param causeOf default: component and action, and the step's inputs
 */
export function withStepExtras(
  handler: StepHandler,
  options: StepExtrasOptions,
  causeOf: CauseOf = causeOfCall,
): StepHandler {
  return {
    ...handler,
    run: async (step, context) => {
      const settings = settingsOf(step);
      // Most steps have no cache, and waiting for nothing costs a turn too.
      const key = settings === undefined ? undefined : await cacheKeyOf(settings, context, causeOf(step, context));
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

function causeOfCall(step: PlanStep, context: StepContext): OutputCause {
  const { kind = 'component', component = '', action, name } = step;
  return { what: `${kind}:${component}:${action ?? name}`, inputs: context.inputs };
}

async function cacheKeyOf(settings: CacheSettings, context: StepContext, cause: ReturnType<CauseOf>): Promise<string> {
  const { what, inputs } = await cause;
  return `step-cache:${what}:${keyOf(settings, inputs, context)}`;
}

/** A store shows its keys to others than its values, so that of inputs, which may hold secrets, is a digest. */
function keyOf({ key }: CacheSettings, inputs: unknown, { scope }: StepContext): string {
  if (key === undefined) return sha256Hex(canonicalJson(inputs));
  const resolved = resolveExpressions(key, scope);
  return typeof resolved === 'string' ? resolved : canonicalJson(resolved);
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
