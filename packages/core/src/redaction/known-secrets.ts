/**
 * Secrets that are known by their looks, in any text: keys that carry their maker's mark, JWTs, credentials of HTTP and of
 * URLs, private keys.
 *
 * Every pattern is linear: it starts only where a word does, and what it repeats cannot begin again inside itself.
 *
 * @module
 */
import { redacted } from './redacted.ts';

/** A cheap look first: hardly any text holds one of these, and then nothing else has to be looked for. */
const mayHoldSecret =
  /sk-|[prs]k_|gh[oprsu]_|_pat_|glpat-|xox|xapp-|npm_|hf_|gsk_|r8_|shp|dop_v|lin_a|whsec_|pypi-|A[KSB]IA|ACCA|AIza|ya29|SG\.|GOCSPX|xai-|pplx-|tvly-|:AA|%3AAA|eyJ|:\/\/|[?&]\w|bearer|basic|PRIVATE.{1,3}KEY/i;

/** Where a word begins: also behind `%20`, `\n` in JSON, and a colour of the terminal. */
const begin = String.raw`(?:(?<![A-Za-z0-9])|(?<=%[\dA-Fa-f]{2}|\\[nrt]|\[\d{1,2}m))`;
/** Marks with `_` before letters and digits alone, so that `npm_config_registry` stays. */
const underscoreKeys = new RegExp(
  String.raw`${begin}(?:(?:gh[oprsu]|github_pat|whsec)_\w{16,}|(?:npm|hf|gsk|r8|shp(?:at|ca|pa|ss)|dop_v1|lin_api|[prs]k_(?:live|test))_[A-Za-z0-9]{16,})`,
  'g',
);
const dashKeys = new RegExp(
  String.raw`${begin}(?:(?:sk|glpat|xox[abeoprs]|xapp|xai|pplx|tvly|GOCSPX)-|pypi-AgE)[\w-]{8,}`,
  'g',
);
/** Of AWS, Google, SendGrid, Telegram. */
const otherKeys = new RegExp(
  String.raw`${begin}(?:(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])|AIza[\w-]{30,}|ya29\.[\w-]{20,}|SG\.[\w-]{16,}\.[\w-]{16,})|(?:(?<!\d)|(?<=%[\dA-Fa-f]{2}))\d{8,10}(?::|%3A)AA[\w-]{33}`,
  'g',
);
/** `eyJ` is the beginning of every JSON object in base64. */
const jsonWebToken = new RegExp(String.raw`${begin}eyJ[\w-]{5,}(?:\.[\w-]*){1,4}`, 'g');
const webhooks = /(hooks\.slack\.com\/services|discord(?:app)?\.com\/api\/webhooks)\/[\w/-]{8,}/g;
const schemeCredentials = /\b(?:bearer|basic)(?:\s{1,4}|%20)[\w.~+/=-]{8,}/gi;
/** Up to the last `@` before the host's end: a password may hold one. */
const urlCredentials = /(?<![a-z0-9+.-])([a-z][a-z0-9+.-]{0,32}:\/\/)[^\s/?#"'<>]{1,512}@/gi;
const queryParameters =
  /([?&](?:key|sig|signature|auth|x-amz-(?:signature|credential|security-token))=)([^\s&#"'<>\\]{8,})/gi;

const privateKeyBegin = /-----BEGIN[A-Z0-9 %+]{1,50}PRIVATE(?: |%20|\+)KEY/;
const privateKeyEnd = /-----END[A-Z0-9 %+]{1,50}PRIVATE(?: |%20|\+)KEY(?: BLOCK)?(?:-----)?/;

/** A text without the secrets that are known by their looks. */
export function withoutKnownSecrets(text: string): string {
  if (!mayHoldSecret.test(text)) return text;
  return withoutPrivateKeys(text)
    .replace(urlCredentials, `$1${redacted}@`)
    .replace(queryParameters, (whole: string, name: string, value: string) =>
      looksRandom(value) ? `${name}${redacted}` : whole,
    )
    .replace(webhooks, `$1/${redacted}`)
    .replace(jsonWebToken, redacted)
    .replace(underscoreKeys, redacted)
    .replace(otherKeys, redacted)
    .replace(dashKeys, (key) => (isDashKey(key) ? redacted : key))
    .replace(schemeCredentials, withoutCredentials);
}

/** Whether a text is too irregular for a word: letters with digits, or a mixture of cases. */
export function looksRandom(text: string): boolean {
  if (text.length >= 8 && /[A-Za-z]/.test(text) && /\d/.test(text)) return true;
  return text.length >= 16 && /[a-z][A-Z]|[A-Z]{2}[a-z]/.test(text);
}

/** `sk-` also begins Slovak locales and names of packages. */
function isDashKey(key: string): boolean {
  return /^(?:glpat|xox|xapp|GOCSPX|pypi)/.test(key) || /\d/.test(key) || key.length >= 27;
}

function withoutCredentials(whole: string): string {
  const [scheme = '', space = '', credentials = ''] = whole.split(/(\s+|%20)/);
  return areCredentials(scheme, credentials) ? `${scheme}${space}${redacted}` : whole;
}

function areCredentials(scheme: string, credentials: string): boolean {
  const text = credentials.replace(/[.=-]{1,8}$/, '');
  // As headers write it, anything but a plain word is one; in a sentence it has to look like one.
  const isHeader = scheme === 'Bearer' && /[_.~+/=-]/.test(text);
  if (scheme.toLowerCase() === 'bearer') return isHeader || looksRandom(text) || text.length >= 24;
  return /^[\x20-\x7e]*:[\x20-\x7e]*$/.test(Buffer.from(text, 'base64').toString('latin1'));
}

/** A key that was cut off goes to the end of the text. */
function withoutPrivateKeys(text: string): string {
  let clean = '';
  let rest = text;
  for (;;) {
    const found = privateKeyBegin.exec(rest);
    if (found === null) return clean + rest;
    clean += rest.slice(0, found.index) + redacted;
    rest = rest.slice(found.index + found[0].length);
    const end = privateKeyEnd.exec(rest);
    rest = end === null ? '' : rest.slice(end.index + end[0].length);
  }
}
