import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { defineTool, LocalDiscovery, serve } from '@gomind/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createTelemetry } from '@gomind/telemetry';
import { createOrchestrator } from './create-orchestrator.ts';

const clock = defineTool({
  name: 'clock',
  description: 'Tells the time',
  capabilities: {
    now: { description: 'Tell the time', effect: 'pure', input: z.object({}), handler: () => ({ at: 1 }) },
  },
});

const asked: unknown[] = [];
const traceparents: unknown[] = [];
const service = createServer((request, response) => {
  void text(request).then((body) => {
    asked.push(JSON.parse(body));
    traceparents.push(request.headers['traceparent']);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ capabilities: [{ component: 'clock', capability: 'now', score: 1 }], total: 1 }));
  });
});

const addressOf = (server: Server): string => `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;

beforeEach(async () => {
  asked.length = 0;
  traceparents.length = 0;
  service.listen(0, '127.0.0.1');
  await once(service, 'listening');
});

afterEach(async () => {
  service.closeAllConnections();
  service.close();
  await once(service, 'close');
});

describe('a capability service', () => {
  it('is told what came with each request, and answers each tenant alone', async () => {
    await using discovery = new LocalDiscovery();
    await using _served = await serve(clock, { registry: discovery, handleSignals: false });
    await using orchestrator = createOrchestrator(
      { discovery },
      { logLevel: 'error', capabilityProvider: 'service', capabilityServiceUrl: addressOf(service) },
    );
    const ask = (tenant: string) => orchestrator.processRequest('Tell the time', { tenant, api_token: 'never-told-1' });
    const answers = await Promise.all([ask('a'), ask('b')]);
    expect(answers.map(({ agentsInvolved }) => agentsInvolved)).toEqual([['clock'], ['clock']]);
    const metadata = ['a', 'b'].map((tenant) => ({ tenant, api_token: '[redacted]' }));
    expect(asked).toEqual(
      expect.arrayContaining(
        metadata.map((each) => ({ query: 'Tell the time', top_k: 20, threshold: 0.7, metadata: each })),
      ),
    );
    expect(asked).toHaveLength(2);
  });

  it('belongs to the trace of the request that asks it', async () => {
    await using discovery = new LocalDiscovery();
    await using _served = await serve(clock, { registry: discovery, handleSignals: false });
    const telemetry = createTelemetry();
    await using orchestrator = createOrchestrator(
      { discovery, telemetry },
      { logLevel: 'error', capabilityProvider: 'service', capabilityServiceUrl: addressOf(service) },
    );
    const traceId = await telemetry.withSpan('outer', {}, async (span) => {
      await orchestrator.processRequest('Tell the time');
      return span.traceId;
    });
    expect(traceparents).toEqual([expect.stringMatching(new RegExp(`^00-${String(traceId)}-[0-9a-f]{16}-0[01]$`))]);
  });
});
