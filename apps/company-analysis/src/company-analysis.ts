/**
 * The wiring: four tools over HTTP, found at run time, and an orchestrator whose answer is structured.
 *
 * @module
 */
import { type AIClient, LocalDiscovery, type ServedComponent, serve } from '@gomind/core';
import { type AIOrchestrator, createModelSynthesizer, createOrchestrator } from '@gomind/orchestration';
import { type Analysis, createAnalysisSynthesizer, readAnalysis } from './analysis.ts';
import { financialsTool } from './tools/financials-tool.ts';
import { indicatorsTool } from './tools/indicators-tool.ts';
import { newsTool } from './tools/news-tool.ts';
import { sentimentTool } from './tools/sentiment-tool.ts';

/** Every tool, each served as an HTTP component of its own. */
const analysisTools = [financialsTool, newsTool, sentimentTool, indicatorsTool] as const;

/** A running analyst. */
export interface CompanyAnalyst {
  readonly orchestrator: AIOrchestrator;
  readonly components: readonly ServedComponent[];
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts every tool on a free port, registers it, and puts an orchestrator above.
 *
 * @param aiClient the model that plans and writes the conclusion; without one the basic router plans
 */
export async function startCompanyAnalyst(aiClient?: AIClient): Promise<CompanyAnalyst> {
  const discovery = new LocalDiscovery();
  const components = await Promise.all(analysisTools.map((tool) => serve(tool, { port: 0, registry: discovery })));
  const writer = aiClient === undefined ? undefined : createModelSynthesizer(aiClient);
  const orchestrator = createOrchestrator({
    discovery,
    ...(aiClient === undefined ? {} : { aiClient }),
    synthesizer: createAnalysisSynthesizer(writer),
  });
  const close = async (): Promise<void> => {
    await orchestrator.close();
    await Promise.all(components.map((component) => component.close()));
    await discovery.close();
  };
  return { orchestrator, components, close, [Symbol.asyncDispose]: close };
}

/**
 * Analyses a company.
 *
 * @param orchestrator of a {@link CompanyAnalyst}
 * @param company name or symbol
 * @throws GomindError `NO_ANALYSIS` when nothing could be found out; else what `processRequest` throws
 */
export async function analyseCompany(
  orchestrator: AIOrchestrator,
  company: string,
  signal?: AbortSignal,
): Promise<Analysis> {
  const name = JSON.stringify(company);
  const request = `Get the financials of ${name}; get the news about ${name}; score the sentiment of ${name}; compute the technical indicators of ${name}`;
  const options = signal === undefined ? {} : { signal };
  return readAnalysis(await orchestrator.processRequest(request, { priority: 'high', cache: true }, options));
}
