/**
 * Values that this process knows to be secrets (the key of an AI client, the secrets of a workflow), so that they are found
 * wherever they turn up, whatever they look like. One list for the process: whoever logs does not know who configured what.
 *
 * @module
 */
import { redacted } from './redacted.ts';

/** Shorter ones would be found in ordinary words, and words of letters alone are such: `password`, `changeme`. */
const minLength = 8;
const shortWord = /^[A-Za-z]{1,11}$/;
const maxValues = 256;

/** By value, in the order in which they were last protected; with each the forms that it may turn up in. */
const values = new Map<string, readonly string[]>();
let pattern: RegExp | undefined;

/**
 * Keeps a value out of logs, spans, events, errors and records from now on, also where it stands JSON-escaped,
 * percent-encoded or in base64. Values under 8 characters, and under 12 when they are letters alone, are left alone; the last
 * 256 are kept.
 *
 * @param secret a key, a password, a token that the application was configured with
 * @example
 * protectSecret(readSecretFile('/run/secrets/payment-key'));
 */
export function protectSecret(secret: string): void {
  if (secret.length < minLength || shortWord.test(secret)) return;
  const forms = values.get(secret) ?? formsOf(secret);
  const isNew = !values.delete(secret);
  values.set(secret, forms);
  if (!isNew) return;
  for (const oldest of values.keys()) {
    if (values.size <= maxValues) break;
    values.delete(oldest);
  }
  pattern = undefined;
}

/** A text without the protected values. */
export function withoutProtectedValues(text: string): string {
  if (values.size === 0 || text.length < minLength) return text;
  pattern ??= patternOf([...values.values()].flat());
  return text.replace(pattern, redacted);
}

/** Whether a word may be the beginning of a protected value. */
export function mayBeginProtectedValue(word: string): boolean {
  for (const forms of values.values()) if (forms.some((form) => form.startsWith(word))) return true;
  return false;
}

function formsOf(secret: string): readonly string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  return [...new Set([secret, json, percentEncoded(secret), Buffer.from(secret).toString('base64')])];
}

function percentEncoded(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    // Half of a surrogate pair has no encoding.
    return text;
  }
}

/** Literals only, the longest first: a secret may be the beginning of another. */
function patternOf(forms: readonly string[]): RegExp {
  const literals = forms
    .toSorted((left, right) => right.length - left.length)
    .map((form) => form.replaceAll(/[$()*+./?[\\\]^{|}-]/g, String.raw`\$&`));
  return new RegExp(literals.join('|'), 'g');
}
