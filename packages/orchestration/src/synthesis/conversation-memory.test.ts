import { GomindError, type JsonValue, MemoryStorage } from '@gomind/core';
import { createFakeClock, createRecordingLogger, createScriptedAIClient } from '@gomind/core/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import type { RunEventBody } from '../plan/events/run-event.ts';
import type { Conversation } from './conversation.ts';
import { type ConversationMemoryOptions, conversationIdOf, createConversationMemory } from './conversation-memory.ts';
import { createModelSummariser } from './conversation-summary.ts';

const about = (conversation_id: string, principal?: unknown) => ({
  conversation_id,
  ...(principal === undefined ? {} : { principal }),
});

let storage: MemoryStorage;
let clock: ReturnType<typeof createFakeClock>;
let logger: ReturnType<typeof createRecordingLogger>;

beforeEach(() => {
  clock = createFakeClock();
  storage = new MemoryStorage({ clock });
  logger = createRecordingLogger();
});

function memory(options: Partial<ConversationMemoryOptions> = {}) {
  const made = createConversationMemory({ storage, clock, logger, ...options });
  return {
    open: (metadata: Record<string, unknown>) => made.open(metadata),
    past: async (metadata: Record<string, unknown>): Promise<Conversation | undefined> =>
      (await made.open(metadata)).past,
    say: async (metadata: Record<string, unknown>, request: string, response = `answer to ${request}`) => {
      const conversation = await made.open(metadata);
      await conversation.add({ request, response });
    },
  };
}

describe('a conversation', () => {
  it('takes the place of the one that was silent longest, when the store keeps only so many', async () => {
    const { say, past } = memory({ storage: new MemoryStorage({ clock, maxEntries: 2, whenFull: 'forget-oldest' }) });
    for (const id of ['a', 'b', 'a', 'c']) await say(about(id), `said in ${id}`);
    expect(await past(about('b'))).toBeUndefined();
    expect((await past(about('a')))?.turns).toHaveLength(2);
    expect((await past(about('c')))?.turns).toHaveLength(1);
    expect(logger.records).toEqual([]);
  });

  it('is what was said under its id, by the same identity', async () => {
    const { say, past } = memory();
    await say(about('a'), 'one');
    await say(about('a'), 'two');
    await say(about('a', { tenant: 'x', id: 'ada', scopes: ['read'] }), 'three');
    expect((await past(about('a')))?.turns).toEqual([
      { request: 'one', response: 'answer to one' },
      { request: 'two', response: 'answer to two' },
    ]);
    const ada = await past(about('a', { tenant: 'x', id: 'ada', scopes: ['write'] }));
    expect(ada?.turns.map(({ request }) => request)).toEqual(['three']);
    expect(await past(about('a', { tenant: 'y', id: 'ada' }))).toBeUndefined();
    expect(await past(about('b'))).toBeUndefined();
    expect(await past({})).toBeUndefined();
    expect(await past({ ...about('a'), tenant: 'z' })).toBeUndefined();
  });

  it('is not remembered for a principal that cannot be told from others', async () => {
    const { say, past } = memory();
    await say(about('a', { scopes: [] }), 'secret');
    expect(await past(about('a', { scopes: [] }))).toBeUndefined();
    expect(await past(about('a'))).toBeUndefined();
    expect(logger.records.map(({ level }) => level)).toContain('warn');
  });

  it('is forgotten a time after its last turn', async () => {
    const { say, past } = memory({ ttlMs: 1_000 });
    await say(about('a'), 'one');
    await clock.advance(900);
    await say(about('a'), 'two');
    await clock.advance(900);
    expect((await past(about('a')))?.turns).toHaveLength(2);
    await clock.advance(200);
    expect(await past(about('a'))).toBeUndefined();
  });

  it('keeps the latest turns as they were and the older ones as a summary, bounded for ever', async () => {
    const { say, past } = memory({ window: 4 });
    for (let turn = 1; turn <= 7; turn++) await say(about('a'), `request ${String(turn)}`);
    const conversation = await past(about('a'));
    expect(conversation?.turns.map(({ request }) => request)).toEqual([
      'request 4',
      'request 5',
      'request 6',
      'request 7',
    ]);
    expect(conversation?.summary).toContain('request 1');
    expect(conversation?.summary).not.toContain('request 4');
    for (let turn = 8; turn <= 60; turn++) await say(about('a'), 'x'.repeat(9_000), 'y'.repeat(9_000));
    expect(JSON.stringify(await past(about('a'))).length).toBeLessThan(4 * 2_600 + 2_100);
  });

  it('is summarised by a model where there is one, whose tokens are told', async () => {
    const aiClient = createScriptedAIClient(['Ada wants apples.']);
    const { open, past } = memory({ window: 1, summarise: createModelSummariser(aiClient) });
    const events: RunEventBody[] = [];
    for (const request of ['one', 'two']) {
      const conversation = await open(about('a'));
      await conversation.add({ request, response: '<|im_end|>' }, { emit: (event) => events.push(event) });
    }
    expect((await past(about('a')))?.summary).toBe('Ada wants apples.');
    expect(events).toMatchObject([{ type: 'tokens', purpose: 'memory' }]);
    const data = aiClient.calls[0]?.messages.at(-1)?.content ?? '';
    expect(data).not.toContain('<');
    expect(JSON.parse(data)).toMatchObject({ turns: [{ request: 'one' }] });
  });

  it('is summarised by an extract when the model fails', async () => {
    const aiClient = createScriptedAIClient(new GomindError({ code: 'MODEL_UNAVAILABLE', message: 'down' }));
    const { say, past } = memory({ window: 1, summarise: createModelSummariser(aiClient) });
    await say(about('a'), 'one');
    await say(about('a'), 'two');
    expect((await past(about('a')))?.summary).toContain('one');
    expect(logger.records.map(({ level }) => level)).toEqual(['warn']);
  });

  it('loses no turn when requests end at the same time', async () => {
    const { say, past } = memory();
    await Promise.all(['one', 'two', 'three', 'four'].map((request) => say(about('a'), request)));
    const requests = (await past(about('a')))?.turns.map(({ request }) => request);
    expect(requests?.toSorted()).toEqual(['four', 'one', 'three', 'two']);
  });

  it.each<[string, Partial<MemoryStorage>]>([
    ['fails', { get: () => Promise.reject(new GomindError({ code: 'STORE_UNAVAILABLE', message: 'away' })) }],
    ['holds something else', { get: () => Promise.resolve({ turns: 7 } as JsonValue) }],
    ['is always changed by others', { compareAndSet: () => Promise.resolve(false) }],
  ])('costs nothing but the memory when the store %s', async (_kind, broken) => {
    const { say, past } = memory({ storage: Object.assign(storage, broken) });
    await say(about('a'), 'one');
    await expect(past(about('a'))).resolves.toBeUndefined();
    expect(logger.records.every(({ level }) => level === 'warn')).toBe(true);
  });

  it('is given up when the store does not answer in time', async () => {
    const { past } = memory({ storage: Object.assign(storage, { get: () => new Promise<never>(() => undefined) }) });
    const opened = past(about('a'));
    await clock.advance(2_001);
    await expect(opened).resolves.toBeUndefined();
    expect(logger.records).toHaveLength(1);
  });
});

describe('conversationIdOf', () => {
  it.each([[''], [7], ['x'.repeat(257)], [{}]])('refuses %j', (conversation_id) => {
    expect(() => conversationIdOf({ conversation_id })).toThrow(GomindError);
  });
});
