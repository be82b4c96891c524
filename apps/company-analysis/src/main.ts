/**
 * `demo:company [company]`: starts the tools, analyses the company, prints the analysis as JSON.
 *
 * @module
 */
import { createAIClientFromEnvironment } from '@gomind/ai';
import { GomindError } from '@gomind/core';
import { analyseCompany, startCompanyAnalyst } from './company-analysis.ts';

const interruption = new AbortController();
process.once('SIGINT', () => {
  interruption.abort(new GomindError({ code: 'CANCELLED', message: 'Interrupted' }));
});

try {
  await using aiClient = createAIClientFromEnvironment();
  await using analyst = await startCompanyAnalyst(aiClient);
  const company = process.argv[2] ?? 'Acme Robotics';
  const analysis = await analyseCompany(analyst.orchestrator, company, interruption.signal);
  process.stdout.write(`${JSON.stringify(analysis, null, 2)}\n`);
} catch (error) {
  if (!GomindError.isInstance(error)) throw error;
  process.stderr.write(`${error.code}: ${error.message}\n`);
  process.exitCode = error.code === 'CANCELLED' ? 130 : 1;
}
