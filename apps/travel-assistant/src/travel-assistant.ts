/**
 * The wiring that a user copies: tools served over HTTP, found at run time, orchestrated.
 *
 * @module
 */
import { type AIClient, LocalDiscovery, type ServedComponent, serve } from '@gomind/core';
import { type AIOrchestrator, createSimpleOrchestrator } from '@gomind/orchestration';
import { travelTools } from './tools/index.ts';

/** A running travel assistant. */
export interface TravelAssistant {
  readonly orchestrator: AIOrchestrator;
  /** The tools, each on a port of its own. */
  readonly components: readonly ServedComponent[];
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts every tool on a free port, registers it, and puts an orchestrator above.
 *
 * @param aiClient the model that plans and writes; without one the basic router plans
 */
export async function startTravelAssistant(aiClient?: AIClient): Promise<TravelAssistant> {
  const discovery = new LocalDiscovery();
  const components = await Promise.all(travelTools.map((tool) => serve(tool, { port: 0, registry: discovery })));
  const orchestrator = createSimpleOrchestrator(discovery, aiClient);
  const close = async (): Promise<void> => {
    await orchestrator.close();
    await Promise.all(components.map((component) => component.close()));
    await discovery.close();
  };
  return { orchestrator, components, close, [Symbol.asyncDispose]: close };
}
