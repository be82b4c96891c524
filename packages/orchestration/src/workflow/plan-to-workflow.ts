/**
 * From a plan to a workflow that makes the same calls.
 *
 * @module
 */
import { GomindError } from '@gomind/core';
import type { PlanStep, RoutingPlan } from '../plan/routing-plan.ts';
import {
  emptyWorkflow,
  type WorkflowDefinition,
  type WorkflowInput,
  type WorkflowStep,
  workflowsComponentName,
} from './definition.ts';

/** What a plan does not say. */
export interface PlanToWorkflowOptions {
  /** Default: the plan's own name, else `workflow`. */
  readonly name?: string;
  readonly description?: string;
  readonly inputs?: Readonly<Record<string, WorkflowInput>>;
  /** Types of components by name. Default: `tool`. */
  readonly componentType?: (component: string) => 'tool' | 'agent';
}

/**
 * A plan as a workflow; without outputs of its own, what its last steps return are the outputs.
 *
 * @param plan a plan of component calls
 * @throws GomindError `BAD_STEP_KIND` for a plan with kinds of steps that a file cannot hold
 */
export function planToWorkflow(plan: RoutingPlan, options: PlanToWorkflowOptions = {}): WorkflowDefinition {
  const outputs = plan.outputs ?? lastOutputs(plan);
  return {
    ...emptyWorkflow,
    name: options.name ?? plan.name ?? 'workflow',
    ...(plan.version === undefined ? {} : { version: plan.version }),
    ...(options.description === undefined ? {} : { description: options.description }),
    inputs: options.inputs ?? {},
    steps: plan.steps.map((step) => toStep(step, options)),
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, { value }])),
  };
}

function toStep(step: PlanStep, options: PlanToWorkflowOptions): WorkflowStep {
  if (step.kind !== undefined && step.kind !== 'component') {
    throw new GomindError({
      code: 'BAD_STEP_KIND',
      message: `Step "${step.name}" is of the kind "${step.kind}", which cannot be taken into a workflow file.`,
    });
  }
  const component = step.component ?? '';
  const target =
    component === workflowsComponentName
      ? ({ kind: 'workflow', workflow: step.action ?? '' } as const)
      : ({
          kind: 'component',
          componentType: options.componentType?.(component) ?? 'tool',
          component,
          ...(step.action === undefined ? {} : { action: step.action }),
        } as const);
  return {
    name: step.name,
    ...target,
    dependsOn: step.dependsOn,
    inputs: step.inputsFrom ?? step.inputs,
    ...(step.when === undefined ? {} : { when: step.when }),
    ...(step.forEach === undefined ? {} : { forEach: step.forEach }),
    ...(step.retry === undefined ? {} : { retry: step.retry }),
    ...(step.timeoutMs === undefined ? {} : { timeoutMs: step.timeoutMs }),
    ...(step.onError === undefined ? {} : { onError: step.onError }),
    ...(step.effect === undefined ? {} : { effect: step.effect }),
    ...(step.compensate === undefined ? {} : { compensate: step.compensate }),
  };
}

/** What nobody waits for is what the plan was made for. */
function lastOutputs(plan: RoutingPlan): Record<string, string> {
  const waitedFor = new Set(plan.steps.flatMap((step) => step.dependsOn));
  const last = plan.steps.filter((step) => !waitedFor.has(step.name));
  return Object.fromEntries(last.map(({ name }) => [name, `\${${pathOf(name)}}`]));
}

function pathOf(step: string): string {
  return /^[\p{L}\p{N}_-]+$/u.test(step) ? `steps.${step}.output` : `steps['${step}'].output`;
}
