/**
 * The full executor against the hand-written scheduler, on plans of 10 to 10,000 steps of one shape.
 *
 * @module
 */
import { PlanExecutor, type RoutingPlan } from '@gomind/orchestration';
import { type BenchRow, measure, type Variant, withBounds } from '../measure.ts';
import type { PlanShape } from './graphs.ts';
import { runByHand } from './hand-written.ts';

const sizes = [10, 100, 1_000, 10_000];
/** Small plans run several times in a round, so that every round takes about as long. */
const stepsPerRound = 10_000;
const boundOverHand = 15;
const boundOfGrowth = 12;

const doNothing = (): Promise<unknown> => Promise.resolve(null);
const executor = new PlanExecutor({ handlers: [{ kind: 'nothing', run: doNothing }] });

/** Runs a plan with everything on: events to a listener, cancellation, a timeout for the run and for each step, the limit of 10. */
export async function runWithExecutor(plan: RoutingPlan): Promise<void> {
  let events = 0;
  const result = await executor.execute(plan, {
    emit: () => {
      events++;
    },
    signal: new AbortController().signal,
    timeoutMs: 60_000,
  });
  if (result.status !== 'completed' || events !== plan.steps.length * 3) throw new Error('The plan did not run.');
}

/** Rows for each size, and two for the growth from 1,000 to 10,000 steps. */
export async function compareWithHandWritten(shape: PlanShape): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const size of sizes) {
    const plan = shape(size);
    const repeat = (once: () => Promise<unknown>): Variant => {
      return async () => {
        for (let count = 0; count < stepsPerRound / size; count++) await once();
      };
    };
    const baseline = `by hand, ${String(size)} steps`;
    const full = `executor, ${String(size)} steps`;
    const measurements = await measure(
      {
        [baseline]: repeat(() => runByHand(plan.steps, doNothing)),
        [full]: repeat(() => runWithExecutor(plan)),
      },
      { baseline, rounds: 15, warmupRounds: 3 },
    );
    rows.push(...withBounds(measurements, { [full]: boundOverHand }));
  }
  return [...rows, ...(await growth(shape))];
}

/** Ten runs of 1,000 steps against one of 10,000: as many steps, so the garbage of both is collected within the round. */
async function growth(shape: PlanShape): Promise<BenchRow[]> {
  const thousand = shape(1_000);
  const tenThousand = shape(10_000);
  const baseline = '10 runs of 1,000 steps';
  const grown = '1 run of 10,000 steps';
  const measurements = await measure(
    {
      [baseline]: async () => {
        for (let count = 0; count < 10; count++) await runWithExecutor(thousand);
      },
      [grown]: () => runWithExecutor(tenThousand),
    },
    { baseline, rounds: 15, warmupRounds: 3 },
  );
  return withBounds(measurements, { [grown]: boundOfGrowth / 10 });
}
