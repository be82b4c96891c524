/**
 * A step's inputs, resolved twice when they hold secrets: once for the call, once for everything that is recorded or shown
 * (contracts, section 5).
 *
 * @module
 */
import { GomindError } from '@gomind/core';
import { compileTemplate, type Template } from '../../plan/expressions/compile-template.ts';
import { mayHoldExpressions } from '../../plan/expressions/may-hold-expressions.ts';
import { printPath, type ReferencePath } from '../../plan/expressions/parse-path.ts';
import type { ExpressionScope } from '../../plan/expressions/scope.ts';
import type { PlanStep } from '../../plan/routing-plan.ts';
import { setOwn } from './own-keys.ts';

/** Resolved inputs. */
export type ResolvedInputs = Readonly<Record<string, unknown>>;

/** Inputs that can be resolved against a scope. */
export interface StepInputs {
  /** The values for the call. */
  resolve(scope: ExpressionScope): ResolvedInputs;
  /** The values for events, results and keys: secrets stay `${secrets.NAME}`. */
  resolveForRecord(scope: ExpressionScope, resolved: ResolvedInputs): ResolvedInputs;
}

/** Makes the inputs of a step ready; inputs without any expression are passed on as they are. */
export function compileStepInputs(step: PlanStep): StepInputs {
  if (step.inputsFrom === undefined && !mayHoldExpressions(step.inputs)) return new FixedInputs(step.inputs);
  return new TemplateInputs(step);
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
  readonly #step: PlanStep;
  /** Own inputs and `inputsFrom`; compiled with the first use: what cannot be compiled is a failure of the step, not of the plan. */
  #template: Template | undefined;
  /** Every secret it refers to as the text of the reference; undefined when there is none. */
  #maskedSecrets: Readonly<Record<string, unknown>> | undefined;

  constructor(step: PlanStep) {
    this.#step = step;
  }

  resolve(scope: ExpressionScope): ResolvedInputs {
    this.#template ??= this.#compile();
    const [own, further] = this.#template.resolve(scope) as readonly [ResolvedInputs, unknown];
    if (further === undefined) return own;
    if (typeof further === 'object' && further !== null && !Array.isArray(further)) return { ...further, ...own };
    const { name, inputsFrom = '' } = this.#step;
    throw new GomindError({
      code: 'INPUTS_NOT_OBJECT',
      message: `The inputs of step "${name}" must be an object, but ${inputsFrom} is none.`,
      details: { step: name },
    });
  }

  resolveForRecord(scope: ExpressionScope, resolved: ResolvedInputs): ResolvedInputs {
    if (this.#maskedSecrets === undefined) return resolved;
    try {
      return this.resolve({ ...scope, secrets: this.#maskedSecrets });
    } catch {
      // An expression that computes with a secret may not take the text in its place; then the record shows the expression.
      return this.#step.inputs;
    }
  }

  #compile(): Template {
    const { inputs, inputsFrom } = this.#step;
    const template = compileTemplate([inputs, inputsFrom]);
    const secrets = template.paths.filter(({ root }) => root === 'secrets');
    if (secrets.length > 0) this.#maskedSecrets = maskSecrets(secrets);
    return template;
  }
}

/** An object that holds `${secrets.a.b}` at `a.b`, for each reference. */
function maskSecrets(paths: readonly ReferencePath[]): Readonly<Record<string, unknown>> {
  const masked: Record<string, unknown> = {};
  for (const path of paths) {
    let parent = masked;
    for (const [index, key] of path.keys.entries()) {
      const isLast = index === path.keys.length - 1;
      const known = Object.hasOwn(parent, key) ? parent[key] : undefined;
      const inner = typeof known === 'object' && known !== null ? (known as Record<string, unknown>) : {};
      setOwn(parent, String(key), isLast ? `\${${printPath(path)}}` : inner);
      parent = inner;
    }
  }
  return masked;
}
