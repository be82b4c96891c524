/**
 * Holds a workflow to a recorded run: the same calls, answered from the recording, and no others.
 *
 * @module
 */
import { canonicalJson, GomindError } from '@gomind/core';
import type { ComponentCall } from '../execution/execute-plan.ts';
import { emptyWorkflow, type WorkflowDefinition, workflowsComponentName } from './definition.ts';
import type { PromotableRun } from './promote-run.ts';

/** One call of a recorded run, and its answer. */
export interface RecordedCall {
  readonly component: string;
  readonly action: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly output: unknown;
}

/**
 * The calls of a completed run.
 *
 * @param run a run with its plan
 */
export function recordedCalls(run: PromotableRun): RecordedCall[] {
  return (run.plan?.steps ?? []).flatMap(({ name, component, action }) => {
    const result = run.steps[name];
    if (result?.status !== 'completed') return [];
    return [{ component: component ?? '', action: action ?? '', inputs: result.inputs ?? {}, output: result.output }];
  });
}

/** Whom the stand-in of a workflow calls; the engine itself runs steps of `workflows`. */
const standIn = 'recorded workflows';

/** Answers calls from a recording. */
export class ReplayCalls {
  readonly #left: RecordedCall[];

  /** @param calls what was recorded */
  constructor(calls: readonly RecordedCall[]) {
    this.#left = [...calls];
  }

  /** Recorded calls that were not made (yet). */
  get left(): readonly RecordedCall[] {
    return this.#left;
  }

  /**
   * A stand-in for an offered workflow that the recorded run used as a step: it answers what the workflow answered. For
   * `loadWorkflow` of the engine that replays.
   *
   * @throws GomindError `NOT_FOUND` for a workflow that the run did not use
   */
  workflow(name: string): WorkflowDefinition {
    const recorded = this.#left.find((call) => call.component === workflowsComponentName && call.action === name);
    if (recorded === undefined) {
      throw new GomindError({ code: 'NOT_FOUND', message: `The recorded run did not use the workflow "${name}".` });
    }
    const { inputs, output } = recorded;
    const names = typeof output === 'object' && output !== null ? Object.keys(output) : [];
    const field = (root: string, key: string): string => `\${${root}[${JSON.stringify(key)}]}`;
    const values = Object.keys(inputs).map((key) => [key, field('inputs', key)]);
    const step = {
      name: 'recorded',
      kind: 'component',
      componentType: 'tool',
      component: standIn,
      action: name,
    } as const;
    return {
      ...emptyWorkflow,
      name,
      inputs: Object.fromEntries(Object.keys(inputs).map((key) => [key, { schema: {}, required: false }])),
      steps: [{ ...step, inputs: Object.fromEntries(values) as Record<string, string>, dependsOn: [] }],
      outputs: Object.fromEntries(names.map((key) => [key, { value: field('steps.recorded.output', key) }])),
    };
  }

  /**
   * The recorded answer of a call.
   *
   * @throws GomindError `REPLAY_MISMATCH` for a call that was not recorded
   */
  call({ component, action, inputs }: Pick<ComponentCall, 'component' | 'action' | 'inputs'>): Promise<unknown> {
    const key = canonicalJson(inputs);
    const called = component === standIn ? workflowsComponentName : component;
    const index = this.#left.findIndex(
      (recorded) =>
        recorded.component === called && recorded.action === action && canonicalJson(recorded.inputs) === key,
    );
    const [found] = index === -1 ? [] : this.#left.splice(index, 1);
    if (found !== undefined) return Promise.resolve(found.output);
    return Promise.reject(
      new GomindError({
        code: 'REPLAY_MISMATCH',
        message: `The recorded run has no call of ${component}.${action} with ${key.slice(0, 300)}.`,
      }),
    );
  }
}
