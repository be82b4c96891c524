/**
 * Offers the capabilities that a search finds for the request: prompts stay short however many tools there are.
 *
 * @module
 */
import { type Logger, noopLogger, noopTelemetry, redactingLogger, type Telemetry } from '@gomind/core';
import { type CapabilityProvider, type OfferOptions } from './capability-provider.ts';
import {
  asComponents,
  checkThreshold,
  checkTopK,
  type ChosenCapability,
  type ComponentSource,
  componentsOf,
  publicCapabilities,
  recordOffer,
} from './offer.ts';
import { observeRetrieval } from './observe-retrieval.ts';
import { indexOf, type SearchHit } from './search-index.ts';
import { type Embed, VectorIndex } from './vector-index.ts';

/** Options of {@link createSearchCapabilityProvider}. */
export interface SearchCapabilityProviderOptions {
  /** What is searched; a catalog is searched as it is at the time of the search. */
  readonly components: ComponentSource;
  /** Capabilities offered at most. Default: 20, or a third of all when that is fewer (10 at least). */
  readonly topK?: number;
  /** Makes vectors, so that meaning counts beside words. When it fails, words alone do. Default: words alone. */
  readonly embed?: Embed;
  /** Least cosine of what the vectors find, -1 to 1; what the words find is ranked and never cut. Default: 0.7. */
  readonly threshold?: number;
  readonly logger?: Logger;
  readonly telemetry?: Telemetry;
}

/** Options of one search. */
export interface SearchOptions {
  /** Results at most. Default: the provider's own. */
  readonly topK?: number;
  /** Least cosine of what the vectors find. Default: the provider's own. */
  readonly threshold?: number;
  readonly signal?: AbortSignal;
}

/** One result of a search. */
export interface CapabilityMatch {
  /** Id of the instance that was found. */
  readonly id: string;
  readonly component: string;
  readonly capability: string;
  /** Above 0; ranks the results of one search, and means nothing across searches. */
  readonly score: number;
}

/** A provider that can also be searched directly. */
export interface SearchCapabilityProvider extends CapabilityProvider {
  /**
   * The capabilities that fit a query best, best first.
   *
   * @throws GomindError `CONFIG_INVALID` for a `topK` that is no whole number above 0, or a threshold that is no cosine
   */
  search(query: string, options?: SearchOptions): Promise<CapabilityMatch[]>;
}

const mostOffered = 20;
const leastOffered = 10;
/** Beyond this share of all capabilities an offer saves too little: what is wanted stands among the first. */
const offeredShare = 1 / 3;

/** How many are offered of so many, when nobody says. */
function defaultOffer(capabilities: number): number {
  return Math.min(mostOffered, Math.max(leastOffered, Math.ceil(capabilities * offeredShare)));
}

/** How many results of each ranking are fused, at least. */
const minFused = 50;
/** G. Cormack, C. Clarke, S. Buettcher, "Reciprocal rank fusion", SIGIR 2009: the constant that they found best. */
const fusionConstant = 60;

/**
 * Makes a provider that searches names, descriptions, tags and parameters (BM25F), and vectors where there are some; the two
 * rankings are fused by reciprocal ranks.
 *
 * @example
 * const provider = createSearchCapabilityProvider({ components: catalog, topK: 10 });
 */
export function createSearchCapabilityProvider(options: SearchCapabilityProviderOptions): SearchCapabilityProvider {
  const { components: source, topK: defaultTopK = mostOffered, threshold: defaultThreshold = 0.7 } = options;
  const { telemetry = noopTelemetry } = options;
  const logger = redactingLogger(options.logger ?? noopLogger);
  checkTopK(defaultTopK);
  checkThreshold(defaultThreshold);
  const vectors = options.embed === undefined ? undefined : new VectorIndex(options.embed);

  const find = async (query: string, search: SearchOptions): Promise<SearchHit[]> => {
    const limits = { topK: defaultTopK, threshold: defaultThreshold, signal: undefined, ...search };
    checkTopK(limits.topK);
    checkThreshold(limits.threshold);
    const about = { query, topK: limits.topK, kind: 'internal' } as const;
    const { chosen } = await observeRetrieval(telemetry, about, async () => ({ chosen: await rank(query, limits) }));
    return chosen;
  };

  const rank = async (
    query: string,
    { topK, threshold, signal }: { topK: number; threshold: number; signal: AbortSignal | undefined },
  ): Promise<SearchHit[]> => {
    const components = componentsOf(source);
    const limit = vectors === undefined ? topK : Math.max(topK, minFused);
    const byWords = indexOf(components).search(query, limit);
    if (vectors === undefined || query.trim() === '') return byWords;
    try {
      const byMeaning = await vectors.rank(query, components, { limit, threshold, signal });
      return fuse([byWords, byMeaning]).slice(0, topK);
    } catch (error) {
      if (signal?.aborted === true) throw error;
      logger.warn('Capabilities are searched by words alone: the vectors could not be made', { error });
      return byWords.slice(0, topK);
    }
  };

  return {
    name: 'search',
    search: async (query, search = {}) => {
      await Promise.resolve();
      return (await find(query, search)).map(({ component, capability, score }) => ({
        id: component.id,
        component: component.name,
        capability: capability.name,
        score,
      }));
    },
    offer: async (request, { signal }: OfferOptions = {}) => {
      await Promise.resolve();
      const all = componentsOf(source);
      const topK = options.topK ?? defaultOffer(indexOf(all).size);
      const hits: readonly ChosenCapability[] = await find(request, {
        topK,
        ...(signal === undefined ? {} : { signal }),
      });
      // When no word fits, a planner still has to see what there is, to say that it does not fit.
      const offered = asComponents(hits.length > 0 ? hits : publicCapabilities(all).slice(0, topK));
      recordOffer(telemetry, { provider: 'search', all, offered });
      return offered;
    },
  };
}

/** One ranking of several: each adds the reciprocal of the rank, so that scores need not be comparable. */
function fuse(rankings: readonly (readonly ChosenCapability[])[]): SearchHit[] {
  const fused = new Map<ChosenCapability['capability'], SearchHit>();
  for (const ranking of rankings) {
    for (const [rank, { component, capability }] of ranking.entries()) {
      const score = (fused.get(capability)?.score ?? 0) + 1 / (fusionConstant + rank + 1);
      fused.set(capability, { component, capability, score });
    }
  }
  return [...fused.values()].sort((left, right) => right.score - left.score);
}
