/**
 * The command line as a function, for those who embed it.
 *
 * @module
 */
import type { CliContext, ExitCode } from './support/cli-context.ts';

export { exitCodes } from './support/cli-context.ts';
export type { CliContext, ExitCode, TextOutput } from './support/cli-context.ts';

/**
 * Runs the command line.
 *
 * @param words what would be typed behind `gomind`
 * @returns the exit code; never rejects
 */
export async function runCommandLine(words: readonly string[], context: CliContext): Promise<ExitCode> {
  const program = await import('./program.ts');
  return program.runCommandLine(words, context);
}
