/**
 * Vectors of capabilities, made once for each text and kept while they are used: ranks capabilities by what they mean.
 *
 * @module
 */
import { type ComponentInfo, GomindError } from '@gomind/core';
import { type ChosenCapability, publicCapabilities } from './offer.ts';

/**
 * Turns texts into vectors, in their order, for example with `aiClient.embed`.
 *
 * @param texts at most 100
 */
export type Embed = (
  texts: readonly string[],
  options?: { readonly signal?: AbortSignal },
) => Promise<readonly (readonly number[])[]>;

/** A capability and how close it is to the query. */
export interface VectorHit extends ChosenCapability {
  /** From -1 to 1. */
  readonly cosine: number;
}

const batchSize = 100;
const maxTextLength = 1_000;

/** Ranks capabilities by the cosine of their vectors with the query's. */
export class VectorIndex {
  readonly #embed: Embed;
  /** By text, of length 1. */
  #vectors = new Map<string, Float64Array>();
  #filled: readonly ComponentInfo[] | undefined;
  #filling: Promise<void> | undefined;

  constructor(embed: Embed) {
    this.#embed = embed;
  }

  /**
   * The closest capabilities, closest first.
   *
   * @param options `threshold` is the least cosine, `limit` how many at most
   * @throws what `embed` throws; GomindError `MODEL_BAD_RESPONSE` for vectors that do not fit
   */
  async rank(
    query: string,
    components: readonly ComponentInfo[],
    options: { readonly limit: number; readonly threshold: number; readonly signal?: AbortSignal | undefined },
  ): Promise<VectorHit[]> {
    await this.#fill(components, options.signal);
    const [wanted] = await this.#vectorsOf([query.slice(0, maxTextLength)], options.signal);
    if (wanted === undefined) return [];
    return publicCapabilities(components)
      .flatMap((chosen) => {
        const vector = this.#vectors.get(textOf(chosen));
        const cosine = vector === undefined ? -1 : dot(wanted, vector);
        return cosine >= options.threshold ? [{ ...chosen, cosine }] : [];
      })
      .sort((left, right) => right.cosine - left.cosine)
      .slice(0, options.limit);
  }

  /** Makes the vectors that are missing; who comes meanwhile waits for the same ones. */
  async #fill(components: readonly ComponentInfo[], signal: AbortSignal | undefined): Promise<void> {
    while (this.#filling !== undefined) await this.#filling.catch(() => undefined);
    if (this.#filled === components) return;
    this.#filling = this.#embedMissing(components, signal).finally(() => {
      this.#filling = undefined;
    });
    await this.#filling;
  }

  async #embedMissing(components: readonly ComponentInfo[], signal: AbortSignal | undefined): Promise<void> {
    const texts = new Set(publicCapabilities(components).map(textOf));
    const vectors = new Map([...this.#vectors].filter(([text]) => texts.has(text)));
    const missing = [...texts].filter((text) => !vectors.has(text));
    for (let start = 0; start < missing.length; start += batchSize) {
      const batch = missing.slice(start, start + batchSize);
      const made = await this.#vectorsOf(batch, signal);
      for (const [at, text] of batch.entries()) {
        const vector = made[at];
        if (vector !== undefined) vectors.set(text, vector);
      }
    }
    this.#vectors = vectors;
    this.#filled = components;
  }

  async #vectorsOf(texts: readonly string[], signal: AbortSignal | undefined): Promise<Float64Array[]> {
    const made = await this.#embed(texts, signal === undefined ? {} : { signal });
    if (made.length !== texts.length) {
      throw new GomindError({
        code: 'MODEL_BAD_RESPONSE',
        message: `embed returned ${String(made.length)} vectors for ${String(texts.length)} texts. It must return one for each, in their order.`,
      });
    }
    return made.map(unit);
  }
}

function textOf({ component, capability }: ChosenCapability): string {
  return `${component.name} ${capability.name}: ${capability.description}`.slice(0, maxTextLength);
}

function unit(vector: readonly number[]): Float64Array {
  const length = Math.hypot(...vector) || 1;
  return Float64Array.from(vector, (value) => value / length);
}

function dot(left: Float64Array, right: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < left.length; at++) sum += (left[at] ?? 0) * (right[at] ?? 0);
  return sum;
}
