/**
 * Decides which components a planner is shown for a request.
 *
 * @module
 */
import type { ComponentInfo } from '@gomind/core';
import type { CallBudget } from '../plan/budget.ts';
import type { RunEventBody } from '../plan/events/run-event.ts';
import type { ComponentCatalog } from './component-catalog.ts';

/** Options of one offer. */
export interface OfferOptions {
  readonly signal?: AbortSignal;
  /** Receives the `tokens` events of a provider that asks a model. */
  readonly emit?: (event: RunEventBody) => void;
  /** Asked before a model is. Default: no limit. */
  readonly budget?: CallBudget;
  /** What came with the request. Default: nothing. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** Chooses the components that a plan may use. */
export interface CapabilityProvider {
  /** For logs and metrics. */
  readonly name: string;
  /** Whether its choice depends on `metadata` too, so that it is kept and shared for the same metadata only. Default: false. */
  readonly readsMetadata?: boolean;
  /** Why the last offer was its fallback's, for health. Default: it was not. */
  readonly lastError?: string | undefined;
  /**
   * The components to plan with, without their internal capabilities.
   *
   * @param request the user's words
   */
  offer(request: string, options?: OfferOptions): Promise<readonly ComponentInfo[]>;
}

/**
 * A provider that offers everything the catalog knows. Right for up to a few dozen capabilities; beyond that a search
 * provider keeps prompts short.
 *
 * @param catalog what is registered
 */
export function createDefaultCapabilityProvider(catalog: ComponentCatalog): CapabilityProvider {
  let made: { readonly from: readonly ComponentInfo[]; readonly offer: readonly ComponentInfo[] } | undefined;
  return {
    name: 'default',
    offer: () => {
      const components = catalog.components();
      // The same list for the same catalog, so that what is made from it (an index, a digest) is made once.
      if (made?.from !== components) made = { from: components, offer: withoutInternal(components) };
      return Promise.resolve(made.offer);
    },
  };
}

/** The components with their internal capabilities left out, and without those that have no other. */
export function withoutInternal(components: readonly ComponentInfo[]): ComponentInfo[] {
  return components
    .map((component) => ({
      ...component,
      capabilities: component.capabilities.filter((capability) => capability.internal !== true),
    }))
    .filter((component) => component.capabilities.length > 0);
}

/**
 * A provider that offers everything while that is little, and lets another choose when it is much.
 *
 * @param catalog what is registered
 * @param options `minTools` capabilities and more are `many`'s
 */
export function createAutomaticCapabilityProvider(
  catalog: ComponentCatalog,
  options: { readonly minTools: number; readonly many: CapabilityProvider },
): CapabilityProvider {
  const few = createDefaultCapabilityProvider(catalog);
  return {
    name: 'automatic',
    offer: (request, offer) => {
      let count = 0;
      for (const { capabilities } of catalog.components()) count += capabilities.length;
      return (count < options.minTools ? few : options.many).offer(request, offer);
    },
  };
}
