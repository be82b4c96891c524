/**
 * How long runs of plans take against those of the scorer's reference executor, at the same latency of every call.
 *
 * @module
 */

/** As much of a case as choosing one needs. */
export interface PlanCase {
  readonly id: string;
  readonly meta: { readonly n_steps: number };
  readonly expected: { readonly max_width: number; readonly critical_path: number };
}

/** Runs a case once. */
export type CaseRun<Adapter> = (
  plan: PlanCase,
  adapter: Adapter,
  options: { readonly latency: number },
) => Promise<{ readonly violations: readonly string[]; readonly ms: number }>;

const sampleSize = 20;
const latency = 20;
const maxRounds = 12;
const minRounds = 3;
/** Above this, further rounds cannot change the verdict for the worse by chance alone. */
const goodEnough = 0.99;
/** Short chains keep the measurement short; the overhead of a step does not depend on the length of its chain. */
const longestPath = 4;

/**
 * The reference's time over ours, summed over the widest plans. Timers of a busy machine only ever come late, so of each plan the
 * fastest of several interleaved rounds counts.
 *
 * @returns 1 when both are equally fast, less when ours is slower
 */
export async function measureEfficiency<Adapter>(
  plans: readonly PlanCase[],
  run: CaseRun<Adapter>,
  adapters: { readonly ours: Adapter; readonly reference: Adapter },
): Promise<number> {
  const fastest = new Map<string, { ours: number; reference: number }>();
  let efficiency = 0;
  for (let round = 0; round < maxRounds && (round < minRounds || efficiency < goodEnough); round++) {
    for (const plan of sampleOf(plans)) {
      const times = fastest.get(plan.id) ?? { ours: Number.POSITIVE_INFINITY, reference: Number.POSITIVE_INFINITY };
      for (const who of round % 2 === 0 ? (['ours', 'reference'] as const) : (['reference', 'ours'] as const)) {
        const { ms, violations } = await run(plan, adapters[who], { latency });
        if (violations.length > 0) throw new Error(`${who} runs ${plan.id} wrongly: ${violations.join('; ')}`);
        times[who] = Math.min(times[who], ms);
      }
      fastest.set(plan.id, times);
    }
    const all = [...fastest.values()];
    efficiency = sum(all.map(({ reference }) => reference)) / sum(all.map(({ ours }) => ours));
  }
  return efficiency;
}

function sampleOf(plans: readonly PlanCase[]): readonly PlanCase[] {
  return plans
    .filter(
      ({ expected, meta }) => expected.max_width >= 2 && meta.n_steps >= 4 && expected.critical_path <= longestPath,
    )
    .toSorted((left, right) => right.expected.max_width - left.expected.max_width || left.id.localeCompare(right.id))
    .slice(0, sampleSize);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
