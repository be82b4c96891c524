/**
 * The one search index of the house: capabilities by what they are called, say they do, and ask for.
 *
 * BM25F: S. Robertson, H. Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, section 3.5. Fields are
 * weighted before saturation, so a word in a name counts more than one in a description, but once only.
 *
 * @module
 */
import type { Capability, ComponentInfo, JsonSchema } from '@gomind/core';
import { tokensOf } from './tokens.ts';

/** One found capability. */
export interface SearchHit {
  readonly component: ComponentInfo;
  readonly capability: Capability;
  /** Above 0; ranks hits of one query, and means nothing across queries. */
  readonly score: number;
}

/** Saturation of repeated words. */
const k1 = 1.2;

interface Field {
  readonly weight: number;
  /** How much longer texts are held against their words, 0 to 1. */
  readonly lengthPenalty: number;
  text(capability: Capability, component: ComponentInfo): string;
}

const fields: readonly Field[] = [
  { weight: 3, lengthPenalty: 0.5, text: (capability) => capability.name },
  { weight: 2, lengthPenalty: 0.75, text: (capability) => capability.description },
  { weight: 2, lengthPenalty: 0.5, text: (capability) => (capability.tags ?? []).join(' ') },
  { weight: 1.5, lengthPenalty: 0.5, text: (_capability, component) => component.name },
  { weight: 0.7, lengthPenalty: 0.75, text: (_capability, component) => component.description },
  {
    weight: 1,
    lengthPenalty: 0.75,
    text: (capability) => Object.keys(capability.inputSchema?.properties ?? {}).join(' '),
  },
  { weight: 0.5, lengthPenalty: 0.75, text: (capability) => describedFields(capability.inputSchema) },
  {
    weight: 0.5,
    lengthPenalty: 0.75,
    text: (capability) => Object.keys(capability.outputSchema?.properties ?? {}).join(' '),
  },
];

function describedFields(schema: JsonSchema | undefined): string {
  return Object.values(schema?.properties ?? {})
    .map((property) => (typeof property.description === 'string' ? property.description : ''))
    .join(' ');
}

interface Entry {
  readonly component: ComponentInfo;
  readonly capability: Capability;
}

/** Where a word stands, and how much it weighs there. */
interface Postings {
  readonly documents: Uint32Array;
  readonly impacts: Float32Array;
  readonly rarity: number;
}

/** An index over the capabilities of some components; internal ones are left out. Made once, never changed. */
export class SearchIndex {
  readonly #entries: readonly Entry[];
  readonly #postings = new Map<string, Postings>();

  constructor(components: readonly ComponentInfo[]) {
    this.#entries = components.flatMap((component) =>
      component.capabilities
        .filter((capability) => capability.internal !== true)
        .map((capability) => ({ component, capability })),
    );
    this.#build();
  }

  /** Capabilities in the index. */
  get size(): number {
    return this.#entries.length;
  }

  /** Whether any capability has this word (as `tokensOf` makes it). */
  has(token: string): boolean {
    return this.#postings.has(token);
  }

  /** How rare a word is among the capabilities (inverse document frequency); a word that none has is the rarest. */
  rarityOf(token: string): number {
    return this.#postings.get(token)?.rarity ?? rarity(this.#entries.length, 0);
  }

  /**
   * The best capabilities for a query, best first; equal scores keep the order of the components.
   *
   * @param query words, or their tokens
   * @param limit how many at most
   */
  search(query: string | readonly string[], limit: number): SearchHit[] {
    const tokens = new Set(typeof query === 'string' ? tokensOf(query) : query);
    const scores = new Map<number, number>();
    for (const token of tokens) {
      const postings = this.#postings.get(token);
      if (postings === undefined) continue;
      for (let at = 0; at < postings.documents.length; at++) {
        const document = postings.documents[at] ?? 0;
        scores.set(document, (scores.get(document) ?? 0) + postings.rarity * (postings.impacts[at] ?? 0));
      }
    }
    return [...scores]
      .sort(([leftDocument, left], [rightDocument, right]) => right - left || leftDocument - rightDocument)
      .slice(0, limit)
      .flatMap(([document, score]) => {
        const entry = this.#entries[document];
        return entry === undefined ? [] : [{ ...entry, score }];
      });
  }

  #build(): void {
    const lengths = fields.map(() => new Uint32Array(this.#entries.length));
    const counts = new Map<string, Map<number, number[]>>();
    for (const [document, { component, capability }] of this.#entries.entries()) {
      for (const [fieldAt, field] of fields.entries()) {
        const tokens = tokensOf(field.text(capability, component));
        const fieldLengths = lengths[fieldAt];
        if (fieldLengths !== undefined) fieldLengths[document] = tokens.length;
        for (const token of tokens) countIn(counts, { token, document, fieldAt });
      }
    }
    const averages = lengths.map(
      (fieldLengths) => fieldLengths.reduce((sum, length) => sum + length, 0) / Math.max(1, fieldLengths.length),
    );
    for (const [token, byDocument] of counts) {
      const documents = Uint32Array.from(byDocument.keys());
      const impacts = Float32Array.from(byDocument, ([document, perField]) => {
        const frequency = perField.reduce(
          (sum, count, fieldAt) => sum + weighted(count, { fieldAt, document, lengths, averages }),
          0,
        );
        return frequency / (k1 + frequency);
      });
      this.#postings.set(token, { documents, impacts, rarity: rarity(this.#entries.length, documents.length) });
    }
  }
}

function countIn(
  counts: Map<string, Map<number, number[]>>,
  { token, document, fieldAt }: { readonly token: string; readonly document: number; readonly fieldAt: number },
): void {
  let byDocument = counts.get(token);
  if (byDocument === undefined) counts.set(token, (byDocument = new Map<number, number[]>()));
  let perField = byDocument.get(document);
  if (perField === undefined) byDocument.set(document, (perField = fields.map(() => 0)));
  perField[fieldAt] = (perField[fieldAt] ?? 0) + 1;
}

function weighted(
  count: number,
  at: {
    readonly fieldAt: number;
    readonly document: number;
    readonly lengths: readonly Uint32Array[];
    readonly averages: readonly number[];
  },
): number {
  const field = fields[at.fieldAt];
  if (count === 0 || field === undefined) return 0;
  const length = at.lengths[at.fieldAt]?.[at.document] ?? 0;
  const average = Math.max(1e-9, at.averages[at.fieldAt] ?? 1);
  return (field.weight * count) / (1 - field.lengthPenalty + (field.lengthPenalty * length) / average);
}

function rarity(documents: number, documentsWithToken: number): number {
  return Math.log(1 + (documents - documentsWithToken + 0.5) / (documentsWithToken + 0.5));
}

/** One index for each list of components, as long as the list lives. */
const indexes = new WeakMap<readonly ComponentInfo[], SearchIndex>();

/** The index over some components; made on first use and kept with the list. */
export function indexOf(components: readonly ComponentInfo[]): SearchIndex {
  let index = indexes.get(components);
  if (index === undefined) {
    index = new SearchIndex(components);
    indexes.set(components, index);
  }
  return index;
}
