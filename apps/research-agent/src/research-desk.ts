/**
 * The wiring: three tools and one agent over HTTP, and an outer orchestrator that delegates to the agent. The agent finds the
 * tools through the same registry.
 *
 * @module
 */
import { type AIClient, LocalDiscovery, type ServedComponent, serve } from '@gomind/core';
import { type AIOrchestrator, createOrchestrator } from '@gomind/orchestration';
import { createResearchAgent } from './research-agent.ts';
import { lightTool } from './tools/light-tool.ts';
import { planetsTool } from './tools/planets-tool.ts';
import { weightTool } from './tools/weight-tool.ts';

/** A running research desk. */
export interface ResearchDesk {
  readonly orchestrator: AIOrchestrator;
  readonly components: readonly ServedComponent[];
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts the tools, the agent, and the outer orchestrator.
 *
 * @param aiClient the model of both orchestrators; without one the basic router plans in both
 */
export async function startResearchDesk(aiClient?: AIClient): Promise<ResearchDesk> {
  const discovery = new LocalDiscovery();
  const { agent, close: closeAgent } = createResearchAgent(aiClient);
  const components = await Promise.all([
    ...[planetsTool, lightTool, weightTool].map((tool) => serve(tool, { port: 0, registry: discovery })),
    serve(agent, { port: 0, discovery }),
  ]);
  const orchestrator = createOrchestrator(
    { discovery, ...(aiClient === undefined ? {} : { aiClient }) },
    { name: 'research-desk' },
  );
  const close = async (): Promise<void> => {
    await orchestrator.close();
    await closeAgent();
    await Promise.all(components.map((component) => component.close()));
    await discovery.close();
  };
  return { orchestrator, components, close, [Symbol.asyncDispose]: close };
}
