import { defineTool, GomindError, LocalDiscovery, type ServedComponent, serve } from '@gomind/core';
import { createRecordingLogger, createRecordingTelemetry, type RecordingTelemetry } from '@gomind/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createOrchestrator } from './create-orchestrator.ts';
import { createWorkflowEngine } from './create-workflow-engine.ts';
import { parseWorkflow } from '../workflow/parse-workflow.ts';

const bell = defineTool({
  name: 'bell',
  description: 'Rings',
  capabilities: {
    ring: {
      description: 'Ring the bell',
      effect: 'pure',
      input: z.object({}),
      handler: () => {
        throw new GomindError({ code: 'NOT_FOUND', message: 'The rope is gone' });
      },
    },
  },
});

let discovery: LocalDiscovery;
let served: ServedComponent;
let telemetry: RecordingTelemetry;

beforeEach(async () => {
  discovery = new LocalDiscovery();
  telemetry = createRecordingTelemetry();
  served = await serve(bell, { registry: discovery, handleSignals: false, logger: createRecordingLogger() });
});

afterEach(async () => {
  await served.close();
  await discovery.close();
});

const spanOf = (name: string) => telemetry.spans.find((span) => span.name === name) ?? expect.fail(name);
const errorTypesOf = (metric: string) =>
  telemetry.metrics.filter(({ name }) => name === metric).map(({ attributes }) => attributes['error.type']);
const failure = { code: 'NOT_FOUND', message: expect.stringContaining('The rope is gone') as string };

describe('a failure that is no exception', () => {
  it('marks the span of its request as failed', async () => {
    await using orchestrator = createOrchestrator({ discovery, telemetry, logger: createRecordingLogger() });
    expect((await orchestrator.processRequest('Ring the bell')).status).toBe('failed');
    expect(spanOf('invoke_agent orchestrator').error).toMatchObject(failure);
    expect(errorTypesOf('gen_ai.invoke_agent.duration')).toEqual(['NOT_FOUND']);
  });

  it.each([
    ['marks the span of its workflow as failed', '', 'failed'],
    ['marks no span when the workflow went on', ', on_error: continue', 'completed'],
  ])('%s', async (_what, onError, status) => {
    const { workflow } = parseWorkflow(`
name: tower
steps: [{ name: ring, tool: bell, action: ring${onError} }]
`);
    await using engine = createWorkflowEngine({ discovery, telemetry, logger: createRecordingLogger() });
    expect((await engine.execute(workflow ?? expect.fail())).status).toBe(status);
    const expected = status === 'failed' ? failure : undefined;
    if (expected === undefined) expect(spanOf('invoke_workflow tower').error).toBeUndefined();
    else expect(spanOf('invoke_workflow tower').error).toMatchObject(expected);
    expect(errorTypesOf('gen_ai.invoke_workflow.duration')).toEqual([expected?.code]);
  });
});
