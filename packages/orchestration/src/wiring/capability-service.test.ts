import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { defineTool, LocalDiscovery, serve } from '@gomind/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createOrchestrator } from './create-orchestrator.ts';

const clock = defineTool({
  name: 'clock',
  description: 'Tells the time',
  capabilities: {
    now: { description: 'Tell the time', effect: 'pure', input: z.object({}), handler: () => ({ at: 1 }) },
  },
});

const asked: unknown[] = [];
const service = createServer((request, response) => {
  void text(request).then((body) => {
    asked.push(JSON.parse(body));
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ capabilities: [{ component: 'clock', capability: 'now', score: 1 }], total: 1 }));
  });
});

beforeEach(async () => {
  asked.length = 0;
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
    const url = `http://127.0.0.1:${String((service.address() as AddressInfo).port)}`;
    await using orchestrator = createOrchestrator(
      { discovery },
      { logLevel: 'error', capabilityProvider: 'service', capabilityServiceUrl: url },
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
});
