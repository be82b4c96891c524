/**
 * Plans for requests that differ from an earlier one only in their values: numbers, dates, codes, names, quoted text.
 *
 * - **T1** A template is served only where everything but the values is the same: words, capabilities offered, audience, day.
 * - **T2** It is made only from a plan in which every literal is explained (see `template-plan.ts`).
 * - **T3** A name, a code or a quoted text may decide which capability is meant. It is a value only where no other capability
 *   competes for the words around it, and only when no capability speaks of it.
 * - **T4** A small number could stand in the plan by chance. It is a value only when a second planning with another one came
 *   to the same plan; plannings that disagree end the template.
 * - **T5** What comes out is proved like any plan, without a single warning, and never has effects declared as lasting.
 *
 * @module
 */
import { type Capability, type Clock, compileJsonSchema, type JsonSchema, sha256Hex } from '@gomind/core';
import { indexOf } from '../capabilities/search-index.ts';
import { tokensOf } from '../capabilities/tokens.ts';
import type { PlanStep, RoutingPlan } from '../plan/routing-plan.ts';
import { asSchema } from '../plan/schemas/schema-reader.ts';
import { validatePlan } from '../plan/validation/validate-plan.ts';
import type { PlanQuery } from './plan-query.ts';
import { fingerprintOf } from './routing-cache-key.ts';
import { RoutingCache } from './routing-cache.ts';
import { bindPlan, liftPlan, type PlanTemplate } from './template-plan.ts';
import { formsOf, type RequestForm, type Slot } from './template-request.ts';

/** A plan out of a template. */
export interface TemplateHit {
  readonly plan: RoutingPlan;
  /** What the planning of the template had cost. */
  readonly tokens: number;
}

/** Options of {@link TemplateCache}. */
export interface TemplateCacheOptions {
  readonly ttlMs: number;
  readonly maxEntries: number;
  readonly clock: Clock;
}

interface LearntSlot {
  /** The value of the first planning. */
  readonly seen: string | number;
  /** Whether other values of the kind may take its place. */
  readonly isFree: boolean;
}

/** `template` is undefined when plannings disagreed. */
interface Learnt {
  readonly template: PlanTemplate | undefined;
  readonly slots: readonly LearntSlot[];
  readonly tokens: number;
}

/** Another capability competes when it fits the words half as well as the planned ones. */
const competingShare = 0.5;
/** Numbers below stand in plans by chance: limits, pages, days. */
const smallNumber = 32;

/** Learns templates from plannings and serves plans out of them. */
export class TemplateCache {
  readonly #cache: RoutingCache<Learnt>;
  readonly #clock: Clock;

  constructor(options: TemplateCacheOptions) {
    this.#cache = new RoutingCache(options);
    this.#clock = options.clock;
  }

  /** A proved plan for a request, if a template fits it without doubt. */
  find(query: PlanQuery, context: string): TemplateHit | undefined {
    for (const form of this.#formsOf(query)) {
      const learnt = this.#cache.get(keyOf(form, query, context));
      if (learnt?.template === undefined || !mayTake(learnt, form, query)) continue;
      const plan = bindPlan(learnt.template, form.slots);
      if (isProved(plan, learnt.template, query)) return { plan, tokens: learnt.tokens };
    }
    return undefined;
  }

  /** Learns from a plan that a planner made for a request. */
  learn(query: PlanQuery, made: TemplateHit, context: string): void {
    if (isLasting(made.plan, query)) return;
    for (const form of this.#formsOf(query)) {
      const template = templateOf(made.plan, form, query);
      const key = keyOf(form, query, context);
      const before = this.#cache.get(key);
      if (before !== undefined) this.#cache.set(key, mergeOf(before, template, form));
      else if (template !== undefined) this.#cache.set(key, learntFrom(template, form, made.tokens));
      // A narrower form would say nothing that this one does not.
      if (template !== undefined) return;
    }
  }

  /** Forgets the templates that a request could be served from. */
  forget(query: PlanQuery, context: string): void {
    for (const form of this.#formsOf(query)) this.#cache.delete(keyOf(form, query, context));
  }

  /** Forgets the templates that call a component. */
  dropComponent(name: string): void {
    this.#cache.deleteWhere(
      ({ template }) => template?.plan.steps.some(({ component }) => component === name) === true,
    );
  }

