/**
 * Foretells how a plan will run: when each step starts and ends, and how. It knows nothing of the executor, and looks at every
 * step again whenever one settles.
 *
 * @module
 */
import type { StepStatus } from '../src/plan/execution-result.ts';
import type { PlanStep, RoutingPlan } from '../src/plan/routing-plan.ts';

/** Times and fates follow from a step's name, so that no two are ever due at the same moment. */
export interface World {
  readonly seed: number;
  readonly failurePercent: number;
}

function hash(text: string): number {
  let value = 2_166_136_261;
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 16_777_619) >>> 0;
  value = Math.imul(value ^ (value >>> 15), 2_246_822_507) >>> 0;
  return (value ^ (value >>> 13)) >>> 0;
}
/** Milliseconds that an attempt takes. */
export const durationOf = (world: World, name: string, attempt: number): number =>
  1 + (hash(`${String(world.seed)} ${name} ${String(attempt)}`) % 1_000_000_007);
/** Whether an attempt fails. */
export const isFailure = (world: World, name: string, attempt: number): boolean =>
  hash(`${String(world.seed)} fate ${name} ${String(attempt)}`) % 100 < world.failurePercent;

/** What every `nested` step runs. */
export const innerPlan: RoutingPlan = {
  steps: [
    { name: 'x', kind: 'work', inputs: {}, dependsOn: [] },
    { name: 'y', kind: 'work', inputs: {}, dependsOn: ['x'] },
    { name: 'z', kind: 'work', inputs: {}, dependsOn: ['x'], onError: 'continue' },
  ],
};

/** The end of a step; times in milliseconds since the run began. */
export interface End {
  readonly status: StepStatus;
  readonly startedAt?: number | undefined;
  readonly endedAt: number;
  readonly attempts: number;
}

