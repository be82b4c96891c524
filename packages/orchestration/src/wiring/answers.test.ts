import { createAIClient } from '@gomind/ai';
import { defineTool, GomindError, LocalDiscovery, type ServedComponent, serve } from '@gomind/core';
import { createRecordingTelemetry, type RecordingTelemetry } from '@gomind/core/testing';
import { startOpenAIWireServer, type WireReply } from '@gomind/openai-wire-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { OrchestratorResponse } from '../orchestrator/orchestrator-response.ts';
import type { RunEvent } from '../plan/events/run-event.ts';
import type { Synthesizer } from '../synthesis/synthesizer.ts';
import { createOrchestrator } from './create-orchestrator.ts';

const priceTool = defineTool({
  name: 'price-tool',
  description: 'Prices of things',
  capabilities: {
    price_of: {
      description: 'Tell the price of a thing',
      effect: 'pure',
      input: z.object({ thing: z.string().meta({ examples: ['apple'] }) }),
      output: z.object({ price: z.number() }),
      handler: ({ thing }) => {
        if (thing === 'love') throw new GomindError({ code: 'INPUT_ERROR', message: 'love has no price' });
        return { price: 2 };
      },
    },
  },
});

const step = (name: string, thing: string) => ({
  name,
  component: 'price-tool',
  action: 'price_of',
  inputs: { thing },
  depends_on: [],
});
const plan = (...steps: unknown[]): WireReply => ({ text: JSON.stringify({ steps }) });

let discovery: LocalDiscovery;
let served: ServedComponent;

beforeEach(async () => {
  discovery = new LocalDiscovery();
  served = await serve(priceTool, { registry: discovery, handleSignals: false });
});

afterEach(async () => {
  await served.close();
  await discovery.close();
});

async function ask(
  replies: readonly WireReply[],
  synthesizer?: Synthesizer,
): Promise<{ response: OrchestratorResponse; streamed: string; telemetry: RecordingTelemetry }> {
  await using server = await startOpenAIWireServer({ reply: replies });
  await using aiClient = createAIClient({ baseUrl: server.baseUrl, apiKey: 'test', model: 'test-model' });
  const telemetry = createRecordingTelemetry();
  await using orchestrator = createOrchestrator(
    {
      discovery,
      telemetry,
      ...(replies.length === 0 ? {} : { aiClient }),
      ...(synthesizer === undefined ? {} : { synthesizer }),
    },
    { logLevel: 'error' },
  );
  const events: RunEvent[] = [];
  const response = await orchestrator.processRequest(
    'Tell the price of an "apple"',
    { tenant: 'a' },
    { onEvent: (event) => events.push(event) },
  );
  const streamed = events.flatMap((event) => (event.type === 'synthesis.delta' ? [event.text] : [])).join('');
  return { response, streamed, telemetry };
}

const partsOf = ({ response, metadata }: OrchestratorResponse) =>
  (metadata.citations ?? []).map(({ steps, start, end }) => [response.slice(start, end), steps]);

describe('the answer of an orchestrator', () => {
  it('says which step each part came from, beside what the caller gave', async () => {
    const { response, streamed } = await ask([
      plan(step('apple', 'apple'), step('pear', 'pear')),
      { chunks: ['An apple costs 2 [', '[step: apple]], a pear', ' too [[step: pear]] [[step: plum]].'] },
    ]);
    expect(response).toMatchObject({ status: 'completed', response: 'An apple costs 2, a pear too.', confidence: 1 });
    expect(response.metadata).toMatchObject({ tenant: 'a' });
    expect(partsOf(response)).toEqual([
      ['An apple costs 2', ['apple']],
      ['a pear too', ['pear']],
    ]);
    expect(streamed).toBe(response.response);
  });

  it('tells of a failed part whatever the model says, and is as confident as it has grounds for', async () => {
    const { response, streamed } = await ask([
      plan(step('apple', 'apple'), step('love', 'love')),
      { text: '{"should_retry": false, "analysis": "Love has no price."}' },
      { text: '{"steps": [], "reason": "There is no other way."}' },
      { text: 'Everything is fine. An apple costs 2 [[step: apple]].' },
    ]);
    expect(response).toMatchObject({ status: 'partial', confidence: 0.5 });
    expect(response.response).toContain('love has no price');
    expect(streamed).toBe(response.response);
  });

  it('is asked for again while a busy model has said nothing of it', async () => {
    const { response } = await ask([
      plan(step('apple', 'apple')),
      { status: 429, retryAfter: '0' },
      { text: 'It costs 2 [[step: apple]].' },
    ]);
    expect(response).toMatchObject({ status: 'completed', response: 'It costs 2.' });
  });

  it('is written by the plain synthesizer when the stream of the model breaks', async () => {
    const { response } = await ask([plan(step('apple', 'apple')), { chunks: ['An apple'], end: 'cut' }]);
    expect(response).toMatchObject({ status: 'degraded', mode: 'ai', response: 'price: 2' });
    expect(partsOf(response)).toEqual([['price: 2', ['apple']]]);
  });

  it("is an application's own with its own synthesizer, also without a model", async () => {
    const own: Synthesizer = {
      strategy: 'receipt',
      synthesize: ({ plan: { steps } }) =>
        Promise.resolve({
          text: 'TOTAL 2',
          citations: [
            { steps: [...steps.map(({ name }) => name), 'invented'], start: 0, end: 7 },
            { steps: ['invented'], start: 0, end: 7 },
            { steps: steps.map(({ name }) => name), start: 3, end: 70 },
          ],
        }),
    };
    const { response } = await ask([], own);
    expect(response).toMatchObject({ mode: 'basic-router', response: 'TOTAL 2' });
    expect(partsOf(response)).toEqual([['TOTAL 2', Object.keys(response.steps)]]);
  });

  it.each([[undefined], [42], [null], [{ text: 7 }], [[]]])(
    'is written by the template when a synthesizer returns no text: %j',
    async (returned) => {
      const { response, telemetry } = await ask([], {
        strategy: 'odd',
        synthesize: () => Promise.resolve(returned as never),
      });
      expect(response).toMatchObject({ status: 'degraded', response: 'price: 2' });
      expect(response.errors).toMatchObject([
        {
          code: 'SYNTHESIS_FAILED',
          message: 'The synthesizer "odd" must return a text or { text, citations }, and returned neither',
        },
      ]);
      expect(telemetry.metrics).toContainEqual(
        expect.objectContaining({ name: 'gomind.fallback.used', value: 1, attributes: { to: 'plain-answer' } }),
      );
    },
  );

  it.each([[undefined], ['all of it'], [[undefined, 7, { steps: 'apple', start: 0, end: 2 }]]])(
    'has no citations where a synthesizer returns none that are: %j',
    async (citations) => {
      const synthesize = () => Promise.resolve({ text: 'TOTAL 2', citations } as never);
      const { response } = await ask([], { strategy: 'odd', synthesize });
      expect(response).toMatchObject({ response: 'TOTAL 2', errors: [] });
      expect(partsOf(response)).toEqual([]);
    },
  );
});
