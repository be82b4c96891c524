/**
 * The shape of a benchmark: a file `cases/<name>.ts` that exports `benchCase`.
 *
 * @module
 */
import type { BenchRow } from './measure.ts';

/** One benchmark. */
export interface BenchCase {
  /** One sentence: what is compared with what. */
  readonly summary: string;
  /** What this machine lacks for it, and what to do; undefined when nothing. Default: nothing is needed. */
  missing?(): string | undefined;
  /** Measures; sets up and cleans up what it needs. */
  run(): Promise<readonly BenchRow[]>;
}
