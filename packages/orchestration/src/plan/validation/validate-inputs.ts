/**
 * Checks a step's inputs against the schema of what it calls, converting literals where that loses nothing.
 *
 * The type of a parameter, and that it is there, is proved. What lies below or beyond that (items of lists, fields of objects,
 * values of enumerations) is held against the plan only where the schema is closed: published schemas are often wrong there, the
 * component checks its inputs itself, and a sound plan must not be refused for the slip of a schema. Elsewhere it is a warning.
 *
 * @module
 */
import type { JsonSchema } from '@gomind/core';
import type { Diagnostic, PlanDiagnosticCode } from '../diagnostic.ts';
import { expressionsOf } from '../expressions/collect-references.ts';
import type { ReferencePath } from '../expressions/parse-path.ts';
import { listNames } from './plan-context.ts';
import type { PlanFindings } from './plan-findings.ts';
import type { PlanStep } from '../routing-plan.ts';
import { findMismatch } from '../schemas/assignability.ts';
import { coerceLossless } from '../schemas/coerce-literal.ts';
import type { SchemaWalk } from '../schemas/follow-path.ts';
import {
  alternativesOf,
  fieldNames,
  fieldOf,
  isClosed,
  itemOf,
  type Parts,
  requiredNames,
  type SchemaNode,
  typeOfValue,
  typesOf,
} from '../schemas/schema-reader.ts';
import { choicesOf, findAlternative, hasType, isInChoices } from '../schemas/match-value.ts';

/** What the check of a step's inputs needs to know. */
export interface InputContext {
  /** Path of the step, for example `steps.2`. */
  readonly path: string;
  readonly findings: PlanFindings;
  /** What the schemas say about a reference. */
  readonly follow: (reference: ReferencePath) => SchemaWalk;
  /** Whether a missing parameter may still be found in what the step's dependencies return. */
  readonly mayBindLate: (parameter: string) => boolean;
}

const maxDepth = 32;
const shownLength = 60;

/**
 * Checks inputs.
 *
 * @param step the step
 * @param schema schema of its capability's input
 * @returns the inputs, literals converted where that loses nothing
 */
export function checkInputs(step: PlanStep, schema: JsonSchema, context: InputContext): PlanStep['inputs'] {
  const checker = new InputChecker(step, schema, context);
  return checker.check(step.inputs);
}

interface Spot {
  readonly path: string;
  readonly depth: number;
  /** Whether a closed schema stands around it, whose author meant it to the letter. */
  readonly isExact: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

class InputChecker {
  readonly #step: PlanStep;
  readonly #root: JsonSchema;
  readonly #context: InputContext;

  constructor(step: PlanStep, root: JsonSchema, context: InputContext) {
    this.#step = step;
    this.#root = root;
    this.#context = context;
  }

  check(inputs: Fields): Fields {
    const alternatives = alternativesOf(this.#nodeOf(this.#root));
    const parts = alternatives === undefined ? undefined : findAlternative(inputs, alternatives);
    const spot = { path: `${this.#context.path}.inputs`, depth: 0, isExact: false };
    return parts === undefined ? inputs : this.#checkObject(inputs, parts, spot);
  }

  #nodeOf(schema: JsonSchema): SchemaNode {
    return { schema, root: this.#root };
  }

  #checkObject(value: Fields, parts: Parts, around: Spot): Fields {
    const spot = { ...around, isExact: around.isExact || isClosed(parts) };
    // An expression that yields further inputs may yield any parameter.
    const required = spot.depth === 0 && this.#step.inputsFrom !== undefined ? [] : requiredNames(parts);
    for (const name of required) if (!Object.hasOwn(value, name)) this.#reportMissing(name, value, spot);
    const changed: [string, unknown][] = [];
    for (const [name, inner] of Object.entries(value)) {
      const field = fieldOf(parts, name);
      if (field.found === 'missing') this.#reportUnknown(name, parts, spot);
      if (field.found !== 'schema') continue;
      const at = { path: `${spot.path}.${name}`, depth: spot.depth + 1, isExact: spot.isExact };
      const result = this.#checkValue(inner, field.schema, at);
      if (result !== inner) changed.push([name, result]);
    }
    return changed.length === 0 ? value : Object.fromEntries([...Object.entries(value), ...changed]);
  }

