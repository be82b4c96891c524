import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { createAIClient } from '@gomind/ai';
import { startOpenAIWireServer } from '@gomind/openai-wire-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from './e5-adapter.ts';
import { differences, type WireReport, type WireScenario } from './e5-score.ts';
import { evalMissing, findEvalDirectory } from './eval-directory.ts';

const directory = findEvalDirectory();

interface RecordedStream {
  readonly id: string;
  readonly expected: {
    readonly content: string;
    readonly finish_reason: string | null;
    readonly tool_calls?: readonly unknown[];
    readonly usage: { readonly total_tokens?: number } | null;
  };
}

interface RecordedBody {
  readonly id: string;
  readonly body: {
    readonly error?: unknown;
    readonly choices?: readonly { readonly message: { readonly content: unknown }; readonly finish_reason: string }[];
  };
}

interface FakeServer {
  baseURL(id: string): string;
  report(id: string): WireReport & { readonly leaked: readonly { readonly authorization: string | null }[] };
  stop(): Promise<void>;
}

interface FakeModule {
  start(options: { scenarios: WireScenario[]; recorded: RecordedStream[]; validator: unknown }): Promise<FakeServer>;
  requestValidator(from: string): Promise<unknown>;
}

function lines<T>(name: string): T[] {
  if (directory === undefined) return [];
  const bytes = readFileSync(join(directory, 'cases/E5', name));
  const text = name.endsWith('.gz') ? gunzipSync(bytes).toString() : bytes.toString();
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}

const scenarios = lines<WireScenario>('scenarios.jsonl');
const recorded = lines<RecordedStream>('recorded_streams.jsonl.gz');

/** Recorded with its answer inside a list of parts, which the expectation, made from plain strings, leaves out. */
const answersInParts: Readonly<Record<string, string>> = { 'recorded/mistral/mistral-reasoning': '2 + 2 = 4' };

describe.skipIf(directory === undefined)(`the wire (E5) (${directory ?? evalMissing})`, () => {
  let server: FakeServer;
  beforeAll(async () => {
    const fake = (await import(pathToFileURL(join(directory ?? '', 'scorers/E5/fake-openai.mjs')).href)) as FakeModule;
    const validator = await fake.requestValidator(import.meta.filename);
    expect(validator, 'requests are checked against the schemas').not.toBeNull();
    server = await fake.start({ scenarios, recorded, validator });
  });
  afterAll(() => server.stop());

  it.concurrent.each(scenarios.map((scenario) => [scenario.id, scenario] as const))(
    '%s',
    { timeout: 20_000 },
    async (id, scenario) => {
      const outcome = await ask(server.baseURL(id), scenario.stream);
      expect(differences(scenario, outcome, server.report(id))).toEqual([]);
    },
  );

  it.concurrent.each(recorded.map((stream) => [stream.id, stream] as const))(
    'puts together %s',
    async (id, { expected }) => {
      const outcome = await ask(server.baseURL(id), true);
      if (!('response' in outcome)) throw outcome.error;
      const { content, finishReason, usage } = outcome.response;
      expect(content).toBe(answersInParts[id] ?? expected.content);
      if (expected.finish_reason !== null) expect(finishReason).toBe(expected.finish_reason.replace('_', '-'));
      if (expected.usage?.total_tokens !== undefined) expect(usage.totalTokens).toBe(expected.usage.total_tokens);
      expect(server.report(id).requests.flatMap(({ schema_errors: errors = [] }) => errors)).toEqual([]);
    },
  );

  it('gives no key to another host', () => {
    expect(scenarios.flatMap(({ id }) => server.report(id).leaked).map(({ authorization }) => authorization)).toEqual(
      [],
    );
  });

  it.each(lines<RecordedBody>('recorded_bodies.jsonl').map((recording) => [recording.id, recording.body] as const))(
    'reads %s',
    async (_id, body) => {
      await using wire = await startOpenAIWireServer({ reply: [{ body }] });
      await using aiClient = createAIClient({ baseUrl: wire.baseUrl, model: 'recorded' });
      const answer = aiClient.generate({ messages: [{ role: 'user', content: 'ping' }] });
      const choice = body.choices?.[0];
      if (choice === undefined) await expect(answer).rejects.toMatchObject({ isRetryable: false });
      else {
        const { content, finishReason } = await answer;
        expect(finishReason).toBe(choice.finish_reason.replace('_', '-'));
        if (typeof choice.message.content === 'string') expect(content).toBe(choice.message.content);
      }
    },
  );
});
