/**
 * An agent that finds the tools it needs by itself, plans over them and runs the plan: an orchestrator behind one capability.
 *
 * @module
 */
import { type Agent, type AIClient, defineAgent, GomindError, noopTelemetry, type Telemetry } from '@gomind/core';
import { type AIOrchestrator, createOrchestrator, type OrchestratorResponse } from '@gomind/orchestration';
import { z } from 'zod';
import { toolsOnly } from './tools-only.ts';

/** What the agent answers. */
export const report = z.object({
  findings: z.string().describe('What was found out, in words'),
  confidence: z.number().min(0).max(1).describe('Share of the steps that succeeded'),
  steps: z
    .array(
      z.object({ step: z.string(), tool: z.string(), status: z.enum(['completed', 'failed', 'skipped', 'cancelled']) }),
    )
    .describe('What was asked of whom'),
  run_id: z.string().describe("Id of the agent's own run"),
  is_complete: z.boolean(),
  summary: z.string(),
});

/** A report. */
export type Report = z.infer<typeof report>;

/** An agent and the means to end what it holds. */
export interface ResearchAgent {
  readonly agent: Agent;
  readonly close: () => Promise<void>;
}

/**
 * Makes the agent. Its orchestrator is made with the first question, over the discovery that the agent is served with.
 *
 * @param aiClient the model that plans and writes inside the agent; without one the basic router plans
 * @param telemetry sees the agent's own runs
 */
export function createResearchAgent(aiClient?: AIClient, telemetry: Telemetry = noopTelemetry): ResearchAgent {
  let orchestrator: AIOrchestrator | undefined;
  const agent = defineAgent({
    name: 'research-agent',
    description: 'Researches a question about planets: finds the right tools by itself, asks them, and reports.',
    capabilities: {
      research: {
        description: 'Research a question and write a report with everything that the tools can tell about it.',
        effect: 'pure',
        tags: ['research', 'report', 'investigate'],
        input: z.object({
          question: z
            .string()
            .min(3)
            .max(1_000)
            .describe('What is to be found out, in a sentence')
            .meta({ examples: ['Tell the figures of the planet Mars'] }),
        }),
        output: report,
        handler: async ({ question }, { discovery, signal, runId }) => {
          orchestrator ??= createOrchestrator(
            { discovery: toolsOnly(discovery), telemetry, ...(aiClient === undefined ? {} : { aiClient }) },
            { name: 'research-agent' },
          );
          // The caller's deadline and its hanging up come with the signal.
          const metadata = runId === undefined ? {} : { parent_run_id: runId };
          return reportOf(await orchestrator.processRequest(question, metadata, { signal }));
        },
      },
    },
  });
  return { agent, close: async () => orchestrator?.close() };
}

/** @throws GomindError `INPUT_ERROR` when no tool could say anything: the outer planner may ask otherwise */
function reportOf(response: OrchestratorResponse): Report {
  const steps = (response.plan?.steps ?? []).map(({ name, component, action }) => ({
    step: name,
    tool: `${component ?? ''}.${action ?? ''}`,
    status: response.steps[name]?.status ?? 'skipped',
  }));
  if (!steps.some(({ status }) => status === 'completed')) {
    const causes = response.errors.map(({ message }) => message).join(' ');
    throw new GomindError({ code: 'INPUT_ERROR', message: `Nothing could be found out. ${causes}` });
  }
  return {
    findings: response.response,
    confidence: response.confidence,
    steps,
    run_id: response.requestId,
    is_complete: steps.every(({ status }) => status === 'completed'),
    summary: response.response,
  };
}
