/**
 * Turns parsed YAML nodes into plain JSON values within bounds. Every value is new and plain: no prototypes, no shared
 * references, no types beyond JSON.
 *
 * @module
 */
import { createRequire } from 'node:module';
import type { Alias, Document, Node, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import type { Diagnostic } from '../../plan/diagnostic.ts';
import { keyText } from './locate.ts';

/** Levels that a file may have. */
export const maxDepth = 64;
const maxKeys = 10_000;
const maxAliases = 50;
/** Values in all, those that aliases repeat included. */
const maxValues = 500_000;

const coreTags = /^tag:yaml\.org,2002:(?:str|int|float|bool|null|map|seq)$/;
const forbiddenKeys: ReadonlySet<string> = new Set(['__proto__']);

const require = createRequire(import.meta.url);

/** Makes a diagnostic at an offset of the text. */
export type ReportAt = (code: string, message: string, offset: number) => Diagnostic;

/** Stops the conversion: what follows would cost without bound. */
class OutOfBounds extends Error {}

/** Converts one document. */
export class YamlConverter {
  readonly diagnostics: Diagnostic[] = [];
  readonly #document: Document;
  readonly #at: ReportAt;
  readonly #yaml = require('yaml') as typeof import('yaml');
  /** Anchors whose nodes are being converted, to notice an alias inside itself. */
  readonly #open = new Set<Node>();
  #aliases = 0;
  #values = 0;

  constructor(document: Document, at: ReportAt) {
    this.#document = document;
    this.#at = at;
  }

  /** The node's value; look at `diagnostics` before using it. */
  convert(node: Node): unknown {
    try {
      return this.#convert(node, 0);
    } catch (error) {
      if (error instanceof OutOfBounds) return undefined;
      throw error;
    }
  }

  #report(code: string, message: string, node: Node): void {
    this.diagnostics.push(this.#at(code, message, node.range?.[0] ?? 0));
  }

  #stop(message: string, node: Node): never {
    this.#report('LIMIT_EXCEEDED', message, node);
    throw new OutOfBounds(message);
  }

  #convert(node: Node, depth: number): unknown {
    if (++this.#values > maxValues) this.#stop(`The file holds more than ${String(maxValues)} values.`, node);
    if (depth > maxDepth) this.#stop(`The file is nested more than ${String(maxDepth)} levels deep.`, node);
    const { isAlias, isMap, isSeq } = this.#yaml;
    if (isAlias(node)) return this.#alias(node, depth);
    if (node.tag !== undefined && !coreTags.test(node.tag) && node.tag !== '!') {
      this.#report('YAML_SYNTAX', `The tag ${node.tag.slice(0, 100)} is not accepted; plain YAML values only.`, node);
      return null;
    }
    if (isMap(node)) return this.#map(node, depth);
    if (isSeq(node)) return this.#list(node, depth);
    return this.#scalar(node);
  }

  #alias(node: Alias, depth: number): unknown {
    if (++this.#aliases > maxAliases) this.#stop(`The file uses more than ${String(maxAliases)} aliases.`, node);
    const target = node.resolve(this.#document);
    if (target === undefined) {
      this.#report('YAML_SYNTAX', `The alias *${node.source} names no anchor above it.`, node);
      return null;
    }
    if (this.#open.has(target)) this.#stop(`The alias *${node.source} stands inside its own anchor.`, node);
    this.#open.add(target);
    const value = this.#convert(target, depth);
    this.#open.delete(target);
    return value;
  }

  #scalar(node: Scalar): unknown {
    const { value } = node;
    if (typeof value === 'number' && !Number.isFinite(value)) {
      this.#report('YAML_SYNTAX', 'JSON has no such number; write text in quotes.', node);
      return null;
    }
    if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      return value;
    this.#report('YAML_SYNTAX', 'This is no JSON value; write text in quotes.', node);
    return null;
  }

  #list(node: YAMLSeq, depth: number): unknown[] {
    return node.items.map((item) => this.#convert(item as Node, depth + 1));
  }

  #map(node: YAMLMap, depth: number): Record<string, unknown> {
    if (node.items.length > maxKeys) this.#stop(`A map has more than ${String(maxKeys)} keys.`, node);
    const record: Record<string, unknown> = {};
    const merged: Record<string, unknown>[] = [];
    for (const pair of node.items)
      this.#entry(pair as Pair<Node | null, Node | null>, { record, merged, depth, map: node });
    for (const source of merged) {
      for (const [key, value] of Object.entries(source)) if (!Object.hasOwn(record, key)) record[key] = value;
    }
    return record;
  }

  #entry(
    { key, value }: Pair<Node | null, Node | null>,
    into: {
      readonly record: Record<string, unknown>;
      readonly merged: Record<string, unknown>[];
      readonly depth: number;
      readonly map: YAMLMap;
    },
  ): void {
    const { record, merged, depth } = into;
    const keyNode: Node = key ?? into.map;
    const name = keyText(key);
    if (name === undefined) {
      this.#report('YAML_SYNTAX', 'A key must be plain text.', keyNode);
    } else if (forbiddenKeys.has(name)) {
      this.#report('YAML_SYNTAX', `The key "${name}" is not accepted.`, keyNode);
    } else if (name === '<<' && isPlain(key)) {
      const source = value === null ? undefined : this.#convert(value, depth + 1);
      for (const one of Array.isArray(source) ? (source as unknown[]) : [source]) {
        if (typeof one === 'object' && one !== null && !Array.isArray(one)) merged.push(one as Record<string, unknown>);
        else this.#report('YAML_SYNTAX', 'Only maps can be merged with <<.', keyNode);
      }
    } else if (Object.hasOwn(record, name)) {
      this.#report('YAML_SYNTAX', `The key "${name}" stands here a second time.`, keyNode);
    } else record[name] = value === null ? null : this.#convert(value, depth + 1);
  }
}

/** A quoted "<<" is an ordinary key. */
function isPlain(key: Node | null): boolean {
  return key !== null && 'type' in key && key.type === 'PLAIN';
}
