/**
 * Cuts a request into the things it asks for.
 *
 * @module
 */
import { stopWords, wordsOf } from '../../capabilities/tokens.ts';
import { quoterOf } from './quote-clause.ts';

/** One thing that is asked for, with what is said around it. */
export interface Clause {
  readonly text: string;
  /** For messages: short, and without what the request as a whole shows to be a secret. */
  readonly shown: string;
  /** Other clauses of the same sentence: what they name holds for this one too. */
  readonly neighbours: readonly string[];
  /** Clauses of other sentences: looked at when its own sentence does not say enough. */
  readonly others: readonly string[];
}

/** A text without what it quotes: quoted words are data, they ask for nothing. */
export function withoutQuotes(text: string): string {
  return text.replaceAll(quotedPattern, ' ');
}

/** Whether a word begins an order: "book", "find". */
export function isImperative(word: string): boolean {
  return imperativeWords.has(word.toLowerCase());
}

const questionWords = 'what|when|where|which|who|how|is|are|does|do|did|can|could|will|would';
const imperatives =
  'add|answer|ask|book|buy|calculate|call|cancel|change|check|compare|compute|convert|count|create|delete|describe|draw|email|estimate|explain|fetch|find|' +
  'forward|generate|get|give|greet|help|insert|list|look|make|measure|open|order|pay|plan|post|print|put|read|recommend|remind|remove|rename|reserve|run|save|' +
  'schedule|search|sell|send|set|share|show|start|stop|suggest|sum|summarise|summarize|tell|transfer|translate|turn|update|upload|use|write';
const imperativeWords: ReadonlySet<string> = new Set(imperatives.split('|'));
/** "and" parts two requests only when a new one begins behind it: "between Paris and Rome" stays whole. */
const splitPattern = new RegExp(
  String.raw`(?:,\s*|\s+)(?:and\s+then|and\s+also|then|and|plus|also)\s+(?=(?:please\s+)?(?:${questionWords}|${imperatives})\b)|,\s*(?=(?:${questionWords}|${imperatives})\b)`,
  'giu',
);
/** A sentence's end: not the dot of "3.5", "e.g." or "file.txt". */
const sentencePattern = /[!?;\n]+|\.(?=\s|$)/u;
const quotedPattern = /"[^"]*"|“[^”]*”|«[^»]*»|(?<![\p{L}\p{N}])'[^'\n]*'(?![\p{L}\p{N}])/gu;
const maxClauses = 20;

/**
 * The clauses of a request, in its order.
 *
 * @param request plain language; quoted text is never cut
 */
export function clausesOf(request: string): Clause[] {
  const sentences = splitOutsideQuotes(request, sentencePattern).map((sentence) =>
    // What stands before a colon is said about everything behind it.
    splitOutsideQuotes(sentence, /:(?=\s)/u).flatMap((part) => splitOutsideQuotes(part, splitPattern)),
  );
  const quote = quoterOf(request);
  const clauses = sentences.flatMap((parts, sentenceAt) =>
    parts.flatMap((text, at): Clause[] => {
      if (wordsOf(text).length === 0) return [];
      const neighbours = [...parts.slice(0, at).reverse(), ...parts.slice(at + 1)];
      const before = sentences.slice(0, sentenceAt).reverse();
      return [{ text, shown: quote(text), neighbours, others: [...before, ...sentences.slice(sentenceAt + 1)].flat() }];
    }),
  );
  return clauses.slice(0, maxClauses);
}

/** A request that stands in quotes as a whole is not quoted text. */
export function withoutOuterQuotes(request: string): string {
  return /^\s*["“]([^"“”]*)["”]\s*$/u.exec(request)?.[1] ?? request;
}

function splitOutsideQuotes(text: string, pattern: RegExp): string[] {
  const quoted: string[] = [];
  const masked = text.replaceAll(quotedPattern, (found) => {
    quoted.push(found);
    return `\u0000${String(quoted.length - 1)}\u0000`;
  });
  return masked
    .split(pattern)
    .map((part) => part.replaceAll(/\u0000(\d+)\u0000/gu, (_mark, at: string) => quoted[Number(at)] ?? '').trim())
    .filter((part) => part !== '');
}

/** Words that point back to what an earlier step found. */
const backReferences: ReadonlySet<string> = new Set(
  'it its that them this these those proceeds result results outcome total sum amount money value rest'.split(' '),
);

/** Whether a clause speaks of what an earlier one found: "convert the proceeds". */
export function pointsBack(clause: string): boolean {
  return wordsOf(clause).some((word) => backReferences.has(word));
}

/** Whether a clause asks for something: it has a word that is not just filling. */
export function asksForSomething(clause: string): boolean {
  return wordsOf(clause).some((word) => !stopWords.has(word) && !/^\d+$/.test(word));
}

/** The same clause, with everything else that the request says around it. */
export function widened(clause: Clause): Clause {
  return { ...clause, neighbours: [...clause.neighbours, ...clause.others], others: [] };
}

/** "I fly from Berlin to Seoul" tells; "I want to convert 5 euros" asks. */
export function isStatement(text: string): boolean {
  return /^(?:i|we|my|our)\b(?!\s*(?:want|need|would|wish|must|have to|like|['’]d))/iu.test(text);
}
