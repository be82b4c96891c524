/**
 * Measuring on a machine that does other things too: variants take turns within each round, and medians are compared, as
 * ratios to a baseline measured in the same rounds.
 *
 * @module
 */

/** Runs what is measured once. */
export type Variant = () => void | Promise<void>;

/** How often, and against what. */
export interface MeasureOptions<Name extends string> {
  /** The variant that all others are divided by. */
  readonly baseline: NoInfer<Name>;
  /** Measured rounds; in each, every variant runs once. Default: 9 */
  readonly rounds?: number;
  /** Rounds before the first measured one. Default: 1 */
  readonly warmupRounds?: number;
}

/** What was measured of one variant. */
export interface Measurement {
  readonly name: string;
  readonly medianMs: number;
  /** Of the fastest round: what it takes when nothing else runs on the machine. Default: the median. */
  readonly fastestMs?: number;
  /** Median of this variant over the median of the baseline. */
  readonly ratio: number;
}

/** A measurement, with the ratio that was promised. */
export interface BenchRow extends Measurement {
  /** The ratio may be this much at most; without it, the row is there to compare. */
  readonly bound?: number;
  /** The ratio has to be this much at least: the baseline is ours, and this is what it is held against. */
  readonly atLeast?: number;
  /** Milliseconds that it may take, and for how many of what a round does; judged by the fastest round. */
  readonly time?: { readonly boundMs: number; readonly per?: number };
}

/**
 * Measures variants in interleaved rounds.
 *
 * @param variants what to run, by name
 * @returns one measurement for each, in the given order
 */
export async function measure<Name extends string>(
  variants: Readonly<Record<Name, Variant>>,
  options: MeasureOptions<Name>,
): Promise<Measurement[]> {
  const { baseline, rounds = 9, warmupRounds = 1 } = options;
  const entries = Object.entries<Variant>(variants);
  const samples = new Map<string, number[]>(entries.map(([name]) => [name, []]));
  for (let round = -warmupRounds; round < rounds; round++) {
    // Whoever comes first in a round may pay for what the round before left behind, so the first place goes round.
    const first = Math.abs(round) % entries.length;
    for (const [name, variant] of [...entries.slice(first), ...entries.slice(0, first)]) {
      const startedMs = performance.now();
      await variant();
      if (round >= 0) samples.get(name)?.push(performance.now() - startedMs);
    }
  }
  const baselineMs = median(samples.get(baseline) ?? []);
  return entries.map(([name]) => {
    const times = samples.get(name) ?? [];
    const medianMs = median(times);
    return { name, medianMs, fastestMs: Math.min(...times), ratio: medianMs / baselineMs };
  });
}

/** The middle value; of two middle ones, their mean. NaN for no values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  const lower = sorted[Math.ceil(middle) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** Adds the promised ratios to the measurements they belong to. */
export function withBounds(measurements: readonly Measurement[], bounds: Readonly<Record<string, number>>): BenchRow[] {
  return measurements.map((measurement) => {
    const bound = bounds[measurement.name];
    return bound === undefined ? measurement : { ...measurement, bound };
  });
}

/** The rows as a table of text. */
export function formatTable(rows: readonly BenchRow[]): string {
  return formatCells(
    rows.map((row) => [row.name, formatTime(row.medianMs), `x ${row.ratio.toFixed(2)}`, ...wordsOf(judge(row))]),
  );
}

/** All promised figures of several benchmarks, and at last how many are not kept. */
export function formatSummary(results: ReadonlyMap<string, readonly BenchRow[]>): string {
  const judged = [...results].flatMap(([name, rows]) =>
    rows.flatMap((row) => {
      const verdict = judge(row);
      return verdict === undefined
        ? []
        : [{ cells: [`${name}: ${row.name}`, verdict.figure, ...wordsOf(verdict)], verdict }];
    }),
  );
  const broken = judged.filter(({ verdict }) => !verdict.isKept).length;
  const end =
    broken === 0 ? 'All bounds are kept.' : `${String(broken)} of ${String(judged.length)} bounds are BROKEN.`;
  return `${formatCells(judged.map(({ cells }) => cells))}\n\n${end}`;
}

function formatCells(cells: readonly (readonly string[])[]): string {
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) => row.map((cell, column) => cell[column === 0 ? 'padEnd' : 'padStart'](widths[column] ?? 0)).join('  '))
    .map((line) => line.trimEnd())
    .join('\n');
}

function formatTime(milliseconds: number): string {
  return milliseconds < 0.1 ? `${(milliseconds * 1_000).toPrecision(3)} µs` : `${milliseconds.toPrecision(3)} ms`;
}

/** A figure and what was promised for it. */
interface Verdict {
  readonly figure: string;
  readonly promise: string;
  readonly isKept: boolean;
}

/** Undefined for a row that is there to compare. */
function judge({ medianMs, fastestMs = medianMs, ratio, bound, atLeast, time }: BenchRow): Verdict | undefined {
  const figure = `x ${ratio.toFixed(2)}`;
  if (bound !== undefined) return { figure, promise: `at most ${String(bound)}`, isKept: ratio <= bound };
  if (atLeast !== undefined) return { figure, promise: `at least ${String(atLeast)}`, isKept: ratio >= atLeast };
  if (time === undefined) return undefined;
  const eachMs = fastestMs / (time.per ?? 1);
  return { figure: formatTime(eachMs), promise: `at most ${formatTime(time.boundMs)}`, isKept: eachMs <= time.boundMs };
}

function wordsOf(verdict: Verdict | undefined): readonly string[] {
  return verdict === undefined ? ['', ''] : [verdict.promise, verdict.isKept ? 'kept' : 'BROKEN'];
}
