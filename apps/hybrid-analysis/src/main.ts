/**
 * Tells the story with the model of the environment; without one, the basic router plans. `demo:hybrid` lends a scripted model.
 *
 * @module
 */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAIClientFromEnvironment } from '@gomind/ai';
import { GomindError } from '@gomind/core';
import { showHybridAnalysis } from './show.ts';

try {
  const isGood = await showHybridAnalysis({
    createAIClient: (onCall) => createAIClientFromEnvironment({ onRequest: onCall }),
    folder: await mkdtemp(join(tmpdir(), 'gomind-hybrid-')),
    print: (line) => void process.stdout.write(`${line}\n`),
  });
  process.exitCode = isGood ? 0 : 1;
} catch (error) {
  if (!GomindError.isInstance(error)) throw error;
  process.stderr.write(`${error.code}: ${error.message}\n`);
  process.exitCode = 1;
}
