/**
 * Takes the values of a request out of the plan that was made from it, and puts others in.
 *
 * @module
 */
import { canonicalJson } from '@gomind/core';
import { wordsOf } from '../capabilities/tokens.ts';
import type { PlanStep, RoutingPlan } from '../plan/routing-plan.ts';
import { type RequestForm, type Slot, spacedWords } from './template-request.ts';

/** Where a slot's value stands in a plan. */
export interface Hole {
  readonly slot: number;
  /** Index of the step, then keys inside its inputs. */
  readonly path: readonly string[];
  /** Whether a number stands there as text. */
  readonly isText: boolean;
}

/** A plan with holes. */
export interface PlanTemplate {
  readonly plan: RoutingPlan;
  readonly holes: readonly Hole[];
  /** Equal for plans that differ in nothing but the values in the holes. */
  readonly shape: string;
}

/** Kinds of values that stand for themselves: the same one in two places is the same thing, and no coincidence. */
const mayRepeat: ReadonlySet<string> = new Set(['name', 'quoted', 'email', 'url']);

/**
 * Takes the values of a request out of its plan.
 *
 * @param defaultOf the default that a schema gives a parameter of a step
 * @returns undefined unless every value is found, each in a place of its own, and everything else in the plan comes from the
 * words of the request, from a default or from another step: a literal out of nowhere may hang on a value
 */
export function liftPlan(
  plan: RoutingPlan,
  form: RequestForm,
  defaultOf: (step: PlanStep, parameter: string) => unknown,
): PlanTemplate | undefined {
  const lifter = new Lifter(form, defaultOf);
  const steps = plan.steps.map((step, at) => lifter.liftStep(step, at));
  lifter.checkFree({ ...plan, steps: [] });
  if (!lifter.isSound()) return undefined;
  return { plan, holes: lifter.holes, shape: canonicalJson({ ...plan, steps }) };
}

/**
 * The plan with other values in its holes.
 *
 * @param slots as many as the template was made with
 */
export function bindPlan({ plan, holes }: PlanTemplate, slots: readonly Slot[]): RoutingPlan {
  const steps = structuredClone(plan.steps) as unknown as { inputs: Record<string, unknown> }[];
  for (const { slot, path, isText } of holes) {
    const value = slots[slot]?.value;
    const [step = '', ...keys] = path;
    let place: Record<string, unknown> | undefined = steps[Number(step)]?.inputs;
    for (const key of keys.slice(0, -1)) place = place?.[key] as Record<string, unknown> | undefined;
    if (place !== undefined) place[keys.at(-1) ?? ''] = isText ? String(value) : value;
  }
  return { ...plan, steps: steps as unknown as PlanStep[] };
}

class Lifter {
  readonly holes: Hole[] = [];
  readonly #slots: readonly Slot[];
  readonly #words: ReadonlySet<string>;
  readonly #defaultOf: (step: PlanStep, parameter: string) => unknown;
  #isTangled = false;

  constructor({ slots, words }: RequestForm, defaultOf: (step: PlanStep, parameter: string) => unknown) {
    this.#slots = slots;
    this.#words = words;
    this.#defaultOf = defaultOf;
  }

  liftStep(step: PlanStep, at: number): unknown {
    const { inputs, ...rest } = step;
    this.checkFree(rest);
    const lifted = Object.entries(inputs).map(([name, value]) => {
      this.checkFree(name);
      const isDefault = canonicalJson([value]) === canonicalJson([this.#defaultOf(step, name)]);
      return [name, this.#liftValue(value, [String(at), name], isDefault)] as const;
    });
    return { ...rest, inputs: Object.fromEntries(lifted) };
  }

  /** Notes when a value of the request stands where it cannot be replaced. */
  checkFree(part: unknown): void {
    const text = typeof part === 'string' ? part : JSON.stringify(part);
    const words = spacedWords(text);
    const numbers = new Set((text.match(/\d+(?:\.\d+)?/gu) ?? []).map(Number));
    for (const { value, text: spelling } of this.#slots) {
      const isThere =
        (typeof value === 'number' && numbers.has(value)) ||
        words.includes(spacedWords(spelling)) ||
        (typeof value === 'string' && words.includes(spacedWords(value)));
      if (isThere) this.#isTangled = true;
    }
  }

  isSound(): boolean {
    return (
      !this.#isTangled &&
      this.#slots.every((slot, at) => {
        const count = this.holes.filter((hole) => hole.slot === at).length;
        return count === 1 || (count > 1 && mayRepeat.has(slot.kind));
      })
    );
  }

  #liftValue(value: unknown, path: readonly string[], isDefault: boolean): unknown {
    if (typeof value === 'object' && value !== null) {
      const lifted = Object.entries(value).map(([key, inner]) => {
        if (!Array.isArray(value)) this.checkFree(key);
        return [key, this.#liftValue(inner, [...path, key], isDefault)] as const;
      });
      return Array.isArray(value) ? lifted.map(([, inner]) => inner) : Object.fromEntries(lifted);
    }
    const slot = this.#slots.findIndex((one) => one.value === value || String(one.value) === value);
    if (slot >= 0 && !isDefault) {
      const isText = typeof this.#slots[slot]?.value !== typeof value;
      this.holes.push({ slot, path, isText });
      return { slot, isText };
    }
    this.checkFree(value ?? null);
    if (!isDefault && !this.#isExplained(value)) this.#isTangled = true;
    return value;
  }

  #isExplained(value: unknown): boolean {
    if (typeof value === 'string' && value.includes('${')) return true;
    const words = typeof value === 'string' || typeof value === 'number' ? wordsOf(String(value)) : [];
    return words.length > 0 && words.every((word) => this.#words.has(word));
  }
}
