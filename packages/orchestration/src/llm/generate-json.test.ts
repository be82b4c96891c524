import { GomindError } from '@gomind/core';
import { createScriptedAIClient } from '@gomind/core/testing';
import { describe, expect, it } from 'vitest';
import type { RunEventBody } from '../plan/events/run-event.ts';
import { extractJson } from './extract-json.ts';
import { generateJson, type JsonVerdict } from './generate-json.ts';

const messages = [{ role: 'user' as const, content: 'Give me a number.' }];

function readNumber(value: unknown): JsonVerdict<number> {
  if (typeof value === 'object' && value !== null && 'n' in value && typeof value.n === 'number')
    return { ok: true, value: value.n };
  const message = `n must be a number in ${JSON.stringify(value)}`;
  return { ok: false, diagnostics: [{ code: 'PARAM_TYPE', severity: 'error', message, path: 'n', suggestion: 'm' }] };
}

const options = { messages, read: readNumber, purpose: 'planning' };

describe('generateJson', () => {
  it('returns the first answer that is accepted', async () => {
    const aiClient = createScriptedAIClient(['```json\n{"n": 1}\n```']);
    await expect(generateJson(aiClient, options)).resolves.toEqual({ value: 1, repaired: [], attempts: 1 });
    aiClient.assertComplete();
  });

  it('sends the diagnostics of a refused answer back with the answer', async () => {
    const aiClient = createScriptedAIClient(['{"n": "one"}', '{"n": 1}']);
    const result = await generateJson(aiClient, options);
    expect(result).toMatchObject({ value: 1, attempts: 2, repaired: [{ code: 'PARAM_TYPE' }] });
    const second = aiClient.calls[1];
    expect(second?.messages.at(-2)).toEqual({ role: 'assistant', content: '{"n": "one"}' });
    const question = second?.messages.at(-1)?.content ?? '';
    expect(extractJson(question)).toEqual({
      ok: true,
      value: {
        problems: [{ code: 'PARAM_TYPE', path: 'n', message: 'n must be a number in {"n":"one"}', suggestion: 'm' }],
      },
    });
  });

  it('never asks twice for the same mistake', async () => {
    const aiClient = createScriptedAIClient(['{"n": "one"}', '{"n": "one"}', '{"n": 1}']);
    await expect(generateJson(aiClient, { ...options, maxRepairs: 5 })).rejects.toMatchObject({
      code: 'MODEL_ANSWER_REJECTED',
      details: { attempts: 2 },
    });
  });

  it('gives up after the allowed repairs with the last diagnostics', async () => {
    const aiClient = createScriptedAIClient(['{"n": "a"}', '{"n": "b"}', '{"n": "c"}']);
    const error: unknown = await generateJson(aiClient, options).catch((thrown: unknown) => thrown);
    expect(GomindError.isInstance(error, 'MODEL_ANSWER_REJECTED')).toBe(true);
    expect(error).toMatchObject({ details: { attempts: 3 } });
    aiClient.assertComplete();
  });

  it('refuses a truncated answer and asks for the whole again', async () => {
    const aiClient = createScriptedAIClient([{ content: '{"n": 1}', finishReason: 'length' }, '{"n": 2}']);
    await expect(generateJson(aiClient, options)).resolves.toMatchObject({ value: 2 });
  });

  it('names truncation when nothing else ever came', async () => {
    const aiClient = createScriptedAIClient([
      { content: '{"n": 1}', finishReason: 'length' },
      { content: '{"n": 1}', finishReason: 'length' },
    ]);
    await expect(generateJson(aiClient, options)).rejects.toMatchObject({ code: 'MODEL_TRUNCATED' });
  });

  it('retries errors that a retry can help, and reports the tokens of each answer', async () => {
    const busy = new GomindError({
      code: 'RATE_LIMITED',
      message: 'busy',
      isRetryable: true,
      details: { retryAfterMs: 1 },
    });
    const aiClient = createScriptedAIClient([busy, '{"n": 3}']);
    const events: RunEventBody[] = [];
    await expect(generateJson(aiClient, { ...options, emit: (event) => events.push(event) })).resolves.toMatchObject({
      value: 3,
    });
    expect(events.map((event) => event.type)).toEqual(['tokens']);
  });

  it('passes on errors that a retry cannot help at once', async () => {
    const denied = new GomindError({ code: 'MODEL_AUTH', message: 'denied' });
    const aiClient = createScriptedAIClient([denied, '{"n": 3}']);
    await expect(generateJson(aiClient, options)).rejects.toBe(denied);
    expect(aiClient.calls).toHaveLength(1);
  });

  it('treats a filtered answer as a refusal', async () => {
    const aiClient = createScriptedAIClient([{ content: '', finishReason: 'content-filter' }]);
    await expect(generateJson(aiClient, options)).rejects.toMatchObject({ code: 'MODEL_REFUSED' });
  });
});
