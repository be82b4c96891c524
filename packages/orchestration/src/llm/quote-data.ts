/**
 * How text from outside (component records, step outputs) goes into a prompt: as one JSON document that nothing inside can
 * end, without characters that nobody sees, and bounded.
 *
 * @module
 */

/** Bounds of {@link plainData}. */
export interface DataBounds {
  /** Characters of one text. Default: 600. */
  readonly maxTextLength?: number;
  /** Items of one list, members of one object. Default: 100. */
  readonly maxItems?: number;
  /** Levels of nesting. Default: 8. */
  readonly maxDepth?: number;
}

/**
 * Control characters, what reorders or hides text (Unicode TR 36, "Trojan Source", CVE-2021-42574), and what has no shape at
 * all (tag characters, variation selectors, fillers), in which a whole message can hide.
 */
const hiddenCharacters = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2028\u2029]|\p{Cs}/gu;

/**
 * A text as people see it: what is hidden becomes a space, and it ends after so many characters.
 *
 * @param maxLength characters kept
 */
export function plainText(text: string, maxLength: number): string {
  return text
    .slice(0, maxLength * 2)
    .replaceAll(hiddenCharacters, ' ')
    .trim()
    .slice(0, maxLength);
}

/** What stands for what was left out. */
const leftOut = '(left out)';

/**
 * A copy of some data with plain texts, within bounds. Keys stay as they are: they are names.
 *
 * @param data anything that JSON can hold
 */
export function plainData(data: unknown, bounds: DataBounds = {}): unknown {
  const { maxTextLength = 600, maxItems = 100, maxDepth = 8 } = bounds;
  const copy = (value: unknown, depth: number): unknown => {
    if (typeof value === 'string') return plainText(value, maxTextLength);
    if (typeof value !== 'object' || value === null) return value;
    if (depth >= maxDepth) return leftOut;
    if (Array.isArray(value)) {
      const items = value.slice(0, maxItems).map((item) => copy(item, depth + 1));
      return value.length > maxItems ? [...items, leftOut] : items;
    }
    const members = Object.entries(value).slice(0, maxItems);
    return Object.fromEntries(members.map(([key, inner]) => [key.slice(0, maxTextLength), copy(inner, depth + 1)]));
  };
  return copy(data, 0);
}

/**
 * Data as JSON that can stand inside any prompt: no tag, chat marker, fence or heading in it can be taken for the prompt's
 * own, because `<`, `>`, backticks, line breaks and hidden characters are written as escapes. Parsing it gives the data back.
 *
 * @param data anything that JSON can hold
 */
export function quoteData(data: unknown): string {
  return JSON.stringify(data).replaceAll(
    /[<>`\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2028\u2029]/gu,
    (character) =>
      Array.from({ length: character.length }, (_, at) => {
        const code = character.charCodeAt(at).toString(16).padStart(4, '0');
        return `\\u${code}`;
      }).join(''),
  );
}
