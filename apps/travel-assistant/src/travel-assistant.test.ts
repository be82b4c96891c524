import { createAIClient } from '@gomind/ai';
import type { RunEvent } from '@gomind/orchestration';
import { type OpenAIWireServer, startOpenAIWireServer } from '@gomind/openai-wire-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findCity } from './data/cities.ts';
import { startTravelAssistant, type TravelAssistant } from './travel-assistant.ts';

const defaultQuestion =
  'Sell 100 Tesla shares and convert the proceeds to Korean won; I fly from Berlin to Seoul: how far is it, and what time is it in Seoul?';

describe('the travel assistant without a model', () => {
  let assistant: TravelAssistant;

  beforeAll(async () => {
    assistant = await startTravelAssistant();
  });

  afterAll(async () => {
    await assistant.close();
  });

  const ask = async (question: string) => assistant.orchestrator.processRequest(question);

  it('serves every tool as an HTTP component of its own', async () => {
    expect(assistant.components.length).toBeGreaterThanOrEqual(6);
    expect(new Set(assistant.components.map((component) => component.port)).size).toBe(assistant.components.length);
    for (const component of assistant.components) {
      const response = await fetch(`${component.url}/health`);
      expect(response.status).toBe(200);
    }
  });

  it('answers its default question with every part of it', async () => {
    const response = await ask(defaultQuestion);
    expect(response).toMatchObject({ status: 'degraded', mode: 'basic-router', errors: [] });
    expect(response.agentsInvolved).toEqual(
      expect.arrayContaining(['stock-tool', 'currency-tool', 'geo-tool', 'distance-tool', 'time-tool']),
    );
    expect(response.response).toContain('46,828.5 USD are');
    expect(response.response).toContain('KRW');
    expect(response.response).toMatch(/distance is 8,1\d\d km/);
    expect(response.response).toContain('In Asia/Seoul it is');
  });

  it.each([
    ['What time is it in Tokyo?', /In Asia\/Tokyo it is \d\d:\d\d/],
    ['How far is it from Paris to Rome?', /distance is 1,1\d\d km/],
    ['What is the currency of Japan?', /Japanese yen \(JPY\)/],
    ['What is the capital of Peru?', /capital Lima/],
    ['Convert 250 USD to JPY', /250 USD are [\d,.]+ JPY/],
    ['What is 17 * 23?', /= 391/],
    ['Which airport is nearest to Lisbon?', /\(LIS\)/],
    ['When does the sun set in Reykjavik on 2026-06-01?', /2026-06-01 the sun rises at/],
    ['What is the share price of Apple?', /Apple \(AAPL\) costs/],
    ['Sell 100 Tesla shares and convert the proceeds to EUR', /46,828.5 USD are [\d,.]+ EUR/],
  ])('answers %s', async (question, answer) => {
    const response = await ask(question);
    expect(response.errors).toEqual([]);
    expect(response.status).toBe('degraded');
    expect(response.response).toMatch(answer);
  });

  it('counts inhabitants as whole people', () => {
    expect(findCity('Paris')?.population).toBe(4_957_589);
  });

  it.each(['Write me a poem', 'Book a table at a restaurant for four', 'Delete all customers'])(
    'refuses %s honestly',
    async (question) => {
      const response = await ask(question);
      expect(response.errors).toMatchObject([{ code: 'NO_PLAN' }]);
      expect(response.steps).toEqual({});
    },
  );

  it('passes on what a tool refuses, with the step and the tool named', async () => {
    const response = await ask('What time is it in Atlantisville?');
    expect(response.status).not.toBe('completed');
    expect(response.errors.length).toBeGreaterThan(0);
  });
});

describe('the travel assistant with a model', () => {
  const plan = {
    steps: [
      { name: 'quote', component: 'stock-tool', action: 'get_quote', inputs: { symbol: 'Tesla' }, depends_on: [] },
      {
        name: 'convert',
        component: 'currency-tool',
        action: 'convert',
        inputs: { amount: '${steps.quote.output.price * 100}', from: '${steps.quote.output.currency}', to: 'KRW' },
        depends_on: ['quote'],
      },
      { name: 'seoul', component: 'geo-tool', action: 'find_city', inputs: { city: 'Seoul' }, depends_on: [] },
    ],
  };

  async function ask(
    replies: Parameters<typeof startOpenAIWireServer>[0]['reply'],
  ): Promise<{ events: RunEvent[]; server: OpenAIWireServer }> {
    await using server = await startOpenAIWireServer({ reply: replies });
    await using aiClient = createAIClient({
      baseUrl: server.baseUrl,
      apiKey: 'test',
      model: 'test-model',
      timeoutMs: 5_000,
    });
    await using assistant = await startTravelAssistant(aiClient);
    const events: RunEvent[] = [];
    for await (const event of assistant.orchestrator.stream(defaultQuestion)) events.push(event);
    return { events, server };
  }

  const responseOf = (events: readonly RunEvent[]): unknown => {
    const last = events.at(-1);
    return last?.type === 'run.completed' || last?.type === 'run.failed' ? last.response : last;
  };

  it('lets the model plan and write, over the wire protocol and the real SDK', async () => {
    const { events, server } = await ask([{ text: JSON.stringify(plan) }, { chunks: ['You get ', 'a lot of won.'] }]);
    expect(responseOf(events)).toMatchObject({
      status: 'completed',
      mode: 'ai',
      response: 'You get a lot of won.',
      agentsInvolved: ['stock-tool', 'currency-tool', 'geo-tool'],
    });
    expect(events.filter((event) => event.type === 'synthesis.delta').length).toBeGreaterThanOrEqual(2);
    expect(server.requests).toHaveLength(2);
  });

  it('waits as long as a busy model asks, then goes on', async () => {
    const { events } = await ask([{ status: 429, retryAfter: '1' }, { text: JSON.stringify(plan) }, { text: 'Done.' }]);
    expect(responseOf(events)).toMatchObject({ status: 'completed', mode: 'ai' });
  });

  it('repairs malformed JSON by asking again', async () => {
    const { events } = await ask([{ text: '{"steps": [{"name": ' }, { text: JSON.stringify(plan) }, { text: 'Done.' }]);
    expect(events.map((event) => event.type)).toContain('plan.rejected');
    expect(responseOf(events)).toMatchObject({ status: 'completed', mode: 'ai' });
  });

  it.each([
    ['fails with 500', { status: 500 }],
    ['refuses', { refusal: 'I cannot help with that.' }],
    ['cuts every plan off', { text: JSON.stringify(plan), finishReason: 'length' as const }],
  ])('steps down to the basic router when the model %s', async (_kind, reply) => {
    const { events } = await ask(() => reply);
    expect(responseOf(events)).toMatchObject({ status: 'degraded', mode: 'basic-router' });
  });
});
