/**
 * Takes a model's reply apart: thinking goes, fenced blocks are found. Linear scans only.
 *
 * @module
 */

const thinkingTags = ['think', 'thinking', 'reasoning', 'reflection', 'scratchpad'];

/**
 * The reply without its thinking. An opening tag that is never closed hides the rest of the reply (the model ran out of
 * tokens while thinking); a closing tag without an opening one hides everything before it.
 *
 * @param text a model's reply
 */
export function stripThinking(text: string): string {
  let answer = text;
  for (const tag of thinkingTags) {
    const open = `<${tag}>`;
    const close = `</${tag}>`;
    let kept = '';
    let from = 0;
    let start = indexOfIgnoringCase(answer, open, 0);
    let end = indexOfIgnoringCase(answer, close, 0);
    for (;;) {
      // What lies ahead is not looked for again: a reply of nothing but tags would be read once for each of them.
      if (start !== -1 && start < from) start = indexOfIgnoringCase(answer, open, from);
      if (end !== -1 && end < from) end = indexOfIgnoringCase(answer, close, from);
      if (end !== -1 && (start === -1 || end < start)) {
        kept = '';
        from = end + close.length;
      } else if (start === -1) {
        kept += answer.slice(from);
        break;
      } else {
        kept += answer.slice(from, start);
        if (end === -1) break;
        from = end + close.length;
      }
    }
    answer = kept;
  }
  return answer;
}

function indexOfIgnoringCase(text: string, lowerCaseNeedle: string, from: number): number {
  for (let index = text.indexOf('<', from); index !== -1; index = text.indexOf('<', index + 1)) {
    if (text.slice(index, index + lowerCaseNeedle.length).toLowerCase() === lowerCaseNeedle) return index;
  }
  return -1;
}

/** The inside of a fenced block. */
export interface FencedBlock {
  readonly content: string;
  /** False when the reply ended before the closing fence. */
  readonly isClosed: boolean;
}

/**
 * Fenced blocks (three or more backticks or tildes at the start of a line), in order.
 *
 * @param text a reply without its thinking
 */
export function findFencedBlocks(text: string): FencedBlock[] {
  const blocks: FencedBlock[] = [];
  let fence: string | undefined;
  let contentStart = 0;
  for (let lineStart = 0; lineStart <= text.length;) {
    const newline = text.indexOf('\n', lineStart);
    const lineEnd = newline === -1 ? text.length : newline;
    const mark = fenceMark(text, lineStart, lineEnd);
    if (mark !== undefined && fence === undefined) {
      fence = mark;
      contentStart = lineEnd + 1;
    } else if (mark !== undefined && fence !== undefined && mark.startsWith(fence)) {
      blocks.push({ content: text.slice(contentStart, lineStart), isClosed: true });
      fence = undefined;
    }
    lineStart = lineEnd + 1;
  }
  if (fence !== undefined) blocks.push({ content: text.slice(contentStart), isClosed: false });
  return blocks;
}

/** The run of fence characters that opens a line, if it is a fence. */
function fenceMark(text: string, lineStart: number, lineEnd: number): string | undefined {
  let start = lineStart;
  while (start < lineEnd && (text[start] === ' ' || text[start] === '\t')) start++;
  const character = text[start];
  if (character !== '`' && character !== '~') return undefined;
  let end = start;
  while (end < lineEnd && text[end] === character) end++;
  return end - start >= 3 ? text.slice(start, end) : undefined;
}
