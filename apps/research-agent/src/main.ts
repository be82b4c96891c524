/**
 * `demo:research [question]`: starts the tools and the agent, delegates the question, prints the report and who was asked.
 *
 * @module
 */
import { createAIClientFromEnvironment } from '@gomind/ai';
import { GomindError } from '@gomind/core';
import { report } from './research-agent.ts';
import { startResearchDesk } from './research-desk.ts';

const interruption = new AbortController();
process.once('SIGINT', () => {
  interruption.abort(new GomindError({ code: 'CANCELLED', message: 'Interrupted' }));
});

try {
  await using aiClient = createAIClientFromEnvironment();
  await using desk = await startResearchDesk(aiClient);
  const question =
    process.argv[2] ?? 'Tell the figures of the planet Mars; how many minutes does sunlight travel to Mars?';
  const request = `Research this question and write a report: ${JSON.stringify(question)}`;
  const response = await desk.orchestrator.processRequest(request, {}, { signal: interruption.signal });
  process.stdout.write(`${response.response}\n`);
  for (const { output } of Object.values(response.steps)) {
    const inner = report.safeParse(output);
    if (!inner.success) continue;
    process.stdout.write(`\nThe agent asked, in ${inner.data.run_id}:\n`);
    for (const { step, tool, status } of inner.data.steps) process.stdout.write(`  ${step}: ${tool} (${status})\n`);
  }
  process.exitCode = response.status === 'failed' ? 1 : 0;
} catch (error) {
  if (!GomindError.isInstance(error)) throw error;
  process.stderr.write(`${error.code}: ${error.message}\n`);
  process.exitCode = error.code === 'CANCELLED' ? 130 : 1;
}
