/**
 * Mastra, running a plan as a workflow. Its workflows have no graph: what depends on the same step stands in one `parallel`
 * block, so a plan becomes layers, and each layer waits for all of the one before.
 *
 * @module
 */
import { createStep, createWorkflow } from '@mastra/core/workflows';
import { z } from 'zod';

const anything = { inputSchema: z.any(), outputSchema: z.any() };

/**
 * Builds the workflow, once.
 *
 * @param {{ steps: readonly { name: string, dependsOn: readonly string[] }[] }} plan
 * @returns {() => Promise<void>} runs it
 */
export function prepare({ steps }) {
  let settled = 0;
  const workflow = createWorkflow({ id: 'plan', ...anything });
  for (const layer of layersOf(steps)) {
    const made = layer.map((id) =>
      createStep({
        id,
        ...anything,
        execute: () => {
          settled++;
          return Promise.resolve(null);
        },
      }),
    );
    if (made.length === 1) workflow.then(made[0]);
    else workflow.parallel(made);
  }
  workflow.commit();
  return async () => {
    settled = 0;
    const run = await workflow.createRun();
    const { status } = await run.start({ inputData: null });
    if (status !== 'success' || settled !== steps.length)
      throw new Error(`Mastra ran ${settled} of ${steps.length} steps: ${status}.`);
  };
}

/** The names of the steps by the length of the longest way to them. */
function layersOf(steps) {
  const depths = new Map();
  const layers = [];
  for (const { name, dependsOn } of steps) {
    const depth = Math.max(0, ...dependsOn.map((other) => depths.get(other) + 1));
    depths.set(name, depth);
    (layers[depth] ??= []).push(name);
  }
  return layers;
}
