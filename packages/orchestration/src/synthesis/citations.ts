/**
 * Which step each part of an answer came from. A model marks its sentences with `[[step: name]]`; the markers are taken out of
 * the text, also while it streams, and become positions. A marker that names no step of the run leaves nothing behind.
 *
 * @module
 */

/** A part of an answer and the steps it rests on. */
export interface Citation {
  /** Names of steps that completed, or whose failure the part tells of. Never empty. */
  readonly steps: readonly string[];
  /** Place of the part's first character in the answer. */
  readonly start: number;
  /** Place behind the part's last character. */
  readonly end: number;
}

/** An answer and what it rests on. */
export interface SynthesizedAnswer {
  readonly text: string;
  /** In the order of the text; empty when nothing is known. */
  readonly citations: readonly Citation[];
}

/** A piece of an answer with the steps it came from. */
export interface AnswerPart {
  readonly text: string;
  readonly steps: readonly string[];
}

/**
 * An answer out of pieces, one a line.
 *
 * @param parts in the order of the text; those without steps are not cited
 */
export function joinParts(parts: readonly AnswerPart[]): SynthesizedAnswer {
  const citations: Citation[] = [];
  let text = '';
  for (const part of parts) {
    if (text !== '') text += '\n';
    const start = text.length;
    text += part.text;
    if (part.steps.length > 0 && part.text !== '') citations.push({ steps: part.steps, start, end: text.length });
  }
  return { text, citations };
}

/**
 * Takes the markers out of a whole text.
 *
 * @param marked what the model wrote
 * @param knownSteps steps that may be cited
 */
export function readCitations(marked: string, knownSteps: ReadonlySet<string>): SynthesizedAnswer {
  const reader = new CitationReader(knownSteps);
  reader.push(marked);
  return reader.end();
}

const marker = /\[\[steps?:([^\][\n]{1,500})\]\]/iy;
const maxMarkerLength = 512;
/** What remains of a sentence behind its marker. */
const closingPunctuation = /^[\s.,;:!?)\u2026\u3002\uFF0C\u3001\uFF1B\uFF1A\uFF01\uFF1F\uFF09]+/u;

/** Reads a text with markers piece by piece; how it is cut into pieces makes no difference to the answer. */
export class CitationReader {
  readonly #knownSteps: ReadonlySet<string>;
  readonly #citations: Citation[] = [];
  #text = '';
  /** Read, but not yet certain: white space in front of a marker goes with it, and a marker may be cut in two. */
  #pending = '';
  /** Where the part that the next marker speaks of begins. */
  #partStart = 0;

  /** @param knownSteps steps that may be cited */
  constructor(knownSteps: ReadonlySet<string>) {
    this.#knownSteps = knownSteps;
  }

  /**
   * Takes the next piece.
   *
   * @returns text that is certain now; may be empty
   */
  push(piece: string): string {
    this.#pending += piece;
    const before = this.#text.length;
    let at = 0;
    for (;;) {
      const opening = this.#pending.indexOf('[[', at);
      if (opening === -1) break;
      marker.lastIndex = opening;
      const found = marker.exec(this.#pending);
      if (found !== null) {
        this.#append(this.#pending.slice(0, opening).trimEnd());
        this.#cite(found[1] ?? '');
        this.#pending = this.#pending.slice(marker.lastIndex);
        at = 0;
      } else if (mayBecomeMarker(this.#pending.slice(opening, opening + maxMarkerLength + 1))) {
        break;
      } else at = opening + 1;
    }
    const certain = certainLength(this.#pending, at);
    this.#append(this.#pending.slice(0, certain));
    this.#pending = this.#pending.slice(certain);
    return this.#text.slice(before);
  }

  /** The whole answer, without white space around it. */
  end(): SynthesizedAnswer {
    this.#append(this.#pending.trimEnd());
    this.#pending = '';
    return { text: this.#text, citations: this.#citations };
  }

  #append(text: string): void {
    const added = this.#text === '' ? text.trimStart() : text;
    const lineBreak = added.lastIndexOf('\n');
    if (lineBreak !== -1) this.#partStart = this.#text.length + lineBreak + 1;
    this.#text += added;
  }

  #cite(names: string): void {
    const steps = [...new Set(names.split(',').map((name) => name.trim()))].filter((name) =>
      this.#knownSteps.has(name),
    );
    const part = this.#text.slice(this.#partStart);
    const start = this.#partStart + (closingPunctuation.exec(part)?.[0].length ?? 0);
    const end = this.#text.length;
    if (steps.length === 0) return;
    if (start < end) this.#citations.push({ steps, start, end });
    else this.#extendLast(steps);
    this.#partStart = end;
  }

  /** Two markers in a row speak of the same part. */
  #extendLast(steps: readonly string[]): void {
    const last = this.#citations.pop();
    if (last !== undefined) this.#citations.push({ ...last, steps: [...new Set([...last.steps, ...steps])] });
  }
}

/** Whether a text that begins with `[[` is too short to say that it is no marker. */
function mayBecomeMarker(text: string): boolean {
  return text.length <= maxMarkerLength && /^\[\[(?:s|$)(?:[^\][\n]*\]?)$/i.test(text);
}

/** How much of a text stays as it is whatever follows: all but white space, and the beginning of a marker, at its end. */
function certainLength(pending: string, from: number): number {
  const opening = pending.indexOf('[[', from);
  const held = opening !== -1 ? opening : pending.endsWith('[') ? pending.length - 1 : pending.length;
  return pending.slice(0, held).trimEnd().length;
}
