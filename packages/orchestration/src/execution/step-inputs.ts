/**
 * A step's inputs, resolved twice when they hold secrets: once for the call, once for everything that is recorded or shown
 * (contracts, section 5).
 *
 * @module
 */
import { compileTemplate, type Template } from '../plan/expressions/compile-template.ts';
import type { ExpressionScope } from '../plan/expressions/scope.ts';
import type { PlanStep } from '../plan/routing-plan.ts';

/** Resolved inputs. */
export type ResolvedInputs = Readonly<Record<string, unknown>>;

/** Inputs that can be resolved against a scope. */
export interface StepInputs {
  /** The values for the call. */
  resolve(scope: ExpressionScope): ResolvedInputs;
  /** The values for events, results and keys: secrets stay `${secrets.NAME}`. */
  resolveForRecord(scope: ExpressionScope, resolved: ResolvedInputs): ResolvedInputs;
}

const noInputs: ResolvedInputs = {};

/** Makes the inputs of a step ready; inputs without any expression are passed on as they are. */
export function compileStepInputs(step: PlanStep): StepInputs {
  return mayHoldExpressions(step.inputs, 0) ? new TemplateInputs(step.inputs) : new FixedInputs(step.inputs);
}

class FixedInputs implements StepInputs {
  readonly #inputs: ResolvedInputs;

  constructor(inputs: ResolvedInputs) {
    this.#inputs = inputs;
  }

  resolve(): ResolvedInputs {
    return this.#inputs;
  }

  resolveForRecord(): ResolvedInputs {
    return this.#inputs;
  }
}

class TemplateInputs implements StepInputs {
  readonly #inputs: ResolvedInputs;
  /** Compiled with the first use: what cannot be compiled is a failure of the step, not of the plan. */
  #template: Template | undefined;

  constructor(inputs: ResolvedInputs) {
    this.#inputs = inputs;
  }

  resolve(scope: ExpressionScope): ResolvedInputs {
    this.#template ??= compileTemplate(this.#inputs);
    return this.#template.resolve(scope) as ResolvedInputs;
  }

  resolveForRecord(scope: ExpressionScope, resolved: ResolvedInputs): ResolvedInputs {
    if (this.#template?.paths.some(({ root }) => root === 'secrets') !== true) return resolved;
    return this.resolve({ ...scope, secrets: masked(scope.secrets ?? noInputs) });
  }
}

/** Each secret as the text that refers to it. */
function masked(secrets: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.keys(secrets).map((name) => [name, `\${secrets.${name}}`]));
}

/** Stops at the first `$` that begins something; too deep a value counts as one that does, and is refused when resolved. */
function mayHoldExpressions(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return value.includes('${');
  if (typeof value !== 'object' || value === null) return false;
  if (depth > 64) return true;
  for (const key in value) {
    if (mayHoldExpressions((value as Readonly<Record<string, unknown>>)[key], depth + 1)) return true;
  }
  return false;
}
