/**
 * The one door for JSON that a model wrote: finds it between prose, fences and thinking, mends what is unambiguous, and
 * refuses what was cut off. A repaired half of a plan is a wrong plan, so unclosed brackets are never closed here.
 *
 * @module
 */
import type { Diagnostic } from '../plan/diagnostic.ts';
import { type Answer, chooseAnswer, chooseFitting, differentAnswers } from './choose-answer.ts';
import { looksLikeJson, readJson, type ReadFailure, type ReadJsonOptions, type ReadResult } from './json-reader.ts';
import { isQuote, skipSpace } from './json-text.ts';
import { findFencedBlocks, stripThinking } from './reply-parts.ts';

/** Options of {@link extractJson}. */
export interface ExtractJsonOptions {
  /** Why the model stopped; `length` refuses the reply as a whole. */
  readonly finishReason?: string;
  /** True closes what a cut-off reply left open; for display only, never for plans. Default: false. */
  readonly allowTruncated?: boolean;
  /**
   * Whether a value has the form of the answer. It is asked when the reply holds several values, and place alone chooses one
   * that does not fit, or none. Default: place alone chooses.
   */
  readonly fits?: (value: unknown) => boolean;
}

/** JSON that was found, or why there is none. */
export type ExtractJsonResult =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly diagnostics: Diagnostic[] };

const maxLength = 1_048_576;
const maxDepth = 64;
/** A reply of more values, or of more brackets that open none, is no answer; reading on would take long. */
const maxValues = 1_000;
/** Each reads the rest of the text once more. */
const maxEscapedReadings = 8;

/**
 * The JSON value a model's reply holds, in time linear in its length.
 *
 * Thinking tags are dropped. Fenced blocks win over free text, the last one over earlier ones; in free text a strictly valid
 * object wins over one that needed mending, and the last over earlier ones. Values that only commas or line breaks separate
 * are one list. Two different values without a word between, brackets that cross and JSON that goes on behind its end are refused.
 * Where the one chosen so does not fit, the only one that does is the answer.
 *
 * @param text a model's reply, at most 1 MiB
 * @returns the value, or diagnostics with `PLAN_TRUNCATED`, `MODEL_INVALID_JSON` or `LIMIT_EXCEEDED`
 */
export function extractJson(text: string, options: ExtractJsonOptions = {}): ExtractJsonResult {
  const reading: ReadJsonOptions = { allowTruncated: options.allowTruncated ?? false, maxDepth };
  // What a model client of the application's own returns may be no text.
  if (typeof (text as unknown) !== 'string') return failure('MODEL_INVALID_JSON', 'The reply is no text.');
  if (text.length > maxLength) {
    return failure(
      'LIMIT_EXCEEDED',
      `The reply has ${String(text.length)} characters; at most ${String(maxLength)} are read.`,
    );
  }
  if (options.finishReason === 'length' && !reading.allowTruncated) {
    return failure(
      'PLAN_TRUNCATED',
      'The model ran out of tokens, so its reply is cut off. Ask for a shorter reply or allow more tokens.',
    );
  }
  const answer = stripThinking(text.replace(/^\uFEFF/, ''));
  const whole = parseStrictly(answer);
  if (whole.ok) return { ok: true, value: decoded(whole.value) };

  const chosen = extractByPlace(answer, reading);
  const { fits } = options;
  const isSettled = chosen.ok ? fits?.(chosen.value) !== false : chosen !== manyAnswers;
  return (isSettled || fits === undefined ? undefined : extractFitting(answer, reading, fits)) ?? chosen;
}

function extractByPlace(answer: string, reading: ReadJsonOptions): ExtractJsonResult {
  // The last block with JSON in it is the answer; when it is cut off, an earlier draft must not stand in for it.
  for (const block of findFencedBlocks(answer).toReversed()) {
    const result = extractFrom(block.content, reading);
    if (result !== undefined) return result;
  }
  return (
    extractFrom(answer, reading) ??
    extractScalar(answer.trim(), reading) ??
    failure('MODEL_INVALID_JSON', 'The reply holds no JSON object or array.')
  );
}

/** The answer among the objects and lists of a text; undefined when there is none that looks like JSON. */
function extractFrom(text: string, reading: ReadJsonOptions): ExtractJsonResult | undefined {
  const answers = findAnswers(text, reading);
  if ('ok' in answers) return answers;
  if (answers.length === 0) return undefined;
  const chosen = chooseAnswer(text, answers);
  if (chosen === differentAnswers) return manyAnswers;
  return chosen.ok ? chosen : failure('MODEL_INVALID_JSON', chosen.message);
}

/** The one value of a whole reply that fits, in a block or between words; undefined when that is not clear. */
function extractFitting(
  text: string,
  reading: ReadJsonOptions,
  fits: (value: unknown) => boolean,
): ExtractJsonResult | undefined {
  const answers = findAnswers(text, reading);
  return 'ok' in answers ? undefined : chooseFitting(text, answers, fits);
}