/** Foretells the ends of all steps of the outermost plan. */
export function simulate(plan: RoutingPlan, world: World, limit: number): ReadonlyMap<string, End> {
  let now = 0;
  let free = limit;
  const timers: { readonly at: number; readonly go: () => void }[] = [];
  const soon: (() => void)[] = [];
  const line: { isWaiting: boolean; readonly go: () => void }[] = [];
  const after = (delayMs: number, go: () => void): void => void timers.push({ at: now + delayMs, go });
  const serve = (): void => {
    while (free > 0 && line.length > 0) {
      const next = line.shift();
      if (next?.isWaiting !== true) continue;
      free--;
      next.go();
    }
  };
  const release = (): void => {
    free++;
    serve();
  };

  type Done = (failed: boolean, attempts: number, startedAt?: number) => void;
  const call = (step: PlanStep, name: string, done: Done): { cancel: () => number } => {
    let attempts = 0;
    let startedAt: number | undefined;
    let state: 'line' | 'work' | 'pause' | 'over' = 'line';
    let place = { isWaiting: true, go: (): void => undefined };
    const finish = (failed: boolean): void => {
      state = 'over';
      done(failed, attempts, startedAt);
    };
    const work = (): void => {
      startedAt ??= now;
      attempts++;
      state = 'work';
      if (step.kind === 'nested') {
        soon.push(() => {
          runPlan(innerPlan, `${name}${attempts === 1 ? '' : `#${String(attempts)}`}/`, finish);
        });
        return;
      }
      after(durationOf(world, name, attempts), () => {
        if (state === 'over') return;
        if (step.kind === 'pause' || !isFailure(world, name, attempts)) finish(false);
        else if (attempts >= (step.retry?.maxAttempts ?? 1)) finish(true);
        else {
          state = 'pause';
          after(step.retry?.initialWaitMs ?? 0, begin);
        }
        if (step.kind === 'work') release();
      });
    };
    const begin = (): void => {
      if (state === 'over') return;
      if (step.kind !== 'work') {
        work();
        return;
      }
      state = 'line';
      place = { isWaiting: true, go: work };
      line.push(place);
      serve();
    };
    begin();
    return {
      cancel: () => {
        place.isWaiting = false;
        const wasAtWork = state === 'work';
        state = 'over';
        // It is given on when everyone has been told.
        if (wasAtWork && step.kind === 'work') free++;
        return attempts;
      },
    };
  };

  const each = (step: PlanStep, name: string, done: Done): void => {
    const count = (step.forEach?.items as unknown[]).length;
    const parallel = step.forEach?.maxParallel ?? limit;
    const working = new Map<number, { cancel: () => number }>();
    const startedAt = now;
    let next = 0;
    let ended = 0;
    let attempts = 0;
    let isOver = false;
    const goOn = (): void => {
      while (!isOver && next < count && working.size < parallel) {
        const index = next++;
        const item = call(step, `${name}[${String(index)}]`, (failed, itemAttempts) => {
          working.delete(index);
          ended++;
          attempts += itemAttempts;
          if (failed && step.onError !== 'continue') {
            isOver = true;
            for (const other of working.values()) attempts += other.cancel();
            done(true, attempts, startedAt);
            serve();
          } else goOn();
        });
        working.set(index, item);
      }
      if (isOver || ended < count) return;
      isOver = true;
      done(false, attempts, startedAt);
    };
    goOn();
  };

  const ends = new Map<string, End>();
  function runPlan({ steps }: RoutingPlan, prefix: string, done: (failed: boolean) => void): void {
    const byName = new Map(steps.map((step) => [step.name, step]));
    const settled = new Map<string, StepStatus | 'unwanted'>();
    const launched = new Set<string>();
    const ready: PlanStep[] = [];
    let isBusy = false;
    const fallbackOf = (name: string): string | undefined => {
      const onError = byName.get(name)?.onError;
      return typeof onError === 'object' ? onError.fallback : undefined;
    };
    const replacedBy = (name: string): PlanStep | undefined => steps.find((step) => fallbackOf(step.name) === name);
    const standing = (name: string): 'completed' | 'skipped' | 'failed' => {
      const state = settled.get(name);
      if (state === 'unwanted') return 'skipped';
      if (state !== 'failed') return state === 'completed' ? 'completed' : 'failed';
      if (byName.get(name)?.onError === 'continue') return 'completed';
      const fallback = fallbackOf(name);
      return fallback !== undefined && settled.get(fallback) === 'completed' ? 'completed' : 'failed';
    };
    const waitsFor = ({ name, dependsOn }: PlanStep): string[] =>
      [...dependsOn, ...dependsOn.map(fallbackOf), replacedBy(name)?.name].filter((other) => other !== undefined);
    const settle = (step: PlanStep, state: StepStatus | 'unwanted', facts: Partial<End> = {}): void => {
      settled.set(step.name, state);
      const status = state === 'unwanted' ? 'skipped' : state;
      ends.set(prefix + step.name, { attempts: 0, ...facts, status, endedAt: now });
      if (settled.size === steps.length)
        done(steps.some(({ name }) => settled.get(name) === 'failed' && standing(name) === 'failed'));
      else look();
    };
    const launch = (step: PlanStep): void => {
      const replaced = replacedBy(step.name);
      if (replaced !== undefined && settled.get(replaced.name) !== 'failed') {
        settle(step, 'unwanted');
        return;
      }
      const states = step.dependsOn.map(standing);
      const hasFailed = states.includes('failed');
      const isForFailures = step.when === 'failed()' || step.when === 'always()';
      if (hasFailed && !isForFailures) settle(step, 'skipped');
      else if (step.when === 'false' || (step.when === 'failed()' && !hasFailed)) settle(step, 'unwanted');
      else {
        (step.forEach === undefined ? call : each)(step, prefix + step.name, (failed, attempts, startedAt) => {
          settle(step, failed ? 'failed' : 'completed', { attempts, startedAt });
        });
      }
    };
    const look = (): void => {
      for (const step of steps) {
        if (launched.has(step.name) || !waitsFor(step).every((name) => settled.has(name))) continue;
        launched.add(step.name);
        ready.push(step);
      }
      if (isBusy) return;
      isBusy = true;
      for (let step = ready.shift(); step !== undefined; step = ready.shift()) launch(step);
      isBusy = false;
    };
    look();
  }

  runPlan(plan, '', () => undefined);
  for (;;) {
    for (let go = soon.shift(); go !== undefined; go = soon.shift()) go();
    if (timers.length === 0) return ends;
    timers.sort((left, right) => left.at - right.at);
    const timer = timers.shift();
    now = timer?.at ?? now;
    timer?.go();
  }
}
