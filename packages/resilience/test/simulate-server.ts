/**
 * A server with so many workers and an endless queue, and callers who come whether it is well or not: what it takes for
 * overload. Events by the clock of the simulation; no promises, so a minute costs milliseconds.
 *
 * @module
 */

/** What decides who is let in. */
export interface Admission<Call> {
  /** Undefined: refused. */
  enter(nowMs: number, inFlight: number): Call | undefined;
  leave(call: Call, nowMs: number): void;
}

/** A run of the simulation. */
export interface Simulation {
  /** Workers; by time in milliseconds. */
  readonly workers: (nowMs: number) => number;
  /** Mean milliseconds of work for a call. */
  readonly workMs: (nowMs: number) => number;
  /** How the work varies. */
  readonly work: 'even' | 'exponential';
  /** Calls a second that come. */
  readonly callsPerSecond: number;
  readonly seconds: number;
  /** Seconds before anything is counted. */
  readonly warmUpSeconds: number;
  readonly seed: number;
}

/** What came of it. */
export interface SimulationResult {
  readonly completed: number;
  readonly refused: number;
  /** Milliseconds, smallest first. */
  readonly latencies: readonly number[];
}

/** Lets the callers come. */
export function simulateServer<Call>(simulation: Simulation, admission: Admission<Call>): SimulationResult {
  const random = generator(simulation.seed);
  const { workers, workMs, work, callsPerSecond } = simulation;
  const endMs = simulation.seconds * 1_000;
  const countedFromMs = simulation.warmUpSeconds * 1_000;
  const exponential = (mean: number): number => -Math.log(1 - random()) * mean;
  /** At work, by their ends. */
  const atWork: { readonly call: Call; readonly startedMs: number; readonly endsMs: number }[] = [];
  const queue: { readonly call: Call; readonly startedMs: number }[] = [];
  const latencies: number[] = [];
  let nextMs = 0;
  let refused = 0;
  const startWork = (nowMs: number): void => {
    while (atWork.length < workers(nowMs)) {
      const next = queue.shift();
      if (next === undefined) return;
      const meanMs = workMs(nowMs);
      const endsMs = nowMs + (work === 'even' ? meanMs * (0.8 + 0.4 * random()) : exponential(meanMs));
      const at = atWork.findIndex((one) => one.endsMs > endsMs);
      atWork.splice(at < 0 ? atWork.length : at, 0, { ...next, endsMs });
    }
  };
  for (;;) {
    const first = atWork[0];
    const nowMs = Math.min(first?.endsMs ?? Number.POSITIVE_INFINITY, nextMs);
    if (nowMs >= endMs) break;
    if (first !== undefined && first.endsMs <= nextMs) {
      atWork.shift();
      admission.leave(first.call, nowMs);
      if (nowMs >= countedFromMs) latencies.push(nowMs - first.startedMs);
    } else {
      nextMs = nowMs + exponential(1_000 / callsPerSecond);
      const call = admission.enter(nowMs, atWork.length + queue.length);
      if (call !== undefined) queue.push({ call, startedMs: nowMs });
      else if (nowMs >= countedFromMs) refused++;
    }
    startWork(nowMs);
  }
  return { completed: latencies.length, refused, latencies: latencies.sort((left, right) => left - right) };
}

/** The value below which that share of sorted values lies. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Mulberry32, a small public-domain generator by Tommy Ettinger. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
