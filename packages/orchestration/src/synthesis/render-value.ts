/**
 * Step outputs as short readable text.
 *
 * @module
 */

const maxTextLength = 2_000;
const maxItems = 12;

/**
 * One output in words: its own `summary` where it has one, else its fields.
 *
 * @param output any JSON value
 * @returns one line without line breaks at its end, at most 2,000 characters
 */
export function renderOutput(output: unknown): string {
  const text = render(output, 0);
  return text.length > maxTextLength ? `${text.slice(0, maxTextLength)} ...` : text;
}

function render(value: unknown, depth: number): string {
  if (value === null || value === undefined) return 'nothing';
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'object') return '';
  if (Array.isArray(value)) return renderList(value, depth);
  const record = value as Readonly<Record<string, unknown>>;
  const summary = Object.hasOwn(record, 'summary') ? record['summary'] : undefined;
  if (typeof summary === 'string' && summary !== '') return summary;
  if (depth > 2) return '{...}';
  const entries = Object.entries(record);
  const shown = entries
    .slice(0, maxItems)
    .map(([key, inner]) => `${key.replaceAll('_', ' ')}: ${render(inner, depth + 1)}`);
  return [...shown, ...(entries.length > maxItems ? [`${String(entries.length - maxItems)} more fields`] : [])].join(
    ', ',
  );
}

function renderList(values: readonly unknown[], depth: number): string {
  if (depth > 2) return '[...]';
  const shown = values.slice(0, maxItems).map((inner) => render(inner, depth + 1));
  return [...shown, ...(values.length > maxItems ? [`and ${String(values.length - maxItems)} more`] : [])].join('; ');
}
