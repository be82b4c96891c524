import type { Capability, ComponentInfo, JsonSchema } from '@gomind/core';
import { describe, expect, it } from 'vitest';
import { basicRouter } from './basic-router.ts';

const now = new Date('2026-11-30T12:00:00Z');
const text = { type: 'string' };
const number = { type: 'number' };

function capability(name: string, description: string, properties: Record<string, JsonSchema>): Capability {
  const inputSchema = { type: 'object', properties, required: Object.keys(properties) };
  return { name, description, inputSchema, effect: 'pure' };
}

function offer(...capabilities: Capability[]): ComponentInfo[] {
  return [{ id: 'kit', name: 'kit', type: 'tool', description: '', address: '127.0.0.1', port: 1, capabilities }];
}

function callsFor(request: string, offered: readonly ComponentInfo[]): unknown[] {
  return (basicRouter(request, offered, { now }).plan?.steps ?? []).map(({ action, inputs }) => [action, inputs]);
}

const weather = capability('get_weather', 'Weather forecast of a city', { city: text });
const stock = capability('get_quote', 'Share price of a company', { company: text });
const mail = capability('send_mail', 'Sends a message by electronic mail', { recipient: text, subject: text });

describe('the basic router', () => {
  it('calls once for each of the things that stand side by side', () => {
    expect(callsFor('What is the weather in Boston and San Francisco?', offer(weather, stock))).toEqual([
      ['get_weather', { city: 'Boston' }],
      ['get_weather', { city: 'San Francisco' }],
    ]);
  });

  it('takes a comma between two names for one place', () => {
    expect(callsFor('What is the weather in Paris, France?', offer(weather))).toHaveLength(1);
  });

  it('calls every capability that a request speaks of, and none that explains nothing new', () => {
    const twin = capability('get_forecast', 'Weather forecast of a region', { region: text });
    const calls = callsFor(
      'Tell me the weather in Oslo and the share price of Apple',
      offer(weather, stock, twin, mail),
    );
    expect(calls).toHaveLength(2);
    expect(calls).toContainEqual(['get_weather', { city: 'Oslo' }]);
    expect(calls).toContainEqual(['get_quote', { company: 'Apple' }]);
  });

  it('gives a value to the field whose name stands before it', () => {
    const collide = capability('simulate_collision', 'Simulates a collision', { mass: number, velocity: number });
    expect(callsFor('Simulate a collision with a velocity of 24.8 and a mass of 41.1', offer(collide))).toEqual([
      ['simulate_collision', { mass: 41.1, velocity: 24.8 }],
    ]);
  });

  it('reads values out of quotes, brackets of objects and numbers with their unit', () => {
    const remove = capability('delete_book', 'Deletes a book', { book_id: { type: 'integer' } });
    expect(callsFor('Delete the book with ID "87"', offer(remove))).toEqual([['delete_book', { book_id: 87 }]]);
    const dose = capability('give_dose', 'Gives a dose of a drug', {
      dose: { type: 'object', properties: { amount: number }, required: ['amount'] },
    });
    expect(callsFor('Give a dose of 2.5mg', offer(dose))).toEqual([['give_dose', { dose: { amount: 2.5 } }]]);
  });

  it('never takes a part of a number, nor metres for millions', () => {
    const wall = capability('build_wall', 'Builds a wall', { length: number });
    expect(callsFor('Build a wall of 10 m length', offer(wall))).toEqual([['build_wall', { length: 10 }]]);
    expect(callsFor('Build a wall called 2.5X', offer(wall))).toEqual([]);
  });

  it('keeps days in figures as they are written when they may be read in two ways', () => {
    const find = capability('find_bus', 'Finds a bus', { departure_date: text });
    expect(callsFor('Find a bus on 10/01/2023', offer(find))).toEqual([['find_bus', { departure_date: '10/01/2023' }]]);
  });

  it('hands a request to a general capability when no other fits', () => {
    const ask = capability('ask_assistant', 'Hands work to somebody', { task: text });
    expect(callsFor('Water the plants on the balcony', offer(ask, stock))).toEqual([
      ['ask_assistant', { task: 'Water the plants on the balcony' }],
    ]);
    expect(callsFor('The share price of Apple', offer(ask, stock))).toEqual([['get_quote', { company: 'Apple' }]]);
  });

  it('guesses no value for what is known to change the world', () => {
    const tell = capability('describe_topic', 'Describes a topic', { about: text });
    const request = 'describe the topic of volcanic islands';
    expect(callsFor(request, offer(tell))).toEqual([['describe_topic', { about: 'volcanic islands' }]]);
    expect(callsFor(request, offer({ ...tell, effect: 'irreversible' }))).toEqual([]);
    const named = 'describe the topic "volcanic islands"';
    expect(callsFor(named, offer({ ...tell, effect: 'irreversible' }))).toHaveLength(1);
  });

  it('calculates only with what works on numbers alone', () => {
    const sum = capability('add', 'Adds', { first: number, second: number });
    const list = capability('add', 'Puts on a list', { item: text });
    const request = 'A pen costs 3 dollars and a book 12 dollars. How much do they cost together?';
    expect(callsFor(request, offer(sum))).toEqual([['add', { first: 3, second: 12 }]]);
    expect(callsFor(request, offer(list))).toEqual([]);
  });

  it.each(['Tell me a joke', 'Send a mail', 'What is the weather like?', ''])('refuses "%s"', (request) => {
    const route = basicRouter(request, offer(weather, stock, mail), { now });
    expect(route.ok).toBe(false);
    expect(route.reason).toBeTruthy();
  });
});

describe('two ends that are chosen from one list', () => {
  const exchange = (...names: string[]): ComponentInfo[] => {
    const currency = { enum: ['EUR', 'USD', 'GBP', 'JPY'] };
    const ends = Object.fromEntries(names.map((name) => [name, currency]));
    return offer(capability('convert', 'Convert an amount of money to another currency', { amount: number, ...ends }));
  };

  it.each([
    ['Convert 40 GBP to EUR', 40, 'GBP', 'EUR'],
    ['Convert 40 EUR to GBP', 40, 'EUR', 'GBP'],
    ['Convert to EUR 40 GBP', 40, 'GBP', 'EUR'],
    ['Convert 40 from JPY to USD', 40, 'JPY', 'USD'],
    ['Convert 40 EUR in GBP', 40, 'EUR', 'GBP'],
    ['How many USD are 40 GBP?', 40, 'GBP', 'USD'],
    ['Convert 40 gbp into eur', 40, 'GBP', 'EUR'],
  ])('get what each of them is: %s', (request, amount, from, to) => {
    expect(callsFor(request, exchange('from', 'to'))).toEqual([['convert', { amount, from, to }]]);
    expect(callsFor(request, exchange('to_currency', 'from_currency'))).toEqual([
      ['convert', { amount, from_currency: from, to_currency: to }],
    ]);
    expect(callsFor(request, exchange('base', 'quote'))).toEqual([['convert', { amount, base: from, quote: to }]]);
  });

  it('are not both the one that is named', () => {
    expect(basicRouter('Convert 40 GBP', exchange('from', 'to'), { now }).plan).toBeUndefined();
  });

  it('read names of several words and word forms', () => {
    const length = { enum: ['metre', 'foot', 'nautical mile', 'mile'] };
    const offered = offer(capability('convert', 'Convert a length', { value: number, from: length, to: length }));
    expect(callsFor('Convert 3 nautical miles to metres', offered)).toEqual([
      ['convert', { value: 3, from: 'nautical mile', to: 'metre' }],
    ]);
  });
});