  #formsOf({ request }: PlanQuery): RequestForm[] {
    return formsOf(request, new Date(this.#clock.now()));
  }
}

function keyOf(form: RequestForm, { offered, audience }: PlanQuery, context: string): string {
  return sha256Hex(JSON.stringify([form.skeleton, fingerprintOf(offered), audience, context]));
}

function templateOf(plan: RoutingPlan, form: RequestForm, query: PlanQuery): PlanTemplate | undefined {
  if (form.slots.some(({ isOpen }) => isOpen) && hasCompetitor(plan, form, query)) return undefined;
  return liftPlan(plan, form, (step, parameter) => {
    const properties = capabilityOf(step, query)?.inputSchema?.properties ?? {};
    return Object.hasOwn(properties, parameter) ? asSchema(properties[parameter])?.['default'] : undefined;
  });
}

function learntFrom(template: PlanTemplate, form: RequestForm, tokens: number): Learnt {
  const slots = form.slots.map(({ value }) => {
    const mayBeChance = typeof value === 'number' && Number.isInteger(value) && value < smallNumber;
    return { seen: value, isFree: !mayBeChance };
  });
  return { template, slots, tokens };
}

/** Whether something would be done that cannot simply be undone. */
function isLasting(plan: RoutingPlan, query: PlanQuery): boolean {
  const effects = plan.steps.map((step) => step.effect ?? capabilityOf(step, query)?.effect);
  return effects.some((effect) => effect === 'irreversible' || effect === 'compensable');
}

function mergeOf(before: Learnt, template: PlanTemplate | undefined, form: RequestForm): Learnt {
  if (before.template?.shape !== template?.shape) return { ...before, template: undefined };
  const slots = before.slots.map(({ seen, isFree }, at) => ({
    seen,
    isFree: isFree || form.slots[at]?.value !== seen,
  }));
  return { ...before, slots };
}

function mayTake(learnt: Learnt, form: RequestForm, query: PlanQuery): boolean {
  return form.slots.every((slot, at) => {
    const known = learnt.slots[at];
    if (known === undefined) return false;
    return slot.value === known.seen || (known.isFree && !(slot.isOpen && isSpokenOf(slot, query)));
  });
}

/** Whether some capability has a word for a value, so that it may mean that capability, or a setting of one. */
function isSpokenOf({ value }: Slot, { offered }: PlanQuery): boolean {
  const index = indexOf(offered);
  if (tokensOf(String(value)).some((token) => index.has(token))) return true;
  const wanted = String(value).toLowerCase();
  return offered.some(({ capabilities }) =>
    capabilities.some(({ inputSchema }) =>
      Object.values(inputSchema?.properties ?? {}).some((property) =>
        (asSchema(property)?.enum ?? []).some((choice) => String(choice).toLowerCase() === wanted),
      ),
    ),
  );
}

function hasCompetitor(plan: RoutingPlan, form: RequestForm, { offered }: PlanQuery): boolean {
  const planned = new Set(plan.steps.map(({ component = '', action = '' }) => JSON.stringify([component, action])));
  let best = 0;
  let bestOther = 0;
  for (const { component, capability, score } of indexOf(offered).search(form.tokens, 100)) {
    if (planned.has(JSON.stringify([component.name, capability.name]))) best = Math.max(best, score);
    else bestOther = Math.max(bestOther, score);
  }
  return best === 0 || bestOther >= best * competingShare;
}

function isProved(plan: RoutingPlan, { holes }: PlanTemplate, query: PlanQuery): boolean {
  const called = new Set(plan.steps.map(({ component }) => component));
  const { ok, diagnostics } = validatePlan(
    plan,
    query.offered.filter(({ name }) => called.has(name)),
  );
  // Ranges, patterns and lengths are not part of the proof of a plan, and the planner may have known what to do about them.
  return (
    ok &&
    diagnostics.length === 0 &&
    holes.every(({ path: [at = '', parameter = ''] }) => {
      const step = plan.steps[Number(at)];
      const schema =
        step === undefined ? undefined : asSchema(capabilityOf(step, query)?.inputSchema?.properties?.[parameter]);
      return schema === undefined || fits(schema, step?.inputs[parameter]);
    })
  );
}

function fits(schema: JsonSchema, value: unknown): boolean {
  try {
    return compileJsonSchema(schema).check(value).ok;
  } catch {
    // A schema that cannot be read says nothing for certain.
    return false;
  }
}

function capabilityOf(step: PlanStep, { offered }: PlanQuery): Capability | undefined {
  const component = offered.find(({ name }) => name === step.component);
  return component?.capabilities.find(({ name }) => name === step.action);
}
