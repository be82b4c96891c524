/**
 * The command line in a process of its own: its streams, its terminal, Ctrl-C.
 *
 * @module
 */
import { GomindError, readEnv } from '@gomind/core';
import { runCommandLine } from './program.ts';
import type { CliContext } from './support/cli-context.ts';

/** Runs what was typed, and sets the exit code. */
export async function start(): Promise<void> {
  const interruption = new AbortController();
  process.once('SIGINT', () => {
    interruption.abort(new GomindError({ code: 'CANCELLED', message: 'Interrupted' }));
    // A second Ctrl-C does not wait.
    process.once('SIGINT', () => process.exit(130));
  });
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreClosedReader);
  const context: CliContext = {
    stdout: process.stdout,
    stderr: process.stderr,
    useColor: readEnv('NO_COLOR') === undefined,
    signal: interruption.signal,
    readInput,
    ask: process.stdin.isTTY ? (question) => ask(question, interruption.signal) : undefined,
  };
  process.exitCode = await runCommandLine(process.argv.slice(2), context);
}

/** Whoever reads along (`gomind run … | head`) may leave; what runs goes on to its end all the same. */
function ignoreClosedReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error;
}

async function readInput(maxBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    if (length > maxBytes) break;
  }
  return Buffer.concat(chunks);
}

async function ask(question: string, signal: AbortSignal): Promise<string> {
  const { createInterface } = await import('node:readline/promises');
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await prompt.question(question, { signal });
  } finally {
    prompt.close();
  }
}