  #reportMissing(name: string, value: Fields, spot: Spot): void {
    const isBoundLate = spot.depth === 0 && this.#context.mayBindLate(name);
    const suggestion = this.#context.findings.suggest(name, Object.keys(value));
    const message =
      spot.depth === 0
        ? `Step "${this.#step.name}" lacks the required parameter "${name}".`
        : `Step "${this.#step.name}": ${nameOf(spot.path)} lacks "${name}", which its schema requires.`;
    this.#report('PARAM_MISSING', message, {
      path: `${spot.path}.${name}`,
      suggestion,
      severity: isBoundLate ? 'warning' : this.#severityAt(spot, 0),
    });
  }

  #reportUnknown(name: string, parts: Parts, spot: Spot): void {
    const names = fieldNames(parts);
    const owner =
      spot.depth === 0 ? `parameter of ${this.#step.action ?? 'its action'}` : `field of ${nameOf(spot.path)}`;
    const message = `Step "${this.#step.name}" gives "${name}", which is no ${owner}. Known: ${listNames(names) || 'none'}.`;
    this.#report('PARAM_UNKNOWN', message, {
      path: `${spot.path}.${name}`,
      suggestion: this.#context.findings.suggest(name, names),
      severity: this.#severityAt(spot, 0),
    });
  }

  #severityAt(spot: Spot, provedDepth: number): Diagnostic['severity'] {
    return spot.isExact || spot.depth <= provedDepth ? 'error' : 'warning';
  }

  #checkValue(value: unknown, schema: JsonSchema, spot: Spot): unknown {
    if (spot.depth > maxDepth) return value;
    if (typeof value === 'string' && value.includes('${')) {
      this.#checkReference(value, schema, spot);
      return value;
    }
    const alternatives = alternativesOf(this.#nodeOf(schema));
    if (alternatives === undefined) return value;
    const parts = findAlternative(value, alternatives);
    if (parts === undefined)
      return alternatives.some((each) => hasType(value, each)) ? value : this.#mend(value, schema, spot);
    if (!hasType(value, parts)) return this.#mend(value, schema, spot);
    if (!isInChoices(value, parts)) return this.#mendChoice(value, { schema, parts }, spot);
    if (Array.isArray(value)) return this.#checkList(value, parts, spot);
    return typeof value === 'object' && value !== null ? this.#checkObject(value as Fields, parts, spot) : value;
  }

  #checkList(value: readonly unknown[], parts: Parts, spot: Spot): unknown {
    const checked = value.map((item, index) => {
      const described = itemOf(parts, index);
      const at = { path: `${spot.path}.${String(index)}`, depth: spot.depth + 1, isExact: spot.isExact };
      return described.found === 'schema' ? this.#checkValue(item, described.schema, at) : item;
    });
    return checked.some((item, index) => item !== value[index]) ? checked : value;
  }

  /** A value of the wrong type, as the right one if that loses nothing. */
  #mend(value: unknown, schema: JsonSchema, spot: Spot): unknown {
    const converted = coerceLossless(value, schema, this.#root);
    const wanted = [...(typesOf(schema, this.#root) ?? [])].join(' or ') || 'something else';
    if (converted !== undefined) {
      this.#reportMended(`${show(value)}, but a ${wanted} is asked for; it is read as ${show(converted)}`, spot);
      return converted;
    }
    const message = `Step "${this.#step.name}": ${nameOf(spot.path)} must be ${wanted}, but is ${typeOfValue(value)} (${show(value)}).`;
    this.#report('PARAM_TYPE', message, { path: spot.path, severity: this.#severityAt(spot, 1) });
    return value;
  }

  #mendChoice(
    value: unknown,
    { schema, parts }: { readonly schema: JsonSchema; readonly parts: Parts },
    spot: Spot,
  ): unknown {
    const converted = coerceLossless(value, schema, this.#root);
    if (converted !== undefined && isInChoices(converted, parts)) {
      this.#reportMended(`${show(value)}, but one of a list is asked for; it is read as ${show(converted)}`, spot);
      return converted;
    }
    const choices = choicesOf(parts);
    const texts = choices.filter((choice) => typeof choice === 'string');
    const message = `Step "${this.#step.name}": ${nameOf(spot.path)} is ${show(value)}, but should be one of ${listNames(choices.slice(0, 21).map(show))}.`;
    this.#report('PARAM_TYPE', message, {
      path: spot.path,
      suggestion: typeof value === 'string' ? this.#context.findings.suggest(value, texts) : undefined,
      severity: spot.isExact ? 'error' : 'warning',
    });
    return value;
  }

  #reportMended(problem: string, { path }: Spot): void {
    const message = `Step "${this.#step.name}": ${nameOf(path)} is ${problem}.`;
    this.#report('PARAM_TYPE', message, { path, severity: 'warning', isMended: true });
  }

  #checkReference(text: string, schema: JsonSchema, { path }: Spot): void {
    const [only] = expressionsOf(text);
    if (only === undefined || only.problem !== undefined) return;
    const [reference] = only.paths;
    if (!only.isWhole) {
      this.#reportMismatch(text, findMismatch(textNode, this.#nodeOf(schema)), { path, isCertain: false });
    } else if (only.isPath && reference !== undefined) {
      const walk = this.#context.follow(reference);
      if (walk.found !== 'schema') return;
      this.#reportMismatch(text, findMismatch(walk.node, this.#nodeOf(schema)), { path, isCertain: walk.isClosed });
    }
  }

  #reportMismatch(
    text: string,
    mismatch: ReturnType<typeof findMismatch>,
    { path, isCertain }: { readonly path: string; readonly isCertain: boolean },
  ): void {
    if (mismatch === undefined) return;
    const { at, from, to } = mismatch;
    const where = at === '' ? text : `"${at}" of ${text}`;
    // A number may happen to be whole.
    const isError = isCertain && !(from === 'number' && to === 'integer');
    const message = `Step "${this.#step.name}": ${nameOf(path)} must be ${to}, but ${where} is ${from}.`;
    this.#report('PARAM_TYPE', message, { path, severity: isError ? 'error' : 'warning' });
  }

  #report(code: PlanDiagnosticCode, message: string, place: Parameters<PlanFindings['report']>[2]): void {
    this.#context.findings.report(code, message, { step: this.#step.name, ...place });
  }
}

const text: JsonSchema = { type: 'string' };
const textNode: SchemaNode = { schema: text, root: text };

function nameOf(path: string): string {
  return `"${path.slice(path.indexOf('.inputs.') + 8)}"`;
}

function show(value: unknown): string {
  const json = JSON.stringify(value);
  return json.length > shownLength ? `${json.slice(0, shownLength)}...` : json;
}
