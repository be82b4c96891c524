/**
 * Finds the place of a path in a parsed document; only asked when something is wrong, so it costs a correct file nothing.
 *
 * @module
 */
import type { Document, Pair } from 'yaml';

/** Keys and indices from the top of a document. */
export type DocumentPath = readonly (string | number)[];

interface AnyNode {
  readonly range?: readonly [number, number, number] | null;
  readonly items?: readonly unknown[];
  resolve?(document: Document): unknown;
}

/**
 * Offset of a path's value or key, or of the deepest part of the path that exists.
 *
 * @param document the parsed document
 * @param path keys and indices
 * @param part `key` for the key itself
 */
export function locate(document: Document, path: DocumentPath, part: 'key' | 'value'): number {
  let node = document.contents as AnyNode | null;
  let offset = startOf(node) ?? 0;
  for (const [index, key] of path.entries()) {
    const container = resolved(node, document);
    const item = container?.items === undefined ? undefined : childOf(container.items, key);
    if (item === undefined) return offset;
    const isLast = index === path.length - 1;
    if (isPair(item)) {
      const keyOffset = startOf(item.key as AnyNode | null);
      node = item.value as AnyNode | null;
      offset = (isLast && part === 'key' ? keyOffset : (startOf(node) ?? keyOffset)) ?? offset;
    } else {
      node = item;
      offset = startOf(node) ?? offset;
    }
  }
  return offset;
}

function childOf(items: readonly unknown[], key: string | number): unknown {
  if (items.length > 0 && isPair(items[0])) {
    return items.find((item) => isPair(item) && keyText(item.key) === String(key));
  }
  return items[Number(key)];
}

function isPair(item: unknown): item is Pair {
  return typeof item === 'object' && item !== null && 'key' in item && 'value' in item;
}

/** The text of a scalar key. */
export function keyText(key: unknown): string | undefined {
  if (typeof key === 'string') return key;
  if (typeof key !== 'object' || key === null || !('value' in key)) return undefined;
  const { value } = key;
  return typeof value === 'object' && value !== null ? undefined : String(value);
}

function resolved(node: AnyNode | null, document: Document): AnyNode | null {
  if (node === null || node.items !== undefined || typeof node.resolve !== 'function') return node;
  return (node.resolve(document) as AnyNode | undefined) ?? null;
}

function startOf(node: AnyNode | null): number | undefined {
  return node?.range?.[0];
}
