/**
 * Checks values against JSON Schema without generating code. Schemas may come from strangers (a registry), so what could
 * stall or crash the process is left out before a value is looked at.
 *
 * @module
 */
import type { Schema } from '@cfworker/json-schema';
import { createRequire } from 'node:module';
import type { JsonSchema } from '../contracts/json.ts';
import { GomindError } from '../errors/gomind-error.ts';
import { readableIssue } from './readable-issue.ts';
import type { SchemaIssue, ValidationResult } from './validation.ts';

/** A compiled JSON Schema. */
export interface JsonSchemaCheck {
  readonly jsonSchema: JsonSchema;
  /** Never throws for any value. */
  check(value: unknown): ValidationResult<unknown>;
}

const require = createRequire(import.meta.url);
const maxSchemaDepth = 64;
const maxSchemaNodes = 20_000;
const maxIssues = 50;
const maxPatternLength = 256;
/** A quantifier on a group that holds a quantifier or an alternation: such patterns can take exponential time. */
const riskyPattern = /\([^)]*[+*|{][^)]*\)[+*{]/;

/**
 * Compiles a JSON Schema (draft 2020-12).
 *
 * A `pattern` that is longer than 256 characters or could backtrack without bound is not checked.
 *
 * @throws GomindError `CONFIG_INVALID` for a schema that is no object, or deeper than 64 levels, or larger than 20,000 nodes
 */
export function compileJsonSchema(schema: JsonSchema): JsonSchemaCheck {
  const safe = tame(schema, { depth: 0, nodes: { count: 0 } }) as JsonSchema;
  // Loaded on first need: whoever only imports the package does not pay for it.
  const { Validator } = require('@cfworker/json-schema') as typeof import('@cfworker/json-schema');
  const validator = new Validator(safe as Schema, '2020-12', false);
  return {
    jsonSchema: schema,
    check: (value) => {
      if (value === undefined) return { ok: false, issues: [{ pointer: '', message: 'A value is missing.' }] };
      try {
        const result = validator.validate(value);
        return result.valid ? { ok: true, value } : { ok: false, issues: readableIssues(result.errors) };
      } catch (error) {
        const reason = error instanceof Error ? error.message : 'unknown';
        return { ok: false, issues: [{ pointer: '', message: `The value cannot be checked: ${reason}` }] };
      }
    },
  };
}

/** A copy without patterns that could stall; refuses what is too deep or too large. */
function tame(node: unknown, bounds: { readonly depth: number; readonly nodes: { count: number } }): unknown {
  bounds.nodes.count++;
  if (bounds.depth > maxSchemaDepth || bounds.nodes.count > maxSchemaNodes) {
    throw new GomindError({
      code: 'CONFIG_INVALID',
      message: `A JSON Schema may be ${String(maxSchemaDepth)} levels deep and have ${String(maxSchemaNodes)} parts. Simplify it.`,
    });
  }
  const inner = { depth: bounds.depth + 1, nodes: bounds.nodes };
  if (Array.isArray(node)) return node.map((item) => tame(item, inner));
  if (typeof node !== 'object' || node === null) return node;
  const copy: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(node)) {
    if (key === 'pattern' && typeof value === 'string' && !isTamePattern(value)) continue;
    if (key === '__proto__') continue;
    copy[key] = tame(value, inner);
  }
  return copy;
}

function isTamePattern(pattern: string): boolean {
  if (pattern.length > maxPatternLength || riskyPattern.test(pattern)) return false;
  try {
    new RegExp(pattern, 'u');
    return true;
  } catch {
    return false;
  }
}

interface OutputUnit {
  readonly keyword: string;
  readonly instanceLocation: string;
  readonly error: string;
}

/** Keywords that only repeat what an inner error says. */
const wrappers: ReadonlySet<string> = new Set([
  'properties',
  'items',
  'prefixItems',
  'allOf',
  '$ref',
  'additionalProperties',
]);

function readableIssues(errors: readonly OutputUnit[]): SchemaIssue[] {
  const inner = errors.filter((error) => !wrappers.has(error.keyword) || isUnknownKey(error));
  const units = inner.length > 0 ? inner : errors;
  const issues = new Map<string, SchemaIssue>();
  for (const { keyword, instanceLocation, error } of units.slice(0, maxIssues)) {
    const pointer = decodeURIComponentSafely(instanceLocation.replace(/^#/, ''));
    const message = keyword === 'false' ? 'This field is not known here.' : readableIssue(keyword, error);
    issues.set(`${pointer}\n${message}`, { pointer, message });
  }
  return [...issues.values()];
}

function isUnknownKey(error: OutputUnit): boolean {
  return error.keyword === 'additionalProperties' && error.error.includes('False boolean schema');
}

function decodeURIComponentSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
