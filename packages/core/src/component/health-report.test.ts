import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createFakeClock } from '../testing/index.ts';
import { createComponentHandler, defineTool, type HealthReport } from '../index.ts';

const tool = defineTool({
  name: 'planner',
  description: 'Plans',
  capabilities: { plan: { description: 'Plan something', input: z.object({}), handler: () => null } },
});

const time = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();

function setUp(health: () => HealthReport) {
  const clock = createFakeClock();
  const handler = createComponentHandler(tool, { clock, health });
  const ask = async () => {
    const response = await handler.fetch(new Request('http://tool/health'));
    return { status: response.status, body: (await response.json()) as HealthReport };
  };
  return { clock, handler, ask };
}

describe('the health of a component with something inside that has its own', () => {
  it('is both together, degraded since the first of them is', async () => {
    let inner: HealthReport = { status: 'healthy', checks: { ai: true }, reasons: [], since: time(0) };
    const { clock, handler, ask } = setUp(() => inner);
    expect(await ask()).toEqual({
      status: 200,
      body: { status: 'healthy', checks: { registry: true, ai: true }, reasons: [], since: time(0) },
    });
    inner = { status: 'degraded', checks: { ai: false }, reasons: ['The model is down.'], since: time(3) };
    await clock.advance(5 * 60_000);
    handler.setDegraded('The registry is away.');
    expect((await ask()).body).toEqual({
      status: 'degraded',
      checks: { registry: false, ai: false },
      reasons: ['The registry is away.', 'The model is down.'],
      since: time(3),
    });
    inner = { status: 'healthy', checks: { ai: true }, reasons: [], since: time(6) };
    expect((await ask()).body).toMatchObject({ status: 'degraded', since: time(5) });
    handler.setDegraded(undefined);
    expect((await ask()).body).toMatchObject({ status: 'healthy', since: time(6) });
  });

  it('repeats no secret', async () => {
    const told = (word: string): string => `redis://user:${word}@host is away`;
    const { handler, ask } = setUp(() => {
      throw new Error(told('inner-word-1'));
    });
    handler.setDegraded(told('own-word-2'));
    handler.setReady(false, told('ready-word-3'));
    expect((await ask()).body).toMatchObject({
      reasons: ['redis://[redacted]@host is away', 'The health could not be told: redis://[redacted]@host is away'],
    });
    const ready = await handler.fetch(new Request('http://localhost/ready'));
    expect(await ready.json()).toEqual({ status: 'not ready', reason: 'redis://[redacted]@host is away' });
  });

  it('is told even when the other one cannot be', async () => {
    const { ask } = setUp(() => {
      throw new Error('no idea');
    });
    expect(await ask()).toMatchObject({
      status: 200,
      body: { status: 'degraded', checks: { registry: true }, reasons: ['The health could not be told: no idea'] },
    });
  });
});
