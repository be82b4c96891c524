import { createFakeClock } from '@gomind/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunEvent, RunEventBody } from '../plan/events/run-event.ts';
import type { JournalReader } from './journal-reader.ts';
import { RunJournal } from './run-journal.ts';

const fact = (step: string): RunEventBody => ({ type: 'step.scheduled', step });
const piece = (text: string): RunEventBody => ({ type: 'synthesis.delta', text });

function journalOf(options: Partial<ConstructorParameters<typeof RunJournal>[0]> = {}): RunJournal {
  return new RunJournal({ runId: 'r1', clock: createFakeClock(), ...options });
}

async function collect(reader: AsyncIterable<RunEvent>): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of reader) events.push(event);
  return events;
}

describe('a journal', () => {
  it('numbers events from 1 and hands each reader the same objects, outputs by reference', async () => {
    const journal = journalOf();
    const output = { large: 'x'.repeat(10_000) };
    journal.append({ type: 'run.started' });
    journal.append({ type: 'step.completed', step: 'a', output, durationMs: 1, attempts: 1 });
    journal.close();
    const [first, second] = await Promise.all([collect(journal.events()), collect(journal.events())]);
    expect(first.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(first[1]).toBe(second[1]);
    expect(first[1]).toHaveProperty('output', output);
    expect((first[1] as { output: unknown }).output).toBe(output);
  });

  it('waits for nobody: a reader that stands still costs nothing', async () => {
    const journal = journalOf();
    const slow = journal.events();
    await Promise.all([slow.next(), Promise.resolve(journal.append(fact('0')))]);
    for (let count = 1; count < 1_000; count++) journal.append(fact(String(count)));
    journal.close();
    expect(journal.waitingReaders).toBe(0);
    expect(await collect(slow)).toHaveLength(999);
  });

  it('lets a reader begin behind what it has seen, also after the end', async () => {
    const journal = journalOf();
    for (const name of ['a', 'b', 'c']) journal.append(fact(name));
    journal.close();
    expect((await collect(journal.events({ afterSeq: 1 }))).map(({ seq }) => seq)).toEqual([2, 3]);
    expect(await collect(journal.events({ afterSeq: 99 }))).toEqual([]);
  });

  it('lets a reader leave while it waits, by itself or by its signal, and forgets it', async () => {
    const journal = journalOf();
    const leaving = journal.events();
    const abort = new AbortController();
    const aborted = journal.events({ signal: abort.signal });
    const answers = [leaving.next(), aborted.next()];
    expect(journal.waitingReaders).toBe(2);
    await leaving.return();
    abort.abort();
    expect(await Promise.all(answers)).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
    expect(journal.waitingReaders).toBe(0);
    journal.append(fact('a'));
    await expect(leaving.next()).resolves.toMatchObject({ done: true });
  });

  it('answers several looks ahead of the events in their order', async () => {
    const journal = journalOf();
    const reader = journal.events();
    const looks = [reader.next(), reader.next(), reader.next()];
    journal.append(fact('a'));
    journal.append(fact('b'));
    journal.close();
    expect((await Promise.all(looks)).map(({ value }) => value?.seq)).toEqual([1, 2, undefined]);
  });

  it('keeps the newest pieces of text within its bounds and tells a late reader what it missed', async () => {
    const journal = journalOf({ maxNewsCharacters: 25 });
    journal.append({ type: 'synthesis.started', strategy: 'model' });
    for (let count = 0; count < 10; count++) journal.append(piece('0123456789'));
    journal.append(fact('a'));
    journal.close();
    expect(journal.retained).toBe(4);
    expect(await collect(journal.events())).toMatchObject([
      { seq: 1, type: 'synthesis.started' },
      { seq: 9, type: 'stream.gap', missed: 8 },
      { seq: 10, type: 'synthesis.delta' },
      { seq: 11, type: 'synthesis.delta' },
      { seq: 12, type: 'step.scheduled' },
    ]);
  });

  it('keeps the newest piece however long it is, for readers who are in time', async () => {
    const journal = journalOf({ maxNewsCharacters: 5 });
    const reader = journal.events();
    const look = reader.next();
    journal.append(piece('a very long piece'));
    await expect(look).resolves.toMatchObject({ value: { type: 'synthesis.delta' } });
    journal.append(piece('another long piece'));
    expect(journal.retained).toBe(1);
  });

  it('stays small under a million pieces', () => {
    const journal = journalOf({ maxNews: 100 });
    for (let count = 0; count < 1_000_000; count++) journal.append(piece('x'));
    expect(journal.size).toBe(1_000_000);
    expect(journal.retained).toBe(100);
  });

  it('refuses facts beyond its bound with a clear error, but always takes how the run ended', () => {
    const journal = journalOf({ maxEvents: 2 });
    journal.append(fact('a'));
    journal.append(fact('b'));
    expect(() => journal.append(fact('c'))).toThrow(expect.objectContaining({ code: 'LIMIT_EXCEEDED' }) as Error);
    journal.append({ type: 'run.failed', error: { code: 'LIMIT_EXCEEDED', message: '', isRetryable: false } });
    journal.close();
    expect(() => journal.append(fact('d'))).toThrow(expect.objectContaining({ code: 'CLOSED' }) as Error);
  });
});

/** A reader as the property test follows it. */
interface Follower {
  readonly reader: JournalReader;
  readonly after: number;
  readonly seen: RunEvent[];
  hasLeft: boolean;
}

type Move =
  | { readonly kind: 'fact' | 'close' }
  | { readonly kind: 'piece'; readonly length: number }
  | { readonly kind: 'join'; readonly after: number }
  | { readonly kind: 'read'; readonly who: number; readonly count: number }
  | { readonly kind: 'leave'; readonly who: number };

const moves = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constant<Move>({ kind: 'fact' }) },
    { weight: 12, arbitrary: fc.record({ kind: fc.constant('piece' as const), length: fc.nat(6) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('join' as const), after: fc.nat(40) }) },
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constant('read' as const),
        who: fc.nat(9),
        count: fc.integer({ min: 1, max: 6 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), who: fc.nat(9) }) },
    { weight: 1, arbitrary: fc.constant<Move>({ kind: 'close' }) },
  ),
  { maxLength: 120 },
);

