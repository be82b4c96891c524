import { defineTool, LocalDiscovery, serve } from '@gomind/core';
import { createRecordingLogger } from '@gomind/core/testing';
import { createWorkflowEngine, parseWorkflow } from '@gomind/orchestration';
import { createAdaptiveConcurrency, createCircuitBreaker, wrap } from '@gomind/resilience';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

let atWork = 0;
let peak = 0;
const reports = defineTool({
  name: 'reports',
  description: 'Writes reports',
  capabilities: {
    write: {
      description: 'Write a report',
      effect: 'irreversible',
      input: z.object({ page: z.number() }),
      handler: async ({ page }) => {
        peak = Math.max(peak, ++atWork);
        for (let turn = 0; turn < 20; turn++) await nextTurn();
        atWork--;
        return page;
      },
    },
  },
});

const pages = `
name: pages
inputs: { pages: { type: array, required: true } }
steps:
  - name: write
    tool: reports
    action: write
    for_each: '\${inputs.pages}'
    inputs: { page: '\${item}' }
outputs: { written: '\${steps.write.output}' }
`;

describe('a limit of concurrency for each component', () => {
  it('holds for every call of an engine, together with the breaker', async () => {
    const logger = createRecordingLogger();
    await using discovery = new LocalDiscovery();
    await using _served = await serve(reports, { registry: discovery, handleSignals: false, logger });
    const breaker = createCircuitBreaker({ name: 'reports', volumeThreshold: 1 });
    const bulkhead = createAdaptiveConcurrency({
      name: 'reports',
      initialConcurrent: 2,
      maxConcurrent: 2,
      maxWaiting: 9,
    });
    await using engine = createWorkflowEngine({ discovery, logger, breaker: () => wrap({ breaker, bulkhead }) });
    const { workflow } = parseWorkflow(pages);
    if (workflow === undefined) throw new Error('The workflow is not valid.');
    const run = await engine.execute(workflow, { pages: [1, 2, 3, 4, 5, 6, 7, 8] });
    expect(run).toMatchObject({ status: 'completed', outputs: { written: [1, 2, 3, 4, 5, 6, 7, 8] } });
    expect([peak, bulkhead.running, bulkhead.waiting, breaker.state]).toEqual([2, 0, 0, 'closed']);
  });
});
