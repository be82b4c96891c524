/**
 * The one door for JSON that a model wrote: finds it between prose, fences and thinking, mends what is unambiguous, and
 * refuses what was cut off. A repaired half of a plan is a wrong plan, so unclosed brackets are never closed here.
 *
 * @module
 */
import { createRequire } from 'node:module';
import type { Diagnostic } from '../plan/diagnostic.ts';
import { findJsonSpans, type JsonSpan, toDoubleQuotes } from './json-spans.ts';
import { findFencedBlocks, stripThinking } from './reply-parts.ts';

/** Options of {@link extractJson}. */
export interface ExtractJsonOptions {
  /** Why the model stopped; `length` refuses the reply as a whole. */
  readonly finishReason?: string;
  /** True closes what a cut-off reply left open; for display only, never for plans. Default: false. */
  readonly allowTruncated?: boolean;
}

/** JSON that was found, or why there is none. */
export type ExtractJsonResult =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly diagnostics: Diagnostic[] };

const maxLength = 1_048_576;
const maxDepth = 64;

/** Internal result of reading one candidate. */
type Reading = { readonly ok: true; readonly value: unknown } | { readonly ok: false };

/**
 * The JSON value a model's reply holds.
 *
 * Thinking tags are dropped. Fenced blocks win over free text, the last complete one over earlier ones; in free text a
 * strictly valid object wins over one that needs repair, and the last over earlier ones. Repaired are comments, trailing
 * and missing commas, Python literals, single and typographic quotes, unquoted keys.
 *
 * @param text a model's reply, at most 1 MiB
 * @returns the value, or diagnostics with `PLAN_TRUNCATED`, `MODEL_INVALID_JSON` or `LIMIT_EXCEEDED`
 */
export function extractJson(text: string, options: ExtractJsonOptions = {}): ExtractJsonResult {
  const allowTruncated = options.allowTruncated ?? false;
  if (text.length > maxLength) {
    return failure(
      'LIMIT_EXCEEDED',
      `The reply has ${String(text.length)} characters; at most ${String(maxLength)} are read.`,
    );
  }
  if (options.finishReason === 'length' && !allowTruncated) {
    return failure(
      'PLAN_TRUNCATED',
      'The model ran out of tokens, so its reply is cut off. Ask for a shorter reply or allow more tokens.',
    );
  }
  const answer = stripThinking(text.replace(/^\uFEFF/, ''));
  const whole = parseStrictly(answer);
  if (whole.ok) return unwrapEncoded(whole.value, options);

  const blocks = findFencedBlocks(answer);
  for (const block of blocks.toReversed()) {
    const result = extractFrom(block.content, allowTruncated);
    if (result?.ok === true) return result;
    // The last block with JSON in it is the answer; when it is cut off, an earlier draft must not stand in for it.
    if (result !== undefined) return result;
  }
  return (
    extractFrom(answer, allowTruncated) ?? failure('MODEL_INVALID_JSON', 'The reply holds no JSON object or array.')
  );
}

/** Reads the best span of a text; undefined when there is none that looks like JSON. */
function extractFrom(text: string, allowTruncated: boolean): ExtractJsonResult | undefined {
  const spans = findJsonSpans(text).filter((span) => looksLikeJson(text, span));
  if (spans.length === 0) return undefined;
  if (spans.some((span) => span.depth > maxDepth)) {
    return failure('LIMIT_EXCEEDED', `The JSON is nested deeper than ${String(maxDepth)} levels.`);
  }
  const last = spans.at(-1);
  if (last?.isClosed === false) {
    const repaired = allowTruncated ? repair(text.slice(last.start)) : undefined;
    if (repaired?.ok === true) return repaired;
    return failure('PLAN_TRUNCATED', 'The JSON in the reply is cut off: brackets or quotes are left open at its end.');
  }
  const closed = spans.filter((span) => span.isClosed);
  for (const read of [parseStrictly, repair]) {
    const values = closed.map((span) => read(text.slice(span.start, span.end))).filter((reading) => reading.ok);
    const best = values.findLast((reading) => isObjectLike(reading.value)) ?? values.at(-1);
    if (best !== undefined) return best;
  }
  return failure(
    'MODEL_INVALID_JSON',
    'The reply holds brackets, but what is between them is not JSON and cannot be mended.',
  );
}

/** Prose such as `{tools, agents}` or `[1]` is no candidate: JSON objects have keys, arrays of interest hold objects or values. */
function looksLikeJson(text: string, span: JsonSpan): boolean {
  const inside = text.slice(span.start + 1, Math.min(span.end, span.start + 4096)).trimStart();
  if (inside === '') return true;
  if (text[span.start] === '[') return /^["'“{[\]\d\-tfnTFN]/.test(inside);
  return /^(?:["'“}]|\/[/*]|[A-Za-z_$][\w$-]{0,127}\s{0,8}:)/.test(inside);
}

function isObjectLike(value: unknown): boolean {
  if (Array.isArray(value)) return value.some((item) => typeof item === 'object' && item !== null);
  return typeof value === 'object' && value !== null;
}

/** Keys that could reach a prototype when copied carelessly are dropped at the door. */
function withoutPrototypeKeys(key: string, value: unknown): unknown {
  return key === '__proto__' ? undefined : value;
}

function parseStrictly(text: string): Reading {
  try {
    return { ok: true, value: JSON.parse(text, withoutPrototypeKeys) as unknown };
  } catch {
    return { ok: false };
  }
}

const require = createRequire(import.meta.url);

function repair(text: string): Reading {
  // Loaded on first need: most replies are valid JSON.
  const { jsonrepair } = require('jsonrepair') as typeof import('jsonrepair');
  try {
    return parseStrictly(jsonrepair(toDoubleQuotes(text)));
  } catch {
    return { ok: false };
  }
}

/** A JSON text inside a JSON string, as some models write it, is read once more. */
function unwrapEncoded(value: unknown, options: ExtractJsonOptions): ExtractJsonResult {
  if (typeof value !== 'string') return { ok: true, value };
  const inner = value.trimStart();
  if (!inner.startsWith('{') && !inner.startsWith('[')) return { ok: true, value };
  return extractFrom(inner, options.allowTruncated ?? false) ?? { ok: true, value };
}

function failure(code: string, message: string): { readonly ok: false; readonly diagnostics: Diagnostic[] } {
  return { ok: false, diagnostics: [{ code, severity: 'error', message }] };
}
