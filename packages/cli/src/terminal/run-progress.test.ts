import type { RunEvent } from '@gomind/orchestration';
import { createFakeClock } from '@gomind/core/testing';
import { describe, expect, it } from 'vitest';
import { RunProgress } from './run-progress.ts';

type Told = RunEvent extends infer Event
  ? Event extends RunEvent
    ? Omit<Event, 'runId' | 'seq' | 'time'>
    : never
  : never;

const plan = (...steps: readonly (readonly [name: string, ...dependsOn: string[]])[]): Told => ({
  type: 'plan.created',
  source: 'workflow',
  plan: { steps: steps.map(([name, ...dependsOn]) => ({ name, dependsOn, inputs: {} })) },
});
const started = (step: string): Told => ({ type: 'step.started', step, inputs: {} });
const completed = (step: string, durationMs: number, attempts = 1): Told => ({
  type: 'step.completed',
  step,
  durationMs,
  attempts,
  output: {},
});

function terminal(size: { readonly columns?: number; readonly rows?: number } = {}) {
  const clock = createFakeClock();
  let written = '';
  const stderr = { isTTY: true, ...size, write: (text: string) => (written += text) };
  const progress = new RunProgress({ stderr, useColor: false }, clock);
  return {
    clock,
    progress,
    tell: (...events: readonly Told[]) => {
      for (const event of events) progress.show({ runId: 'r', seq: 1, time: 0, ...event });
    },
    written: () => written,
    screen: () => screenOf(written),
  };
}

/** What a terminal shows: it knows the three sequences that are used. */
function screenOf(written: string): string {
  const lines: string[] = [];
  let row = 0;
  for (const part of written.split(/(\u001B\[\d*[AKJ]|\n)/)) {
    if (part === '\n') row++;
    else if (/^\u001B\[\d*A$/.test(part)) row -= Number(part.slice(2, -1));
    else if (part === '\u001B[J') lines.length = Math.min(lines.length, row);
    else if (part !== '\u001B[2K' && part !== '') lines[row] = part;
  }
  return lines.join('\n');
}

describe('the progress of a run', () => {
  it('is a tree in a terminal, where what is inside a step stands under it', async () => {
    const { progress, tell, screen } = terminal();
    tell(plan(['read'], ['each', 'read'], ['last', 'each']), started('read'), completed('read', 1_234));
    tell(started('each'), started('each[0]'), completed('each[0]', 20), started('each[1]'), completed('each[1]', 30));
    tell(completed('each', 50, 2), started('last'));
    expect(screen()).toBe(
      [
        '✔ read  1.2 s',
        '  ✔ each  50 ms, 2 inside',
        '    ✔ each[0]  20 ms',
        '    ✔ each[1]  30 ms',
        '    … last  0 ms',
      ].join('\n'),
    );
    await progress.close();
  });

  it('counts the time of what is at work', async () => {
    const { clock, progress, tell, screen } = terminal();
    tell(plan(['slow']), started('slow'));
    await clock.advance(2_600);
    expect(screen()).toBe('… slow  2.6 s');
    tell(completed('slow', 2_700, 3));
    expect(screen()).toBe('✔ slow  2.7 s, 3 attempts');
    await progress.close();
    expect(clock.pendingTimers).toBe(0);
  });

  it('never needs more room than there is, and shows what matters then', async () => {
    const { progress, tell, screen } = terminal({ rows: 7, columns: 26 });
    const names = Array.from({ length: 30 }, (_, index) => `a rather long name ${String(index)}`);
    tell(plan(...names.map((name) => [name] as const)));
    for (const name of names.slice(0, 20)) tell(started(name), completed(name, 1));
    tell(started(names[25] ?? ''));
    const lines = screen().split('\n');
    expect(lines).toHaveLength(5);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(26);
    expect(lines.at(-2)).toMatch(/^… a rather/);
    expect(lines.at(-1)).toBe('  and 26 more: 17 comple…');
    await progress.close();
  });

  it('does not believe a terminal that has no size', async () => {
    const { progress, tell, screen } = terminal({ rows: 0, columns: 0 });
    tell(plan(['read'], ['write', 'read']), started('read'), completed('read', 5));
    expect(screen()).toBe('✔ read  5 ms\n  · write');
    await progress.close();
  });

  it('leaves the terminal to a question', async () => {
    const { clock, progress, tell, screen } = terminal();
    tell(plan(['sure']), started('sure'));
    await progress.aside(async () => {
      tell({ type: 'step.waiting', step: 'sure', reason: 'for approval' });
      await clock.advance(1_000);
      expect(screen()).toBe('… sure  0 ms');
    });
    expect(screen()).toBe('… sure  0 ms\n… sure  1.0 s, waiting for approval');
    await progress.close();
  });

  it('is one plain line an event elsewhere, whatever others say', () => {
    let written = '';
    const progress = new RunProgress({ stderr: { write: (text) => (written += text) }, useColor: true });
    const error = { code: 'X', message: 'line\none \u001B[2Jtwo', isRetryable: true };
    for (const event of [
      plan(['a']),
      started('a'),
      { type: 'step.attempt.failed', step: 'a', attempt: 1, delayMs: 100, error },
    ])
      progress.show({ runId: 'r', seq: 1, time: 0, ...event } as RunEvent);
    expect(written).toBe('… a  attempt 1 failed, again in 100 ms: line one [2Jtwo\n');
  });
});
