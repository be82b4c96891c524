/**
 * The command line as tests call it: in this process, with what it writes kept.
 *
 * @module
 */
import { runCommandLine } from '../src/program.ts';
import type { CliContext } from '../src/support/cli-context.ts';

/** How a command ended, and what it wrote. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a command.
 *
 * @param words as after `gomind`
 * @param context what differs from a run without a terminal, a person and an input
 */
export async function gomind(words: readonly string[], context: Partial<CliContext> = {}): Promise<Ended> {
  const written = { stdout: '', stderr: '' };
  const code = await runCommandLine(words, {
    stdout: { write: (text) => (written.stdout += text) },
    stderr: { write: (text) => (written.stderr += text) },
    useColor: false,
    signal: new AbortController().signal,
    readInput: () => Promise.resolve(new Uint8Array()),
    ask: undefined,
    ...context,
  });
  return { code, ...written };
}
