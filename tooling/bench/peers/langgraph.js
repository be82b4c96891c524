/**
 * LangGraph.js, running a plan: one node for each step, edges that wait for all dependencies, one counter as state.
 *
 * @module
 */
import { Annotation, END, START, StateGraph } from '@langchain/langgraph';

/**
 * Builds and compiles the graph, once.
 *
 * @param {{ steps: readonly { name: string, dependsOn: readonly string[] }[] }} plan
 * @returns {() => Promise<void>} runs it
 */
export function prepare({ steps }) {
  const count = Annotation({ reducer: (sum, one) => sum + one, default: () => 0 });
  const graph = new StateGraph(Annotation.Root({ count }));
  const isNeeded = new Set(steps.flatMap(({ dependsOn }) => dependsOn));
  for (const { name } of steps) graph.addNode(name, () => Promise.resolve({ count: 1 }));
  for (const { name, dependsOn } of steps) {
    // A list of one would make a barrier where a plain edge does.
    graph.addEdge(dependsOn.length > 1 ? [...dependsOn] : (dependsOn[0] ?? START), name);
    if (!isNeeded.has(name)) graph.addEdge(name, END);
  }
  const compiled = graph.compile();
  return async () => {
    const state = await compiled.invoke({}, { recursionLimit: steps.length + 10 });
    if (state.count !== steps.length) throw new Error(`LangGraph ran ${state.count} of ${steps.length} steps.`);
  };
}
