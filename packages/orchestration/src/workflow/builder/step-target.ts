/**
 * What a step calls, and names of steps that are not there yet.
 *
 * @module
 */
import type { Agent, CapabilityTypes, Tool, WithCapabilityTypes } from '@gomind/core';
import type { LaterStep } from './builder-types.ts';

/** A capability of a component as the target of a step. */
export interface StepTarget<Types extends CapabilityTypes> {
  readonly componentType: 'tool' | 'agent';
  readonly component: string;
  readonly action?: string;
  readonly '~types'?: Types;
}

/** The target of a step whose inputs and output are not typed. */
export type UntypedTarget = StepTarget<{ input: Record<string, unknown>; output: unknown }>;

type CapabilitiesOf<Component> =
  Component extends WithCapabilityTypes<infer Capabilities> ? Capabilities : Readonly<Record<string, CapabilityTypes>>;

/**
 * The target of a step: a capability of a component that was defined with `defineTool` or `defineAgent`.
 *
 * @example
 * workflow('etl').step('extract', action(extractor, 'extract'), { source: 'orders.csv' })
 */
export function action<Component extends Tool | Agent, Name extends keyof CapabilitiesOf<Component> & string>(
  component: Component,
  name: Name,
): StepTarget<CapabilitiesOf<Component>[Name]> {
  return { componentType: component.type, component: component.name, action: name };
}

/**
 * The target of a step by name, for tools that are not at hand; inputs and output are not typed.
 *
 * @param component name of a tool
 * @param name name of its capability; left out: its only one
 */
export function toolNamed(component: string, name?: string): UntypedTarget {
  return { componentType: 'tool', component, ...(name === undefined ? {} : { action: name }) };
}

/**
 * The target of a step by name, for agents that are not at hand; inputs and output are not typed.
 *
 * @param component name of an agent
 * @param name name of its capability; left out: its only one
 */
export function agentNamed(component: string, name?: string): UntypedTarget {
  return { componentType: 'agent', component, ...(name === undefined ? {} : { action: name }) };
}

/**
 * The name of a step that comes further down, for `dependsOn`: a file may list steps in any order. Names of earlier steps
 * need no such mark, and are checked.
 *
 * @param name name of the step
 */
export function laterStep(name: string): LaterStep {
  return name as LaterStep;
}
