/**
 * The kind of step that is another workflow.
 *
 * @module
 */
import { type ComponentInfo, GomindError } from '@gomind/core';
import type { StepHandler } from '../../execution/step-handler.ts';
import type { WorkflowDefinition } from '../definition.ts';
import { originOf, planOf, runParts } from './run-parts.ts';
import { checkWorkflowInputs } from './workflow-inputs.ts';

/** What sub-workflow steps need. */
export interface SubWorkflowStepOptions {
  /**
   * A workflow by registered name, `name@range`, or file.
   *
   * @throws GomindError `NOT_FOUND`
   */
  load(reference: string): Promise<WorkflowDefinition>;
  components(): readonly ComponentInfo[] | undefined;
}

/** Makes the handler of `workflow` steps; the output is the outputs of that workflow, or of its steps when it declares none. */
export function createSubWorkflowStepHandler(options: SubWorkflowStepOptions): StepHandler {
  return {
    kind: 'workflow',
    takesSlot: false,
    timeoutMs: Number.POSITIVE_INFINITY,
    run: async (step, context) => {
      const workflow = await options.load(String(context.config['workflow']));
      const inputs = checkWorkflowInputs(workflow, context.inputs);
      const components = options.components();
      const origin = originOf(workflow, components);
      const result = await runParts(workflow, planOf(workflow, 'steps', { components }), {
        components,
        execute: (plan, { steps }) => context.executePlan(plan, { inputs, steps, origin }),
      });
      if (result.status !== 'completed') {
        const [cause] = result.errors;
        throw new GomindError({
          code: cause?.code ?? 'STEP_FAILED',
          message: `The workflow "${workflow.name}" failed: ${cause?.message ?? 'it was cancelled.'}`,
          details: {
            ...cause?.details,
            ...(cause?.step === undefined ? {} : { step: cause.step }),
            workflow: workflow.name,
          },
        });
      }
      return Object.keys(workflow.outputs).length > 0
        ? result.outputs
        : Object.fromEntries(Object.entries(result.steps).map(([name, { output }]) => [name, output ?? null]));
    },
  };
}
