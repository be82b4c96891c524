/**
 * The secrets that a call was made with: where what was sent differs from what may be shown.
 *
 * @module
 */
import type { FailedCall } from './failed-call.ts';

const maxDepth = 64;

/**
 * Texts that must not be shown to anybody.
 *
 * @param call a failed call
 */
export function secretsOf({
  inputs,
  shownInputs,
  secrets,
}: Pick<FailedCall, 'inputs' | 'shownInputs' | 'secrets'>): string[] {
  const found = new Set(secrets);
  collect(inputs, shownInputs, { found, depth: 0 });
  return [...found].filter((secret) => secret !== '');
}

function collect(sent: unknown, shown: unknown, walk: { readonly found: Set<string>; readonly depth: number }): void {
  if (Object.is(sent, shown) || walk.depth > maxDepth) return;
  if (typeof sent === 'object' && sent !== null && typeof shown === 'object' && shown !== null) {
    for (const [key, inner] of Object.entries(sent)) {
      collect(inner, (shown as Readonly<Record<string, unknown>>)[key], { ...walk, depth: walk.depth + 1 });
    }
  } else if (typeof sent === 'string' || typeof sent === 'number') walk.found.add(String(sent));
}