/** All objects and lists of a text, or why they cannot be read. */
function findAnswers(text: string, reading: ReadJsonOptions): readonly Answer[] | FailedExtraction {
  const answers: Answer[] = [];
  let escapedReadings = 0;
  let failedReadings = 0;
  const first = skipSpace(text, 0);
  for (let start = nextBracket(text, 0); start < text.length;) {
    if (start !== first && !looksLikeJson(text, start)) {
      start = nextBracket(text, start + 1);
      continue;
    }
    const isEscaped = escapedReadings < maxEscapedReadings && isEscapedBracket(text, start);
    if (isEscaped) escapedReadings++;
    const read = isEscaped ? readEscaped(text, start, reading) : readJson(text, start, reading);
    if (read.ok) {
      if (answers.length >= maxValues) return tooManyValues;
      const strict = read.isMended ? notStrict : parseStrictly(text.slice(start, read.end));
      answers.push({ start, end: read.end, value: strict.ok ? strict.value : read.value, isStrict: strict.ok });
      start = nextBracket(text, read.end);
    } else if (read.fault === 'not-json') {
      if (++failedReadings >= maxValues) return tooManyValues;
      start = nextBracket(text, Math.max(read.at, start + 1));
    } else {
      return unreadable(read);
    }
  }
  return answers;
}

/** Whether a bracket opens JSON whose quotes are escaped, as inside a string. */
function isEscapedBracket(text: string, start: number): boolean {
  const inside = skipSpace(text, start + 1);
  return text[inside] === '\\' && text[inside + 1] === '"';
}

function readEscaped(text: string, start: number, reading: ReadJsonOptions): ReadResult {
  const unescaped = text
    .slice(start)
    .replaceAll(/\\(["\\n])/g, (_whole, character: string) => (character === 'n' ? '\n' : character));
  const read = readJson(unescaped, 0, reading);
  return read.ok ? { ...read, end: text.length } : read;
}

function unreadable(read: ReadFailure): FailedExtraction {
  const where = `at character ${String(read.at + 1)}: ${read.message}`;
  if (read.fault === 'too-deep' || read.fault === 'too-broken')
    return failure('LIMIT_EXCEEDED', `The JSON in the reply cannot be read ${where}.`);
  return read.fault === 'unclosed'
    ? failure('PLAN_TRUNCATED', `The JSON in the reply is cut off, or its brackets cross, ${where}.`)
    : failure('MODEL_INVALID_JSON', `The JSON in the reply cannot be mended ${where}.`);
}

/** A reply that is nothing but one string, number or literal. */
function extractScalar(text: string, reading: ReadJsonOptions): ExtractJsonResult | undefined {
  const isQuoted = isQuote(text.charAt(0)) || /^[A-Za-z_$][\w$]{0,63}\(/.test(text);
  const read = text === '' ? undefined : readJson(text, 0, reading);
  if (read?.ok !== true || (typeof read.value === 'string' && !isQuoted)) return undefined;
  const isAll = /^[\s,;)]{0,8}$/.test(text.slice(read.end));
  return isAll && read.value !== undefined ? { ok: true, value: read.value } : undefined;
}

function nextBracket(text: string, from: number): number {
  for (let index = from; index < text.length; index++) {
    if (text[index] === '{' || text[index] === '[') return index;
  }
  return text.length;
}

/** Keys that could reach a prototype when copied carelessly are dropped at the door. */
function withoutPrototypeKeys(key: string, value: unknown): unknown {
  return key === '__proto__' ? undefined : value;
}

type Parsed = { readonly ok: true; readonly value: unknown } | { readonly ok: false };

const notStrict: Parsed = { ok: false };

function parseStrictly(text: string): Parsed {
  try {
    // Asking for each key takes several times as long as reading; an escape may hide the name.
    const mayHoldPrototypeKeys = text.includes('__proto__') || text.includes('\\u');
    return { ok: true, value: JSON.parse(text, mayHoldPrototypeKeys ? withoutPrototypeKeys : undefined) as unknown };
  } catch {
    return { ok: false };
  }
}

/** Valid JSON inside a JSON string, as some models write it, is read once more; twice is enough. */
function decoded(value: unknown): unknown {
  let inner = value;
  for (let level = 0; level < 2 && typeof inner === 'string' && /^\s{0,64}[{[]/.test(inner); level++) {
    const parsed = parseStrictly(inner);
    if (!parsed.ok) return inner;
    inner = parsed.value;
  }
  return inner;
}

type FailedExtraction = Extract<ExtractJsonResult, { readonly ok: false }>;

function failure(code: string, message: string): FailedExtraction {
  return { ok: false, diagnostics: [{ code, severity: 'error', message }] };
}

const tooManyValues = failure(
  'LIMIT_EXCEEDED',
  `The reply holds more than ${String(maxValues)} JSON values, or brackets that open none. Answer with one value.`,
);

const manyAnswers = failure('MODEL_INVALID_JSON', differentAnswers.message);
