/**
 * What running a workflow does to the world: as much as the most that any of its steps may do.
 *
 * @module
 */
import type { ComponentInfo, EffectClass } from '@gomind/core';
import { withChildren } from './compile-workflow.ts';
import type { WorkflowDefinition, WorkflowStep } from './definition.ts';

/** What the steps of a workflow may call. */
export interface Callees {
  readonly components: readonly ComponentInfo[];
  /** Another workflow by the reference of a step; undefined when it is not registered. */
  find(reference: string): WorkflowDefinition | undefined;
}

const classes: readonly EffectClass[] = ['pure', 'idempotent', 'compensable', 'irreversible'];

/**
 * The effect class of a workflow; what nobody knows counts as irreversible.
 *
 * @param workflow a definition
 * @param callees what its steps may call
 */
export function effectOfWorkflow(workflow: WorkflowDefinition, callees: Callees): EffectClass {
  return worstOf(workflow, callees, new Set());
}

function worstOf(workflow: WorkflowDefinition, callees: Callees, seen: Set<WorkflowDefinition>): EffectClass {
  // What is called again on the way is counted already.
  if (seen.has(workflow)) return 'pure';
  seen.add(workflow);
  const steps = withChildren([...workflow.steps, ...workflow.onFailure, ...workflow.finally]);
  return worst(steps.map((step) => effectOfStep(step, callees, seen)));
}

function effectOfStep(step: WorkflowStep, callees: Callees, seen: Set<WorkflowDefinition>): EffectClass {
  switch (step.kind) {
    case 'component': {
      const named = callees.components.filter(({ name }) => name === step.component);
      return step.effect ?? worstCapability(named, step.action);
    }
    case 'capability':
      return step.effect ?? worstCapability(callees.components, step.capability);
    case 'workflow': {
      const other = callees.find(step.workflow);
      return other === undefined ? 'irreversible' : worstOf(other, callees, seen);
    }
    case 'ai-routing': {
      const { components: allowed } = step;
      if (allowed === undefined) return 'irreversible';
      return worst(allowed.map((name) => worstCapability(callees.components.filter((one) => one.name === name))));
    }
    default:
      return 'pure';
  }
}

/** @param name of the capability; undefined for any */
function worstCapability(components: readonly ComponentInfo[], name?: string): EffectClass {
  const capabilities = components.flatMap((component) =>
    component.capabilities.filter((capability) => name === undefined || capability.name === name),
  );
  if (capabilities.length === 0) return 'irreversible';
  return worst(capabilities.map(({ effect = 'irreversible' }) => effect));
}

function worst(effects: readonly EffectClass[]): EffectClass {
  return classes[Math.max(0, ...effects.map((effect) => classes.indexOf(effect)))] ?? 'irreversible';
}
