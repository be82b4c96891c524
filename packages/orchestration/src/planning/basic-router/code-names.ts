/**
 * Codes that people name in words: "Korean won" is KRW, "Japan" is JP. The names come from the runtime's own CLDR data.
 *
 * @module
 */
import { wordsOf } from '../../capabilities/tokens.ts';

/** A code found in a text. */
export interface NamedCode {
  readonly code: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Currencies by turnover, most traded first, so that "dollars" are US dollars and "won" is South Korean
 * (BIS Triennial Central Bank Survey 2022, table 5).
 */
const mostTraded =
  'USD EUR JPY GBP CNY AUD CAD CHF HKD SGD SEK KRW NOK NZD INR MXN TWD ZAR BRL DKK PLN THB ILS IDR CZK AED TRY HUF CLP SAR PHP MYR COP RUB RON PEN BHD BGN ARS'.split(
    ' ',
  );

const symbols: Readonly<Record<string, string>> = {
  $: 'USD',
  '€': 'EUR',
  '£': 'GBP',
  '¥': 'JPY',
  '₩': 'KRW',
  '₹': 'INR',
  '₺': 'TRY',
  '₽': 'RUB',
  '฿': 'THB',
};

let currencyCodes: ReadonlySet<string> | undefined;
/** Every ending of every name, in words: `south korean won`, `korean won`, `won`. */
let currencyNames: ReadonlyMap<string, string> | undefined;

/** Whether three letters are the code of a currency (ISO 4217). */
function isCurrencyCode(text: string): boolean {
  currencyCodes ??= new Set(Intl.supportedValuesOf('currency'));
  return currencyCodes.has(text);
}

/** Currencies that a text names by code, symbol or name, in the order of the text. */
export function findCurrencies(text: string): NamedCode[] {
  const found: NamedCode[] = [];
  for (const match of text.matchAll(/\b[A-Z]{3}\b|[$€£¥₩₹₺₽฿]/gu)) {
    const code = symbols[match[0]] ?? match[0];
    if (isCurrencyCode(code)) found.push({ code, start: match.index, end: match.index + match[0].length });
  }
  currencyNames ??= currencyNameIndex();
  const words = [...text.matchAll(/[\p{L}\p{M}]+/gu)];
  for (let first = 0; first < words.length; first++) {
    for (let count = Math.min(4, words.length - first); count > 0; count--) {
      const span = words.slice(first, first + count);
      const code = currencyNames.get(nameKey(span.map(([word]) => word).join(' ')));
      if (code === undefined) continue;
      const start = span[0]?.index ?? 0;
      const last = span.at(-1);
      found.push({ code, start, end: (last?.index ?? 0) + (last?.[0].length ?? 0) });
      first += count - 1;
      break;
    }
  }
  return found.sort((left, right) => left.start - right.start);
}

function nameKey(name: string): string {
  return wordsOf(name)
    .map((word) => (word.length > 3 && word.endsWith('s') ? word.slice(0, -1) : word))
    .join(' ');
}

function currencyNameIndex(): ReadonlyMap<string, string> {
  const names = new Intl.DisplayNames('en', { type: 'currency' });
  const index = new Map<string, string>();
  const rank = (code: string): number => {
    const place = mostTraded.indexOf(code);
    return place < 0 ? mostTraded.length : place;
  };
  const codes = [...Intl.supportedValuesOf('currency')].sort((left, right) => rank(left) - rank(right));
  for (const code of codes) {
    const name = names.of(code) ?? code;
    // Historic currencies carry years in brackets; nobody means them.
    if (name === code || /[(\d]/.test(name)) continue;
    const words = nameKey(name).split(' ');
    for (let from = 0; from < words.length; from++) {
      const ending = words.slice(from).join(' ');
      const isTraded = rank(code) < mostTraded.length;
      // One word alone names a currency only when that currency is much traded ("real", "won"): others are everyday words.
      if (!index.has(ending) && (from === 0 || words.length - from > 1 || isTraded)) index.set(ending, code);
    }
  }
  return index;
}

let countryNames: ReadonlyMap<string, string> | undefined;

/** The ISO 3166-1 alpha-2 code of a country's English name, if it is one. */
export function countryCodeOf(name: string): string | undefined {
  if (countryNames === undefined) {
    const names = new Intl.DisplayNames('en', { type: 'region' });
    const letters = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
    const index = new Map<string, string>();
    for (const code of letters.flatMap((first) => letters.map((second) => first + second))) {
      const country = names.of(code);
      if (country !== undefined && country !== code) index.set(nameKey(country), code);
    }
    countryNames = index;
  }
  return countryNames.get(nameKey(name.replace(/^the\s+/i, '')));
}
