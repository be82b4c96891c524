/**
 * Workflows as the capabilities of one component that works in this process: a plan calls them as it calls tools, and each runs
 * inside its step, as part of the same run.
 *
 * @module
 */
import { type ComponentInfo, GomindError } from '@gomind/core';
import { bindInputs } from '../../execution/component/bind-inputs.ts';
import { failedCallOf } from '../../execution/component/failed-component-call.ts';
import { noParameterResolver } from '../../execution/component/parameter-resolver.ts';
import type { CauseOf } from '../../execution/step-extras.ts';
import type { StepHandler } from '../../execution/step-handler.ts';
import type { StepRecovery } from '../../recovery/failed-call.ts';
import type { PlanStep } from '../../plan/routing-plan.ts';
import { workflowsComponentName } from '../definition.ts';
import type { WorkflowRegistry } from '../workflow-registry.ts';
import type { WorkflowDigest } from './workflow-digest.ts';
import { runAsStep, type SubWorkflowOptions } from './sub-workflow-step.ts';

/** What the component needs. */
export interface WorkflowsComponentOptions extends SubWorkflowOptions {
  readonly registry: WorkflowRegistry;
  /** The workflows as they are offered to planners. */
  asComponent(): ComponentInfo;
  /** Mends inputs that do not fit before a workflow has begun. */
  readonly recovery: StepRecovery;
}

/** Makes the handler of steps whose component is `workflows`; the action names the workflow. */
export function createWorkflowsComponentHandler(options: WorkflowsComponentOptions): StepHandler {
  const capabilityOf = (step: PlanStep): ComponentInfo['capabilities'][number] | undefined =>
    options.asComponent().capabilities.find(({ name }) => name === step.action);
  return {
    kind: 'component',
    component: workflowsComponentName,
    takesSlot: false,
    timeoutMs: Number.POSITIVE_INFINITY,
    run: async (step, context) => {
      const workflow = options.registry.get(step.action ?? '');
      const schema = capabilityOf(step)?.inputSchema;
      const inputs = await bindInputs(step, context, { schema, resolver: noParameterResolver });
      return runAsStep(workflow, { inputs, context }, options);
    },
    recover: async (failed, step) => {
      // Once it has begun, its steps are mended one by one: what they did must not be done again.
      if (GomindError.isInstance(failed.error) && failed.error.details['workflow'] !== undefined) return undefined;
      const capability = capabilityOf(step);
      return options.recovery.recover(
        failedCallOf(failed, step, { capability, effect: capability?.effect ?? 'irreversible' }),
      );
    },
  };
}

/** What the output of such a step follows from: the workflow, as it is now, and its inputs. */
export function causeOfWorkflowsComponent(digest: WorkflowDigest): CauseOf {
  return async ({ action = '' }, context) => ({
    what: `workflow:${await digest([action], context)}`,
    inputs: context.inputs,
  });
}
