import { describe, expect, it } from 'vitest';
import { formsOf } from './template-request.ts';

const now = new Date('2026-01-01T12:00:00Z');
const general = (request: string) => formsOf(request, now)[0];

describe('formsOf', () => {
  it.each([
    ['Convert 1,250.5 USD to EUR', [1_250.5, 'USD', 'EUR']],
    ['Flights from "Rio" on June 1 2026', ['Rio', '2026-06-01']],
    ['Weather in New York', ['New York']],
    ['Track AB123 for ann@example.com', ['AB123', 'ann@example.com']],
    ['Work out 2 + 3 * 4', ['2 + 3 * 4']],
    ['Time in Asia/Tokyo', ['Asia/Tokyo']],
  ])('takes the values out of %j', (request, values) => {
    expect(general(request)?.slots.map(({ value }) => value)).toEqual(values);
  });

  it.each([
    ['a number in words', 'Convert two miles'],
    ['a number with a scale', 'Convert 5k miles'],
    ['a number that two people read in two ways', 'Convert 1.234 miles'],
    ['a number below zero', 'Convert -5 miles'],
    ['part of a time', 'Wake me at 10:30'],
    ['part of a range', 'Read pages 3-5'],
    ['digits that are a name', 'Call agent 007'],
    ['a day that moves', 'Agenda of tomorrow'],
    ['a day without its year', 'Agenda of June 1'],
    ['a currency in words', 'Send ten dollars'],
    ['a word that is capital because a sentence begins', 'Polish shoes'],
    ['names of which the first begins a sentence', 'Delete Everything now'],
    ['a value that is named twice', 'Convert 5 miles or rather 5 yards'],
    ['the same name twice', 'Meet Ann and call Ann'],
    ['nothing but values', 'In Paris'],
    ['an expression', 'Echo "${env.HOME}"'],
    ['a request of a book’s length', `Weather in Paris ${'very '.repeat(300)}`],
    ['a denial', 'Weather, but not in Paris'],
    ['an order that is turned around', 'Swap EUR and USD'],
  ])('leaves alone %s', (_what, request) => {
    expect(formsOf(request, now)).toEqual([]);
  });

  it('has one skeleton for politeness, case and the end of the sentence', () => {
    const requests = ['Convert 5 miles', 'please convert 7 miles.', 'Convert 9 miles, please!'];
    expect(new Set(requests.map((request) => general(request)?.skeleton)).size).toBe(1);
  });

  it.each([
    ['Convert 5 USD from EUR', 'Convert 5 USD to EUR'],
    ['Convert 5 miles', 'Convert 5 miles?'],
    ['Weather in Paris, France', 'Weather in Paris, Delete Rome'],
    ['Track TSLA', 'Track AB123'],
    ['Weather of Paris', 'Weather of "Paris"'],
    ['Convert 5% of it', 'Convert 5 of it'],
  ])('tells %j from %j', (one, other) => {
    expect(general(one)?.skeleton).not.toBe(general(other)?.skeleton);
  });

  it('has a second form in which names stay where they are', () => {
    const [, closed] = formsOf('Buy 40 tickets for Hamlet', now);
    expect(closed?.slots.map(({ value }) => value)).toEqual([40]);
    expect(closed?.skeleton).toContain('Hamlet');
  });
});
