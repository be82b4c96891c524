import { defineTool, LocalDiscovery, type Priority, serve } from '@gomind/core';
import { createRecordingLogger } from '@gomind/core/testing';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseWorkflow } from '../workflow/parse-workflow.ts';
import { createOrchestrator } from './create-orchestrator.ts';
import { createWorkflowEngine } from './create-workflow-engine.ts';

const seen: Priority[] = [];
const ledger = defineTool({
  name: 'ledger',
  description: 'Books amounts',
  capabilities: {
    book: {
      description: 'Book an amount',
      effect: 'irreversible',
      input: z.object({}),
      handler: (_input, { priority }) => {
        seen.push(priority);
        return 'booked';
      },
    },
  },
});

describe('priority', () => {
  it('travels from a request, and from the run of a workflow, to the components', async () => {
    const discovery = new LocalDiscovery();
    const logger = createRecordingLogger();
    await using _served = await serve(ledger, { registry: discovery, handleSignals: false, logger });
    await using orchestrator = createOrchestrator({ discovery, logger });
    await using engine = createWorkflowEngine({ discovery, logger });
    const { workflow } = parseWorkflow('name: w\nsteps:\n  - name: a\n    tool: ledger\n    action: book\n');
    if (workflow === undefined) throw new Error('no workflow');
    await orchestrator.processRequest('book an amount', { priority: 'high' });
    await orchestrator.processRequest('book an amount', { cache: false });
    await engine.execute(workflow, {}, { priority: 'low' });
    expect(seen).toEqual(['high', 'normal', 'low']);
  });

  it('that is none is refused', async () => {
    const discovery = new LocalDiscovery();
    await using orchestrator = createOrchestrator({ discovery, logger: createRecordingLogger() });
    await expect(orchestrator.processRequest('book', { priority: 'urgent' } as never)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      details: { path: 'metadata.priority' },
    });
  });
});
