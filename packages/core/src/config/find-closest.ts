/**
 * "Did you mean": the known name that is closest to a wrong one.
 *
 * @module
 */

const maxLength = 128;

/**
 * The closest of some names, if one is close: within two edits or a third of its length, or equal but for case and
 * separators.
 *
 * @param name the wrong name
 * @param candidates the known names
 * @param maxEdits letters that may be added, left out or replaced. Default: 2 or a third of the name, 1 below 4 letters
 */
export function findClosest(name: string, candidates: Iterable<string>, maxEdits?: number): string | undefined {
  if (name.length > maxLength) return undefined;
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let bestDistance = (maxEdits ?? (name.length < 4 ? 1 : Math.max(2, Math.floor(name.length / 3)))) + 1;
  for (const candidate of candidates) {
    if (candidate.length > maxLength || Math.abs(candidate.length - name.length) >= bestDistance + 2) continue;
    const known = candidate.toLowerCase();
    if (bare(known) === bare(wanted)) return candidate;
    const distance = editDistance(wanted, known);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function bare(name: string): string {
  return name.replaceAll(/[-_.\s]/g, '');
}

/** Levenshtein distance with one row of memory. */
function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i++) {
    const next = [i];
    for (let j = 1; j <= right.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
