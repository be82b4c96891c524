/**
 * Checks a step's inputs against its capability's schema: required and unknown parameters, literals by type, references by
 * the type of what they refer to.
 *
 * @module
 */
import type { JsonSchema } from '@gomind/core';
import type { Diagnostic } from './diagnostic.ts';
import { collectExpressions } from './expressions/collect-references.ts';
import type { ReferencePath } from './expressions/parse-path.ts';
import { compileExpression } from './expressions/compile-expression.ts';
import { findClosest } from './find-closest.ts';
import type { PlanStep } from './routing-plan.ts';
import { asSchema, coerceLossless, isAssignable, typeOfValue, typesOf } from './schema-types.ts';

/** What the check of a step's inputs needs to know. */
export interface InputContext {
  /** Path of the step, for example `steps.2`. */
  readonly path: string;
  /** Schema of what a reference refers to, if it is known. */
  readonly typeOf: (reference: ReferencePath) => JsonSchema | undefined;
  /** Whether a missing parameter may still be found in what the step's dependencies return. */
  readonly mayBindLate: (parameter: string) => boolean;
}

const maxDepth = 32;

/**
 * Checks inputs.
 *
 * @param step the step
 * @param schema schema of its capability's input
 * @returns the inputs, literals converted where that loses nothing, all findings, and those of them that the conversions mended
 */
export function checkInputs(
  step: PlanStep,
  schema: JsonSchema,
  context: InputContext,
): {
  readonly inputs: PlanStep['inputs'];
  readonly diagnostics: readonly Diagnostic[];
  readonly repairs: readonly Diagnostic[];
} {
  const checker = new InputChecker(step, context);
  const inputs = checker.checkObject(step.inputs, schema, { path: `${context.path}.inputs`, depth: 0 });
  return { inputs, diagnostics: checker.diagnostics, repairs: checker.repairs };
}

interface Spot {
  readonly path: string;
  readonly depth: number;
}

class InputChecker {
  readonly diagnostics: Diagnostic[] = [];
  readonly repairs: Diagnostic[] = [];
  readonly #step: PlanStep;
  readonly #context: InputContext;

  constructor(step: PlanStep, context: InputContext) {
    this.#step = step;
    this.#context = context;
  }

