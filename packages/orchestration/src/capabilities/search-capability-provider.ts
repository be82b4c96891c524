/**
 * Offers the capabilities that a search finds for the request: prompts stay short however many tools there are.
 *
 * @module
 */
import { type ComponentInfo, GomindError } from '@gomind/core';
import { type CapabilityProvider, withoutInternal } from './capability-provider.ts';
import { ComponentCatalog } from './component-catalog.ts';
import { indexOf, type SearchHit } from './search-index.ts';

/** Options of {@link createSearchCapabilityProvider}. */
export interface SearchCapabilityProviderOptions {
  /** What is searched; a catalog is searched as it is at the time of the search. */
  readonly components: readonly ComponentInfo[] | ComponentCatalog;
  /** Capabilities offered at most. Default: 20. */
  readonly topK?: number;
}

/** Options of one search. */
export interface SearchOptions {
  /** Results at most. Default: the provider's own. */
  readonly topK?: number;
}

/** One result of a search. */
export interface CapabilityMatch {
  /** Id of the instance that was found. */
  readonly id: string;
  readonly component: string;
  readonly capability: string;
  readonly score: number;
}

/** A provider that can also be searched directly. */
export interface SearchCapabilityProvider extends CapabilityProvider {
  /**
   * The capabilities that fit a query best, best first.
   *
   * @throws GomindError `CONFIG_INVALID` for a `topK` that is no whole number above 0
   */
  search(query: string, options?: SearchOptions): Promise<CapabilityMatch[]>;
}

/**
 * Makes a provider that searches names, descriptions, tags and parameters (BM25F).
 *
 * @example
 * const provider = createSearchCapabilityProvider({ components: catalog, topK: 10 });
 */
export function createSearchCapabilityProvider(options: SearchCapabilityProviderOptions): SearchCapabilityProvider {
  const { topK: defaultTopK = 20 } = options;
  checkTopK(defaultTopK);
  const componentsNow = (): readonly ComponentInfo[] =>
    options.components instanceof ComponentCatalog ? options.components.components() : options.components;
  const find = (query: string, topK: number): SearchHit[] => indexOf(componentsNow()).search(query, topK);
  return {
    name: 'search',
    search: async (query, { topK = defaultTopK } = {}) => {
      await Promise.resolve();
      checkTopK(topK);
      return find(query, topK).map(({ component, capability, score }) => ({
        id: component.id,
        component: component.name,
        capability: capability.name,
        score,
      }));
    },
    offer: async (request) => {
      await Promise.resolve();
      const hits = find(request, defaultTopK);
      // When no word fits, a planner still has to see what there is, to say that it does not fit.
      return hits.length > 0 ? asComponents(hits) : withoutInternal(componentsNow()).slice(0, defaultTopK);
    },
  };
}

/** Components with only the found capabilities, in the order of their best hit. */
function asComponents(hits: readonly SearchHit[]): ComponentInfo[] {
  const byId = new Map<string, ComponentInfo>();
  for (const { component, capability } of hits) {
    const known = byId.get(component.id);
    byId.set(component.id, { ...component, capabilities: [...(known?.capabilities ?? []), capability] });
  }
  return [...byId.values()];
}

function checkTopK(topK: number): void {
  if (Number.isInteger(topK) && topK > 0) return;
  throw new GomindError({
    code: 'CONFIG_INVALID',
    message: `topK is ${String(topK)}. Accepted: a whole number above 0.`,
  });
}
