import { createFakeClock } from '@gomind/core/testing';
import { describe, expect, it } from 'vitest';
import { RequestSequences } from './request-sequences.ts';

const make = (maxEntries = 100): RequestSequences => new RequestSequences({ maxEntries, clock: createFakeClock() });

/** What is expected after each request of a sequence. */
const follow = (sequences: RequestSequences, requests: string, caller = 'me'): (string | undefined)[] =>
  Array.from(requests, (request) => sequences.note(caller, request));

describe('RequestSequences', () => {
  it('expects what followed twice and more often than anything else', () => {
    expect(follow(make(), 'abaBabab').at(-2)).toBe('b');
    expect(follow(make(), 'ab').at(-1)).toBeUndefined();
    expect(follow(make(), 'aba').at(-1)).toBeUndefined();
    expect(follow(make(), 'ababa').at(-1)).toBe('b');
    expect(follow(make(), 'abacaba').at(-1)).toBe('b');
    expect(follow(make(), 'abacabaca').at(-1)).toBeUndefined();
  });

  it('learns nothing about one caller from another', () => {
    const sequences = make();
    follow(sequences, 'ababa', 'me');
    expect(sequences.note('you', 'a')).toBeUndefined();
  });

  it('forgets the rarest when too much follows one request', () => {
    const sequences = make();
    follow(sequences, 'abab');
    follow(sequences, Array.from('cdefghijk', (next) => `a${next}`).join(''));
    follow(sequences, 'ab'.repeat(12));
    expect(sequences.note('me', 'a')).toBe('b');
  });

  it('remembers no more requests than it may', () => {
    const sequences = make(2);
    follow(sequences, 'ababa');
    follow(sequences, 'cdcdefef');
    expect(sequences.note('me', 'a')).toBeUndefined();
  });
});
