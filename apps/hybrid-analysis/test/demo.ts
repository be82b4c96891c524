/**
 * `demo:hybrid`: runs the app, with the model of the environment where there is one, else with a scripted one.
 *
 * @module
 */
import { createAIClientFromEnvironment } from '@gomind/ai';
import { startOpenAIWireServer } from '@gomind/openai-wire-server';
import { scriptedReply } from './scripted-model.ts';

await using server = await startOpenAIWireServer({ reply: scriptedReply });
if (createAIClientFromEnvironment().isConfigured === false) {
  process.stderr.write('No model is configured, so a scripted one answers.\n');
  process.env['OPENAI_BASE_URL'] = server.baseUrl;
}
await import('../src/main.ts');
