/**
 * Abuse: hostile texts and values as inputs of a plan, as outputs of tools and as replies of models.
 *
 * @module
 */
import { createScriptedAIClient } from '@gomind/core/testing';
import { createPlanner, executePlan, extractJson, validatePlan } from '@gomind/orchestration';
import { type CaseTool, componentsOf } from './e1-adapter.ts';

/** What one call was made with. */
export interface LoggedCall {
  readonly component: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** What came of a run. */
export interface FlowRun {
  readonly calls: readonly LoggedCall[];
  readonly status: string;
  readonly outputs: Readonly<Record<string, unknown>>;
}

const flow = {
  steps: [
    { name: 'a', component: 't1', action: 'run', inputs: { p: '${inputs.p}' }, depends_on: [] },
    {
      name: 'b',
      component: 't2',
      action: 'run',
      inputs: {
        whole: '${steps.a.output}',
        field: '${steps.a.output.v}',
        mix: 'x ${steps.a.output.v} y',
        p: '${inputs.p}',
      },
      depends_on: ['a'],
    },
  ],
  outputs: { v: '${steps.a.output.v}' },
};

/**
 * Runs a plan of two steps: the first answers with the given output, the second gets it as a whole, in part and inside text.
 *
 * @param input what the run is started with
 * @param output what the first tool answers
 */
export async function runFlow(input: unknown, output: unknown): Promise<FlowRun> {
  const calls: LoggedCall[] = [];
  const result = await executePlan(flow, {
    inputs: { p: input },
    call: async ({ component, inputs }) => {
      calls.push({ component, inputs });
      await Promise.resolve();
      return component === 't1' ? output : { done: 1 };
    },
  });
  return { calls, status: result.status, outputs: result.outputs };
}

/**
 * What a planner would do with a reply: find the JSON in it, then prove it as a plan that may call nothing.
 *
 * @returns whether JSON was found
 */
export function readReply(reply: string): boolean {
  const found = extractJson(reply);
  if (found.ok) validatePlan(found.value, []);
  return found.ok;
}

/** What a planner tells the model about a tool: the instructions, and everything else. */
export async function promptFor(tool: CaseTool): Promise<{ readonly system: string; readonly data: string }> {
  const aiClient = createScriptedAIClient([{ content: '{"steps": [], "reason": "no tool can do this"}' }]);
  await createPlanner({ aiClient }).plan('Show me the weekly report.', componentsOf([tool]));
  const { messages } = aiClient.calls[0] ?? { messages: [] };
  const textOf = (isSystem: boolean): string =>
    messages
      .filter(({ role }) => (role === 'system') === isSystem)
      .map(({ content }) => content)
      .join('\n');
  return { system: textOf(true), data: textOf(false) };
}
