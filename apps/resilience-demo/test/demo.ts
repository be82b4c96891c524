/**
 * `demo:resilience`: tells the story with a model that can be broken: a server of this process, behind the real SDK.
 *
 * @module
 */
import { createAIClient } from '@gomind/ai';
import { readEnv } from '@gomind/core';
import { startOpenAIWireServer } from '@gomind/openai-wire-server';
import { dependencies, tellStory } from '../src/story.ts';
import { Board } from '../src/terminal/board.ts';
import { ScriptedModel } from './scripted-model.ts';

const model = new ScriptedModel();
await using server = await startOpenAIWireServer({ reply: model.reply });
await using aiClient = createAIClient({ provider: 'test', baseUrl: server.baseUrl, apiKey: 'none', model: 'scripted' });
const board = new Board({
  output: process.stdout,
  useColor: readEnv('NO_COLOR') === undefined,
  names: dependencies,
});
const isGood = await tellStory({ aiClient, model, board, paceMs: process.stdout.isTTY ? 1_200 : 0 });
process.exitCode = isGood ? 0 : 1;
