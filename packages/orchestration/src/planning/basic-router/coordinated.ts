/**
 * Things that a clause names side by side: "in Boston and San Francisco".
 *
 * @module
 */
import type { Mention } from './mentions.ts';

const joint =
  /^["'”’)\s]*(?:(,)|(?:,?\s*(?:and|or|&|as well as|and also)(?:\s+(?:also|in|for|at|of|the|to|from))*))["'“‘(\s]*$/iu;
const maxCoordinated = 10;

/**
 * What stands side by side with a mention, behind it, and is of its kind.
 *
 * @param text the clause
 * @param mentions everything it names, in its order
 * @returns none when the last of them is not joined by "and" or "or": "Paris, France" is one place
 */
export function coordinatedWith(mention: Mention, text: string, mentions: readonly Mention[]): Mention[] {
  const siblings: Mention[] = [];
  let last = mention;
  let isClosed = false;
  for (const next of mentions) {
    if (next.start < last.end || next === mention) continue;
    const found = joint.exec(text.slice(last.end, next.start));
    if (found === null || next.kind !== mention.kind || siblings.length >= maxCoordinated) break;
    if (isClosed) return [];
    isClosed = found[1] === undefined;
    siblings.push(next);
    last = next;
  }
  return isClosed ? siblings : [];
}
