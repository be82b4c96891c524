/**
 * Shows a run while it happens, on stderr: a tree of steps that is redrawn in a terminal, one line an event elsewhere.
 *
 * @module
 */
import { type Clock, systemClock } from '@gomind/core';
import type { RunEvent } from '@gomind/orchestration';
import type { CliContext, TextOutput } from '../support/cli-context.ts';
import { duration, type ShownStep, StepList, type StepState } from './step-list.ts';

const marks: Readonly<Record<StepState, { readonly mark: string; readonly color: number }>> = {
  waiting: { mark: '·', color: 90 },
  running: { mark: '…', color: 33 },
  completed: { mark: '✔', color: 32 },
  failed: { mark: '✘', color: 31 },
  skipped: { mark: '-', color: 90 },
  cancelled: { mark: '-', color: 33 },
};
/** Which steps are shown when not all of them find room. */
const byInterest: readonly StepState[] = ['failed', 'running', 'cancelled', 'completed', 'waiting', 'skipped'];

const tickMs = 200;

/** A live picture of one run. */
export class RunProgress {
  readonly #output: TextOutput;
  readonly #clock: Clock;
  readonly #isLive: boolean;
  readonly #useColor: boolean;
  readonly #list = new StepList();
  #drawnLines = 0;
  #cancelTick: (() => void) | undefined;
  #isHeld = false;

  constructor({ stderr, useColor }: Pick<CliContext, 'stderr' | 'useColor'>, clock: Clock = systemClock) {
    this.#output = stderr;
    this.#clock = clock;
    this.#isLive = stderr.isTTY === true;
    this.#useColor = useColor && this.#isLive;
  }

  /** Takes the next event of the run. */
  show(event: RunEvent): void {
    if (event.type === 'plan.rejected')
      this.#line(`plan rejected: ${event.diagnostics.map(({ message }) => message).join(' ')}`);
    const changed = this.#list.take(event, this.#clock.monotonicMs());
    if (this.#isLive) this.#draw();
    else if (changed !== undefined && (changed.state !== 'running' || changed.note !== ''))
      this.#output.write(`${this.#lineOf(changed)}\n`);
  }

  /** Leaves the terminal to a question, and goes on below it. */
  async aside<T>(ask: () => Promise<T>): Promise<T> {
    this.#isHeld = true;
    try {
      return await ask();
    } finally {
      this.#isHeld = false;
      this.#drawnLines = 0;
      if (this.#isLive) this.#draw();
    }
  }

  /** Stops the clock of steps at work. */
  close(): Promise<void> {
    this.#cancelTick?.();
    this.#cancelTick = undefined;
    return Promise.resolve();
  }

  #draw(): void {
    if (this.#isHeld) return;
    const lines = this.#lines();
    const up = this.#drawnLines > 0 ? `\u001B[${String(this.#drawnLines)}A` : '';
    this.#output.write(`${up}${lines.map((line) => `\u001B[2K${line}\n`).join('')}\u001B[J`);
    this.#drawnLines = lines.length;
    const isAtWork = this.#list.steps.some(({ state }) => state === 'running');
    if (!isAtWork) void this.close();
    else this.#cancelTick ??= this.#clock.setTimer(this.#tick, tickMs, { background: true });
  }

  readonly #tick = (): void => {
    this.#cancelTick = undefined;
    this.#draw();
  };

  /** As many lines as the terminal can take back. */
  #lines(): string[] {
    const { steps } = this.#list;
    const room = Math.max(3, sizeOf(this.#output.rows, 24) - 2);
    if (steps.length <= room) return steps.map((step) => this.#lineOf(step));
    const chosen = new Set(
      steps
        .toSorted((left, right) => byInterest.indexOf(left.state) - byInterest.indexOf(right.state))
        .slice(0, room - 1),
    );
    const counts = new Map<StepState, number>();
    for (const step of steps) if (!chosen.has(step)) counts.set(step.state, (counts.get(step.state) ?? 0) + 1);
    const rest = [...counts].map(([state, count]) => `${String(count)} ${state}`).join(', ');
    return [
      ...steps.filter((step) => chosen.has(step)).map((step) => this.#lineOf(step)),
      this.#fit(`  and ${String(steps.length - chosen.size)} more: ${rest}`, 0),
    ];
  }

  #lineOf({ name, state, note, depth, startedMs }: ShownStep): string {
    const { mark, color } = marks[state];
    const indent = '  '.repeat(Math.min(depth, 10));
    const since = this.#isLive && startedMs !== undefined ? duration(this.#clock.monotonicMs() - startedMs) : undefined;
    const notes = [since, note].filter((part) => part !== undefined && part !== '').join(', ');
    const text = ` ${oneLine(name)}${notes === '' ? '' : `  ${oneLine(notes)}`}`;
    const painted = this.#useColor ? `\u001B[${String(color)}m${mark}\u001B[0m` : mark;
    return `${indent}${painted}${this.#fit(text, indent.length + 1)}`;
  }

  /** A line that breaks by itself cannot be taken back. */
  #fit(text: string, used: number): string {
    const room = this.#isLive ? sizeOf(this.#output.columns, 120) - used - 1 : Infinity;
    return text.length > room ? `${text.slice(0, Math.max(0, room - 1))}…` : text;
  }

  #line(text: string): void {
    this.#output.write(`${oneLine(text)}\n`);
    this.#drawnLines = 0;
  }
}

/** Some terminals say that they have no lines and columns. */
function sizeOf(said: number | undefined, otherwise: number): number {
  return said === undefined || said === 0 ? otherwise : said;
}

/** Control characters of what others said would move the cursor. */
function oneLine(text: string): string {
  return text.replaceAll(/\s*[\r\n]\s*/g, ' ').replaceAll(/\p{Cc}/gu, '');
}
