/**
 * `demo "question"`: starts the tools, asks the question, shows the plan and its progress, prints the answer.
 *
 * @module
 */
import { parseArgs } from 'node:util';
import { createAIClientFromEnvironment } from '@gomind/ai';
import { GomindError, readEnv } from '@gomind/core';
import type { OrchestratorResponse } from '@gomind/orchestration';
import { renderAnswer } from './terminal/answer.ts';
import { ProgressView } from './terminal/progress-view.ts';
import { startTravelAssistant } from './travel-assistant.ts';

const defaultQuestion =
  'Sell 100 Tesla shares and convert the proceeds to Korean won; I fly from Berlin to Seoul: how far is it, and what time is it in Seoul?';

const usage = `Usage: demo ["question"] [--json]

Without a question it asks: ${defaultQuestion}
  --json   print the whole response as JSON
  --help   show this text`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help === true) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const question = positionals.length > 0 ? positionals.join(' ') : defaultQuestion;
  const interruption = new AbortController();
  process.once('SIGINT', () => {
    interruption.abort(new GomindError({ code: 'CANCELLED', message: 'Interrupted' }));
  });

  await using aiClient = createAIClientFromEnvironment();
  await using assistant = await startTravelAssistant(aiClient);
  const view = new ProgressView({ output: process.stderr, useColor: readEnv('NO_COLOR') === undefined });
  process.stderr.write(`${question}\n\n`);
  let response: OrchestratorResponse | undefined;
  for await (const event of assistant.orchestrator.stream(question, {}, { signal: interruption.signal })) {
    view.show(event);
    if (event.type === 'run.completed' || event.type === 'run.failed')
      response = event.response as OrchestratorResponse | undefined;
    if ((event.type === 'run.failed' || event.type === 'run.cancelled') && response === undefined) {
      throw new GomindError({ ...event.error });
    }
  }
  if (response === undefined) return 1;
  process.stderr.write('\n');
  process.stdout.write(`${values.json === true ? JSON.stringify(response, null, 2) : renderAnswer(response)}\n`);
  return response.status === 'failed' ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  const isUsageError = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  if (GomindError.isInstance(error)) {
    process.stderr.write(`${error.code}: ${error.message}\n`);
    process.exitCode = error.code === 'CANCELLED' ? 130 : 1;
  } else if (isUsageError) {
    process.stderr.write(`${error.message}\n\n${usage}\n`);
    process.exitCode = 2;
  } else {
    throw error;
  }
}
