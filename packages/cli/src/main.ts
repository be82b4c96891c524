#!/usr/bin/env node
/**
 * The `gomind` command.
 *
 * @module
 */
import { GomindError, readEnv } from '@gomind/core';
import { runCommandLine } from './program.ts';
import type { CliContext } from './support/cli-context.ts';

const interruption = new AbortController();
process.once('SIGINT', () => {
  interruption.abort(new GomindError({ code: 'CANCELLED', message: 'Interrupted' }));
  // A second Ctrl-C does not wait.
  process.once('SIGINT', () => process.exit(130));
});

async function ask(question: string): Promise<string> {
  const { createInterface } = await import('node:readline/promises');
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await prompt.question(question, { signal: interruption.signal });
  } finally {
    prompt.close();
  }
}

const context: CliContext = {
  stdout: process.stdout,
  stderr: process.stderr,
  useColor: readEnv('NO_COLOR') === undefined,
  signal: interruption.signal,
  readInput: async () => {
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  },
  ask: process.stdin.isTTY ? ask : undefined,
};

process.exitCode = await runCommandLine(process.argv.slice(2), context);