  checkObject(
    value: Readonly<Record<string, unknown>>,
    schema: JsonSchema,
    spot: Spot,
  ): Readonly<Record<string, unknown>> {
    const known = schema.properties ?? {};
    for (const name of schema.required ?? []) {
      if (Object.hasOwn(value, name)) continue;
      const suggestion = findClosest(name, Object.keys(value));
      const isWarning = spot.depth === 0 && this.#context.mayBindLate(name);
      this.#report(
        'PARAM_MISSING',
        `Step "${this.#step.name}" lacks the required parameter "${name}".`,
        `${spot.path}.${name}`,
        { suggestion, isWarning },
      );
    }
    const checked: [string, unknown][] = [];
    let hasChanged = false;
    for (const [name, inner] of Object.entries(value)) {
      const path = `${spot.path}.${name}`;
      const innerSchema = Object.hasOwn(known, name) ? asSchema(known[name]) : asSchema(schema.additionalProperties);
      if (!Object.hasOwn(known, name)) this.#checkUnknown(name, schema, path);
      const result =
        innerSchema === undefined ? inner : this.#checkValue(inner, innerSchema, { path, depth: spot.depth + 1 });
      hasChanged ||= result !== inner;
      checked.push([name, result]);
    }
    return hasChanged ? Object.fromEntries(checked) : value;
  }

  #checkUnknown(name: string, schema: JsonSchema, path: string): void {
    const { properties, additionalProperties } = schema;
    const isOpen = additionalProperties === true || asSchema(additionalProperties) !== undefined;
    // A schema that describes no field at all cannot call one unknown, unless it says so.
    if (isOpen || (properties === undefined && additionalProperties !== false)) return;
    const names = Object.keys(properties ?? {});
    const suggestion = findClosest(name, names);
    this.#report(
      'PARAM_UNKNOWN',
      `Step "${this.#step.name}" gives "${name}", which is no parameter of ${this.#step.action ?? 'its action'}. Parameters: ${names.slice(0, 30).join(', ') || 'none'}.`,
      path,
      { suggestion },
    );
  }

  #checkValue(value: unknown, schema: JsonSchema, spot: Spot): unknown {
    if (spot.depth > maxDepth) return value;
    if (typeof value === 'string' && value.includes('${')) {
      this.#checkReferenceType(value, schema, spot.path);
      return value;
    }
    const wanted = typesOf(schema);
    const actual = typeOfValue(value);
    const isRightType =
      wanted === undefined ||
      wanted.has(actual) ||
      (actual === 'integer' && wanted.has('number')) ||
      isWholeFloat(value, wanted);
    if (!isRightType) return this.#checkWrongType(value, schema, spot.path);
    if (!this.#isInEnum(value, schema)) {
      if (coerceLossless(value, schema) !== undefined) return this.#checkWrongType(value, schema, spot.path);
      const choices = (schema.enum ?? [schema.const]).map((choice) => JSON.stringify(choice));
      const suggestion =
        typeof value === 'string'
          ? findClosest(
              value,
              (schema.enum ?? []).filter((choice) => typeof choice === 'string'),
            )
          : undefined;
      this.#report(
        'PARAM_TYPE',
        `Step "${this.#step.name}": ${lastPart(spot.path)} is ${show(value)}, but must be one of ${choices.slice(0, 20).join(', ')}.`,
        spot.path,
        { suggestion },
      );
      return value;
    }
    if (Array.isArray(value)) return this.#checkList(value, schema, spot);
    if (actual === 'object' && (schema.properties !== undefined || schema.required !== undefined)) {
      return this.checkObject(value as Readonly<Record<string, unknown>>, schema, spot);
    }
    return value;
  }

  #checkList(value: readonly unknown[], schema: JsonSchema, spot: Spot): unknown {
    const itemSchema = asSchema(schema.items);
    if (itemSchema === undefined) return value;
    const checked = value.map((item, index) =>
      this.#checkValue(item, itemSchema, { path: `${spot.path}.${String(index)}`, depth: spot.depth + 1 }),
    );
    return checked.some((item, index) => item !== value[index]) ? checked : value;
  }

  #checkWrongType(value: unknown, schema: JsonSchema, path: string): unknown {
    const wanted = [...(typesOf(schema) ?? [])].join(' or ');
    const converted = coerceLossless(value, schema);
    if (converted !== undefined && this.#isInEnum(converted, schema)) {
      this.#report(
        'PARAM_TYPE',
        `Step "${this.#step.name}": ${lastPart(path)} is ${show(value)}, but ${schema.enum === undefined ? `a ${wanted}` : 'one of a list'} is asked for; it is read as ${show(converted)}.`,
        path,
        { isWarning: true },
      );
      this.repairs.push(...this.diagnostics.slice(-1));
      return converted;
    }
    this.#report(
      'PARAM_TYPE',
      `Step "${this.#step.name}": ${lastPart(path)} must be ${wanted}, but is ${typeOfValue(value)} (${show(value)}).`,
      path,
      {},
    );
    return value;
  }

  #isInEnum(value: unknown, schema: JsonSchema): boolean {
    const choices = schema.enum ?? ('const' in schema ? [schema.const] : undefined);
    return choices === undefined || choices.some((choice) => JSON.stringify(choice) === JSON.stringify(value));
  }

  #checkReferenceType(text: string, schema: JsonSchema, path: string): void {
    const [only] = collectExpressions(text);
    if (only?.problem !== undefined || only?.isWhole !== true || only.paths.length !== 1) return;
    const [reference] = only.paths;
    if (reference === undefined || !compileExpression(only.source).isPath) return;
    const source = this.#context.typeOf(reference);
    if (isAssignable(typesOf(source), typesOf(schema))) return;
    const from = [...(typesOf(source) ?? [])].join(' or ');
    const to = [...(typesOf(schema) ?? [])].join(' or ');
    this.#report(
      'PARAM_TYPE',
      `Step "${this.#step.name}": ${lastPart(path)} must be ${to}, but ${text} is ${from}.`,
      path,
      { isWarning: true },
    );
  }

  #report(
    code: Diagnostic['code'],
    message: string,
    path: string,
    more: { readonly suggestion?: string | undefined; readonly isWarning?: boolean },
  ): void {
    this.diagnostics.push({
      code,
      severity: more.isWarning === true ? 'warning' : 'error',
      message,
      step: this.#step.name,
      path,
      ...(more.suggestion === undefined ? {} : { suggestion: more.suggestion }),
    });
  }
}

/** JSON knows no difference between 5 and 5.0. */
function isWholeFloat(value: unknown, wanted: ReadonlySet<string>): boolean {
  return typeof value === 'number' && Number.isInteger(value) && wanted.has('integer');
}

function lastPart(path: string): string {
  return `"${path.slice(path.indexOf('.inputs.') + 8)}"`;
}

function show(value: unknown): string {
  const text = (JSON.stringify(value) as string | undefined) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}