const bounds = { maxNews: 5, maxNewsCharacters: 12 };

describe('readers at any speed', () => {
  it('each see every event in order, or are told exactly which they missed, whatever the others do', async () => {
    await fc.assert(
      fc.asyncProperty(moves, async (script) => {
        const journal = journalOf(bounds);
        const written: RunEvent[] = [];
        const followers: Follower[] = [];
        let isClosed = false;
        for (const move of script) {
          const follower = 'who' in move ? followers[move.who % Math.max(1, followers.length)] : undefined;
          if (move.kind === 'close') {
            journal.close();
            isClosed = true;
          } else if (move.kind === 'join') {
            const after = Math.min(move.after, written.length);
            followers.push({ reader: journal.events({ afterSeq: after }), after, seen: [], hasLeft: false });
          } else if (move.kind === 'leave' && follower !== undefined) {
            follower.hasLeft = true;
            await follower.reader.return();
          } else if (move.kind === 'read' && follower !== undefined) {
            for (let count = 0; count < move.count; count++) follow(follower, follower.reader.next());
          } else if (!isClosed) {
            if (move.kind === 'fact') written.push(journal.append(fact('a')));
            if (move.kind === 'piece') written.push(journal.append(piece('x'.repeat(move.length))));
          }
          const facts = written.filter(({ type }) => type === 'step.scheduled').length;
          expect(journal.retained).toBeLessThanOrEqual(facts + bounds.maxNews);
        }
        journal.close();
        for (const follower of followers) {
          if (!follower.hasLeft) for (const event of await collect(follower.reader)) follower.seen.push(event);
        }
        expect(journal.waitingReaders).toBe(0);
        for (const follower of followers) expectWhole(follower, written);
      }),
      { numRuns: 300 },
    );
  });
});

function follow(follower: Follower, look: ReturnType<JournalReader['next']>): void {
  void look.then(({ value }) => {
    if (value !== undefined) follower.seen.push(value);
  });
}

/** What a reader saw covers a gapless stretch of the journal, or all of it when it stayed to the end. */
function expectWhole({ seen, after, hasLeft }: Follower, written: readonly RunEvent[]): void {
  let at = after;
  for (const event of seen) {
    if (event.type === 'stream.gap') {
      const missed = written.slice(at, at + event.missed);
      expect(missed.map(({ type }) => type)).toEqual(missed.map(() => 'synthesis.delta'));
      at += event.missed;
      expect(event.seq).toBe(at);
    } else expect(event).toBe(written[at++]);
  }
  if (!hasLeft) expect(at).toBe(written.length);
}
