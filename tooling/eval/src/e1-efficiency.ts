/**
 * How long runs of plans take against those of the scorer's reference executor, at the same latency of every call.
 *
 * @module
 */

/** As much of a case as choosing one needs. */
export interface PlanCase {
  readonly id: string;
  readonly meta: { readonly n_steps: number };
  readonly expected: { readonly max_width: number };
}

/** Runs a case once. */
export type CaseRun<Adapter> = (
  plan: PlanCase,
  adapter: Adapter,
  options: { readonly latency: number },
) => Promise<{ readonly violations: readonly string[]; readonly ms: number }>;

const sampleSize = 20;
const latency = 20;
const minRounds = 4;
const maxRounds = 30;
/** Above this, further rounds cannot change the verdict for the worse by chance alone. */
const goodEnough = 0.99;

/**
 * The reference's time over ours, summed over the widest plans.
 *
 * Both run a plan at the same time, so that what a busy machine does to one it does to the other: a late timer of either comes in
 * the same turn of the event loop. Who begins first changes with every round, because the second one waits for the work of the
 * first, and of each plan the fastest round counts for each of them.
 *
 * @returns 1 when both are equally fast, less when ours is slower
 */
export async function measureEfficiency<Adapter>(
  plans: readonly PlanCase[],
  run: CaseRun<Adapter>,
  adapters: { readonly ours: Adapter; readonly reference: Adapter },
): Promise<number> {
  const sample = sampleOf(plans);
  const fastest = new Map<string, { ours: number; reference: number }>();
  let efficiency = 0;
  for (let round = 0; round < maxRounds && (round < minRounds || efficiency < goodEnough); round++) {
    for (const plan of sample) {
      const times = fastest.get(plan.id) ?? { ours: Number.POSITIVE_INFINITY, reference: Number.POSITIVE_INFINITY };
      const order = round % 2 === 0 ? (['ours', 'reference'] as const) : (['reference', 'ours'] as const);
      await Promise.all(
        order.map(async (who) => {
          const { ms, violations } = await run(plan, adapters[who], { latency });
          if (violations.length > 0) throw new Error(`${who} runs ${plan.id} wrongly: ${violations.join('; ')}`);
          times[who] = Math.min(times[who], ms);
        }),
      );
      fastest.set(plan.id, times);
    }
    const all = [...fastest.values()];
    efficiency = sum(all.map(({ reference }) => reference)) / sum(all.map(({ ours }) => ours));
  }
  return efficiency;
}

/** The widest plans, in the scorer's own order. */
function sampleOf(plans: readonly PlanCase[]): readonly PlanCase[] {
  return plans
    .filter(({ expected, meta }) => expected.max_width >= 2 && meta.n_steps >= 4)
    .toSorted((left, right) => sizeOf(right) - sizeOf(left) || left.id.localeCompare(right.id))
    .slice(0, sampleSize);
}

function sizeOf({ expected, meta }: PlanCase): number {
  return expected.max_width * 100 + meta.n_steps;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
