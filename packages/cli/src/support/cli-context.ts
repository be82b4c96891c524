/**
 * What a command sees of the world: streams, terminal, interruption. Tests give their own.
 *
 * @module
 */

/** A stream that text is written to. */
export interface TextOutput {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  write(text: string): unknown;
}

/** The world of one command. */
export interface CliContext {
  /** Results. */
  readonly stdout: TextOutput;
  /** Progress and errors. */
  readonly stderr: TextOutput;
  readonly useColor: boolean;
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal;
  /** Standard input up to its end, or to the first chunk that makes more than `maxBytes`. */
  readInput(maxBytes: number): Promise<Uint8Array>;
  /** Asks a person; undefined when nobody is there to ask. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
}

/** Exit codes (contracts, section 9). */
export const exitCodes = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** What ends a command; the process exits with `code`. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
