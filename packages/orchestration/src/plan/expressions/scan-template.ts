/**
 * Cuts text into literal pieces and `${...}` expressions with one linear scan. `$${` is a literal `${`.
 *
 * @module
 */

/** A piece of a template. */
export type TemplatePiece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'expression'; readonly source: string }
  | { readonly kind: 'unclosed'; readonly source: string };

/** Most pieces, literal ones included, that a text with expressions may have. */
export const maxPiecesPerText = 256;

/**
 * The pieces of a text.
 *
 * @param text any text; without `${` it is one literal piece
 */
export function scanTemplate(text: string): readonly TemplatePiece[] {
  if (!text.includes('${')) return [{ kind: 'text', text }];
  const pieces: TemplatePiece[] = [];
  let literal = '';
  let at = 0;
  const flush = (): void => {
    if (literal !== '') pieces.push({ kind: 'text', text: literal });
    literal = '';
  };
  while (at < text.length) {
    const open = text.indexOf('${', at);
    if (open === -1) break;
    if (open > at && text[open - 1] === '$') {
      literal += `${text.slice(at, open - 1)}\${`;
      at = open + 2;
      continue;
    }
    literal += text.slice(at, open);
    const end = endOfExpression(text, open + 2);
    flush();
    if (end === -1) {
      pieces.push({ kind: 'unclosed', source: text.slice(open) });
      return pieces;
    }
    pieces.push({ kind: 'expression', source: text.slice(open + 2, end) });
    at = end + 1;
  }
  literal += text.slice(at);
  flush();
  return pieces;
}

/** Index of the brace that closes an expression; braces inside strings and maps do not count. */
function endOfExpression(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (character === '"' || character === "'") {
      const end = endOfString(text, at);
      if (end === -1) return -1;
      at = end;
    } else if (character === '{') depth++;
    else if (character === '}') {
      if (depth === 0) return at;
      depth--;
    }
  }
  return -1;
}

function endOfString(text: string, open: number): number {
  const quote = text[open];
  for (let at = open + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === quote) return at;
  }
  return -1;
}
