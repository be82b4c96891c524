/**
 * Who was asked, for responses, errors and advice.
 *
 * @module
 */

/** A model at a provider. */
export interface ModelPlace {
  readonly provider: string;
  readonly model: string;
  /** What to look at when the key is wrong, for example `GROQ_API_KEY`. */
  readonly keyHint?: string;
  /** What to look at when nobody answers, for example `OPENAI_BASE_URL`. */
  readonly addressHint?: string;
  /** Taken out of every message. */
  readonly secrets?: readonly string[];
}

/** The part of a place that stands in an error's details. */
export function detailsOf({ provider, model }: ModelPlace): { readonly provider: string; readonly model: string } {
  return { provider, model };
}
