/**
 * The whole story in four acts, told while it happens: explore, keep, run again, mix.
 *
 * @module
 */
import { join } from 'node:path';
import type { AIClient } from '@gomind/core';
import type { WorkflowRun } from '@gomind/orchestration';
import { type Call, callsOf, hybridFile, keepAsWorkflow, runFile, startHybridAnalysis } from './hybrid-analysis.ts';

/** What the exploration asks. */
export const request =
  'How does Kestrel Robotics stand? Look at 20 days of its share and at its latest 3 headlines, and weigh one against the other.';

/** Settings of {@link showHybridAnalysis}. */
export interface ShowOptions {
  /**
   * Makes the model's client.
   *
   * @param onCall has to be told of each call that the client makes
   */
  readonly createAIClient: (onCall: () => void) => AIClient;
  /** Where the workflow file is written. */
  readonly folder: string;
  /** Takes one line of the story. */
  readonly print: (line: string) => void;
}

/**
 * Tells the story.
 *
 * @returns whether every act ended well
 * @throws GomindError what the exploration or the workflows throw
 */
export async function showHybridAnalysis({ createAIClient, folder, print }: ShowOptions): Promise<boolean> {
  let asked = 0;
  await using aiClient = createAIClient(() => asked++);
  await using analysis = await startHybridAnalysis(aiClient);
  const act = (title: string): void => {
    asked = 0;
    print(`\n${title}`);
  };
  const end = (calls: readonly Call[]): void => {
    for (const call of calls) print(`  ${lineOf(call)}`);
    print(`  calls of components: ${String(calls.length)}, calls of the model: ${String(asked)}`);
  };

  act('1. Explore: the model plans');
  print(`  "${request}"`);
  const explored: Call[] = [];
  const onEvent = (event: Parameters<typeof callsOf>[0]): void => void explored.push(...callsOf(event));
  const response = await analysis.orchestrator.processRequest(request, {}, { onEvent });
  end(explored);
  print(`  ${response.response.trim().replaceAll('\n', '\n  ')}`);

  act('2. Keep: what it did becomes a workflow, and its words become inputs');
  const file = join(folder, 'company-outlook.yaml');
  const text = await keepAsWorkflow(analysis, { ...response, request }, file);
  print(`  ${file}, replayed on what was recorded: the same ${String(explored.length)} calls`);
  print(`\n${text.trimEnd().replaceAll(/^/gm, '    ')}`);

  act('3. Run it again, for another company: nobody plans');
  const kept = await runFile(analysis, file, { company: 'Harbour Wind', days: 10, limit: 2 });
  end(kept.calls);
  print(`  ${findingOf(kept.run)}`);

  act('4. Mix: hybrid.yaml has fixed steps, and two that plan while they run');
  const endings = [response.status !== 'failed', kept.run.status === 'completed'];
  for (const company of ['Harbour Wind', 'Juniper Foods']) {
    asked = 0;
    print(`  ${company}:`);
    const { run, calls } = await runFile(analysis, hybridFile, { company, request: `How does ${company} stand?` });
    end(calls);
    print(`  ${findingOf(run)}`);
    endings.push(run.status === 'completed');
  }
  return endings.every(Boolean);
}

const maxValueLength = 60;

function lineOf({ step, target, inputs }: Call): string {
  const values = Object.entries(inputs).map(([name, value]) => {
    const text = JSON.stringify(value);
    return `${name}: ${text.length > maxValueLength ? `${text.slice(0, maxValueLength - 3)}...` : text}`;
  });
  return `${step.includes('/') ? `${step}  ` : ''}${target}(${values.join(', ')})`;
}

/** What a run came to, in a sentence: its outlook's where it has one. */
function findingOf({ outputs, errors }: WorkflowRun): string {
  if (errors.length > 0) return errors.map(({ code, message }) => `${code}: ${message}`).join(' ');
  return summaryIn(outputs) ?? JSON.stringify(outputs);
}

function summaryIn(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if ('summary' in value && typeof value.summary === 'string') return value.summary;
  for (const inner of Object.values(value)) {
    const found = summaryIn(inner);
    if (found !== undefined) return found;
  }
  return undefined;
}
