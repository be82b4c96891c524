import { defineTool, LocalDiscovery, type ServedComponent, serve } from '@gomind/core';
import { createRecordingLogger } from '@gomind/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { AIOrchestrator } from '../orchestrator/ai-orchestrator.ts';
import { foldRun, type RunProgress } from '../plan/events/fold-run.ts';
import type { RunEvent } from '../plan/events/run-event.ts';
import { createOrchestrator } from './create-orchestrator.ts';

const echoTool = defineTool({
  name: 'echo-tool',
  description: 'Says it again',
  capabilities: {
    echo: {
      description: 'Echo a text',
      effect: 'pure',
      input: z.object({ text: z.string() }),
      handler: ({ text }) => text,
    },
    hang: {
      description: 'Hang',
      effect: 'pure',
      input: z.object({}),
      handler: () => new Promise<never>(() => undefined),
    },
  },
});

const echo = (name: string, dependsOn: readonly string[] = []) => ({
  name,
  component: 'echo-tool',
  action: 'echo',
  inputs: { text: name },
  dependsOn,
});

const logger = createRecordingLogger();
let discovery: LocalDiscovery;
let served: ServedComponent;
let orchestrator: AIOrchestrator;

beforeEach(async () => {
  discovery = new LocalDiscovery();
  served = await serve(echoTool, { registry: discovery, handleSignals: false });
  orchestrator = createOrchestrator(
    {
      discovery,
      logger,
      aiClient: { isConfigured: true, generate: () => Promise.reject(new Error('unused')) } as never,
      planner: {
        plan: (request) =>
          Promise.resolve({
            ok: true,
            plan: {
              steps:
                request === 'hang' ? [{ ...echo('h'), action: 'hang', inputs: {} }] : [echo('a'), echo('b', ['a'])],
            },
          }),
      },
    },
    { synthesis: 'template' },
  );
});

afterEach(async () => {
  await orchestrator.close();
  await served.close();
  await discovery.close();
});

describe('a request', () => {
  it('is answered with what its own events say', async () => {
    const events: RunEvent[] = [];
    const response = await orchestrator.processRequest(
      'go',
      { tenant: 'a' },
      { onEvent: (event) => events.push(event) },
    );
    const state = foldRun(events);
    expect(state).toMatchObject({ status: 'completed', request: 'go', metadata: { tenant: 'a' }, errors: [] });
    expect(state.steps).toEqual(response.steps);
    expect(state.usage).toEqual(response.usage);
    expect(state.response).toBe(response);
    expect(orchestrator.getExecutionHistory().at(-1)).toMatchObject({
      requestId: state.runId,
      executionTimeMs: state.durationMs,
    });
  });

  it('tells which step ended and how far it is', async () => {
    const ends: string[] = [];
    const progress: RunProgress[] = [];
    await orchestrator.processRequest(
      'go',
      {},
      { onStepComplete: (step) => ends.push(step), onProgress: (now) => progress.push(now) },
    );
    expect(ends).toEqual(['a', 'b']);
    expect(progress.at(-1)).toEqual({ settled: 2, total: 2, running: 0 });
  });

  it('is not touched by a view that throws, which is logged', async () => {
    const response = await orchestrator.processRequest(
      'go',
      {},
      {
        onStepComplete: () => {
          throw new Error('a bad view');
        },
      },
    );
    expect(response.status).toBe('completed');
    expect(logger.records.some(({ message }) => message.includes('view'))).toBe(true);
  });
});

describe('a reader of a stream', () => {
  it('can leave while it waits, and the run is cancelled', async () => {
    const stream = orchestrator.stream('hang');
    const types: string[] = [];
    for (let event = await stream.next(); event.done !== true; event = await stream.next()) {
      types.push(event.value.type);
      if (event.value.type === 'step.started') break;
    }
    const waiting = stream.next();
    await stream.return?.();
    await expect(waiting).resolves.toMatchObject({ done: true });
    await expect(stream.next()).resolves.toMatchObject({ done: true });
    await expect.poll(() => orchestrator.getExecutionHistory().at(-1)?.status).toBe('cancelled');
  });
});
