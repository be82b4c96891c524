/**
 * Who was asked, for responses, errors and advice.
 *
 * @module
 */
import { redactText } from '@gomind/core';

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
export function detailsOf(place: ModelPlace): { readonly provider: string; readonly model: string } {
  return { provider: place.provider, model: shownModel(place) };
}

/** The model's name for messages: a key may have got into its place. */
export function shownModel({ model }: ModelPlace): string {
  return redactText(model);
}
