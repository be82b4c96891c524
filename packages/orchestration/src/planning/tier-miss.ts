/**
 * A plan that uses a capability which exists but was not offered: the choice of what to offer missed it. It is offered then,
 * once; whether the plan is right is judged as for every other.
 *
 * @module
 */
import type { ComponentInfo } from '@gomind/core';
import type { Diagnostic } from '../plan/diagnostic.ts';

/** Finds a component by its exact name among all that are registered; undefined when it is not there. */
export type ComponentLookup = (name: string) => ComponentInfo | undefined;

/** Capabilities that one planning may add to its offer. */
const maxMisses = 20;

/** What one planning offers: what the provider chose, and what the model asked for by name. */
export class Offer {
  readonly #lookup: ComponentLookup;
  #components: readonly ComponentInfo[];
  readonly #missed: Diagnostic[] = [];

  constructor(components: readonly ComponentInfo[], lookup: ComponentLookup) {
    this.#components = components;
    this.#lookup = lookup;
  }

  /** What a plan may use by now. */
  get components(): readonly ComponentInfo[] {
    return this.#components;
  }

  /** What was added, as warnings with the code `NOT_OFFERED`. */
  get missed(): readonly Diagnostic[] {
    return this.#missed;
  }

  /**
   * Adds the public capabilities that a plan names, that exist and that are not offered yet.
   *
   * @param plan a model's plan, not validated
   * @returns what was added; empty when nothing was
   */
  extendFor(plan: unknown): ComponentInfo[] {
    const added: ComponentInfo[] = [];
    for (const { component, action, step } of callsOf(plan)) {
      if (this.#missed.length >= maxMisses || this.#offers(component, action)) continue;
      const known = this.#lookup(component);
      const capability = known?.capabilities.find(({ name, internal }) => name === action && internal !== true);
      if (known === undefined || capability === undefined) continue;
      const own: ComponentInfo = { ...known, capabilities: [capability] };
      this.#components = [...this.#components, own];
      added.push(own);
      this.#missed.push({
        code: 'NOT_OFFERED',
        severity: 'warning',
        message: `${component}.${action} exists but was not offered; it is offered now.`,
        ...(step === undefined ? {} : { step }),
      });
    }
    return added;
  }

  #offers(component: string, action: string): boolean {
    return this.#components.some(
      ({ name, capabilities }) => name === component && capabilities.some((capability) => capability.name === action),
    );
  }
}

interface PlannedCall {
  readonly component: string;
  readonly action: string;
  readonly step: string | undefined;
}

function* callsOf(plan: unknown): Generator<PlannedCall, void, undefined> {
  if (typeof plan !== 'object' || plan === null || !('steps' in plan) || !Array.isArray(plan.steps)) return;
  for (const step of plan.steps as readonly unknown[]) {
    if (typeof step !== 'object' || step === null || !('component' in step) || !('action' in step)) continue;
    const { component, action } = step;
    if (typeof component !== 'string' || typeof action !== 'string') continue;
    yield { component, action, step: 'name' in step && typeof step.name === 'string' ? step.name : undefined };
  }
}
