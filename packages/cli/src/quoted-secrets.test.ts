import { createServer } from 'node:http';
import { createAIClient } from '@gomind/ai';
import { defineTool, readEnvInteger } from '@gomind/core';
import { createRecordingLogger } from '@gomind/core/testing';
import { createOrchestrator, type RunEvent } from '@gomind/orchestration';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { useServed } from '../test/workspace.ts';

/** Keys of a known form; made here, so that no scanner of sources finds one. */
const key = ['sk', 'proj', 'Q8oted0001abcdefghijklmnop'].join('-');
const token = ['ghp', 'Q8oted0002'.repeat(4)].join('_');
/** Of no known form: what stands before them tells. */
const headerValue = 'wvWa2U9c5dc7HENg62Qy2hZn';
const sessionValue = 'DUmkZ5KkaRZRzL26uJyJEdpa';
const keyBody = 'EMXg8wDKq2XdZGbnfjUpzLaTCf8g6sjRQcePpU2pEfRjSHpYrm9Y8xSfM44HJh5z';

const vault = defineTool({
  name: 'vault',
  description: 'Keeps things',
  capabilities: {
    show: {
      description: 'Show what is kept',
      effect: 'pure',
      input: z.strictObject({ what: z.string() }),
      handler: () => 'nothing',
    },
  },
});

const tool = useServed(vault);

const parts = [
  ['a header', `X-Api-Key: ${headerValue}`, headerValue],
  ['a cookie', `Cookie: theme=dark; session=${sessionValue}`, sessionValue],
  [
    'a private key',
    `${'word '.repeat(15)}-----BEGIN RSA PRIVATE KEY-----\n${keyBody}\n-----END RSA PRIVATE KEY-----`,
    keyBody,
  ],
  ['a key that a quotation cuts', `${'word '.repeat(11)}${token}`, token.slice(0, 12)],
] as const;

describe('what a message quotes of a request', () => {
  it.each(parts)('is without a secret that is known only by what stands before it: %s', async (_what, text, secret) => {
    const logger = createRecordingLogger();
    await using orchestrator = createOrchestrator({ discovery: tool.discovery, logger }, { cacheEnabled: false });
    const events: RunEvent[] = [];
    const request = `Fly me to the moon! Log in with ${text} and wait.`;
    const response = await orchestrator.processRequest(request, {}, { onEvent: (event) => events.push(event) });
    expect(JSON.stringify(response.errors)).toContain('No capability fits');
    expect(JSON.stringify(events)).not.toContain(secret);
    expect(JSON.stringify(orchestrator.getExecutionHistory())).not.toContain(secret);
    expect(JSON.stringify(logger.records)).not.toContain(secret);
  });

  it('is otherwise as it was written', async () => {
    await using orchestrator = createOrchestrator({ discovery: tool.discovery, logger: createRecordingLogger() });
    const { errors } = await orchestrator.processRequest(`Fly me to the moon, now! Use password=${headerValue}.`);
    expect(JSON.stringify(errors)).toContain('No capability fits \\"Fly me to the moon, now\\"');
    expect(JSON.stringify(errors)).toContain('No capability fits \\"Use [redacted]\\"');
  });
});

describe('what an error quotes of settings', () => {
  it.each([
    ['timeout', { timeout: key }],
    ['priority', { priority: token }],
    ['cache', { cache: key }],
    ['budget', { budget: { [token]: 1 } }],
    ['conversation', { conversation_id: { token: key } }],
  ])('is without secrets: %s', async (_name, metadata) => {
    await using orchestrator = createOrchestrator({ discovery: tool.discovery, logger: createRecordingLogger() });
    const asked = orchestrator.processRequest('Show it', metadata as never);
    const error: unknown = await asked.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
    expect(String((error as Error).stack)).not.toMatch(new RegExp(`${key}|${token}`));
  });

  it('is without secrets: a variable of the environment, also when the quotation cuts it', () => {
    const read = (value: string): unknown => {
      try {
        return readEnvInteger('GOMIND_PORT', {}, { GOMIND_PORT: value });
      } catch (error) {
        return error;
      }
    };
    expect(String(read(key))).toContain('has the value "[redacted]"');
    expect(String(read(`the port is given by ${token}`))).not.toContain(token.slice(0, 8));
  });

  it('is without secrets: a key where the name of a model belongs', async () => {
    await using aiClient = createAIClient({
      baseUrl: 'http://127.0.0.1:1/v1',
      apiKey: 'test',
      model: key,
    });
    const error: unknown = await aiClient
      .generate({ messages: [{ role: 'user', content: 'Hello' }] })
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ details: { model: '[redacted]' } });
    expect(String((error as Error).stack)).not.toContain(key);
  });
});

describe('what a component quotes of a call', () => {
  const post = async (path: string, body: unknown): Promise<string> => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${tool.served.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    return response.text();
  };

  it.each([
    ['the name of a field', '/api/capabilities/show', { what: 'it', [token]: 1 }],
    ['the name of a capability', `/api/capabilities/${key}`, {}],
    ['a path', `/${token}`, {}],
  ])('is without secrets: %s', async (_what, path, body) => {
    const answer = await post(path, body);
    expect(JSON.parse(answer)).toMatchObject({ success: false });
    expect(answer).toContain('[redacted]');
    expect(answer).not.toMatch(new RegExp(`${key}|${token}`));
  });
});

describe('what an error quotes of an answer', () => {
  it('is without a secret that the quotation would cut', async () => {
    const page = `<html>${'sorry '.repeat(30)}${token}</html>`;
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end(page);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    await tool.discovery.register({
      ...{ id: 'page-1', name: 'page', type: 'tool', description: 'A page', address: '127.0.0.1', health: 'healthy' },
      port: typeof address === 'object' ? (address?.port ?? 0) : 0,
      capabilities: [{ name: 'read', description: 'Read the page', effect: 'pure' }],
    });
    const step = { name: 'read', component: 'page', action: 'read', inputs: {} };
    const planner = {
      plan: () => Promise.resolve({ ok: true, plan: { steps: [{ ...step, dependsOn: [] }] } } as const),
    };
    await using orchestrator = createOrchestrator(
      { discovery: tool.discovery, planner, logger: createRecordingLogger() },
      { replanEnabled: false },
    );
    const { errors } = await orchestrator.processRequest('Read the page');
    server.close();
    expect(errors).toMatchObject([{ code: 'COMPONENT_BAD_RESPONSE' }]);
    expect(JSON.stringify(errors)).toContain('sorry');
    expect(JSON.stringify(errors)).not.toContain(token.slice(0, 12));
  });
});
