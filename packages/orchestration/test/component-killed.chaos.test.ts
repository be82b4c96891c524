import { type ComponentInfo, defineTool, LocalDiscovery, noopLogger, serve } from '@gomind/core';
import { createScriptedAIClient } from '@gomind/core/testing';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createOrchestrator, type OrchestratorConfig } from '../src/index.ts';

const steadyTool = defineTool({
  name: 'steady-tool',
  description: 'Answers at once',
  capabilities: {
    greet: {
      description: 'Greet a person',
      effect: 'pure',
      input: z.object({ name: z.string() }),
      handler: ({ name }) => ({ summary: `Hello, ${name}!` }),
    },
  },
});

interface DoomedProcess extends Disposable {
  readonly process: ChildProcess;
  readonly info: ComponentInfo;
  /** Resolves when the next call has reached the handler. */
  readonly nextCall: () => Promise<void>;
}

async function startDoomedProcess(): Promise<DoomedProcess> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'doomed-process.ts')], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const lines = createInterface(child.stdout);
  const [info] = (await once(lines, 'line')) as [string];
  return {
    process: child,
    info: JSON.parse(info) as ComponentInfo,
    nextCall: async () => {
      await once(lines, 'line');
    },
    [Symbol.dispose]: () => {
      child.kill('SIGKILL');
    },
  };
}

/** A plan whose first step is cheerful, whose second one meets its end, and whose third would need the second. */
const planWith = (action: string): string =>
  JSON.stringify({
    steps: [
      { name: 'greeting', component: 'steady-tool', action: 'greet', inputs: { name: 'Ada' }, depends_on: [] },
      { name: 'doomed', component: 'doomed-tool', action, inputs: {}, depends_on: [] },
      { name: 'after', component: 'steady-tool', action: 'greet', inputs: { name: 'Bob' }, depends_on: ['doomed'] },
    ],
  });

const settings: Partial<OrchestratorConfig> = { synthesis: 'template' };

describe('a component process that is killed while a request runs', () => {
  it.each([
    ['read', 'a call that may be repeated is, and nobody answers'],
    ['pay', 'a call that must not be repeated is not'],
  ])('leaves a partial answer that says so: %s, %s', async (action) => {
    await using discovery = new LocalDiscovery();
    await using _steady = await serve(steadyTool, { registry: discovery, handleSignals: false });
    using doomed = await startDoomedProcess();
    await discovery.register(doomed.info);
    const aiClient = createScriptedAIClient([planWith(action)]);
    await using orchestrator = createOrchestrator({ discovery, aiClient, logger: noopLogger }, settings);

    const answer = orchestrator.processRequest('Greet Ada and do what cannot be done');
    await doomed.nextCall();
    doomed.process.kill('SIGKILL');
    const response = await answer;

    expect(response).toMatchObject({
      status: 'partial',
      steps: { greeting: { status: 'completed' }, doomed: { status: 'failed' }, after: { status: 'skipped' } },
    });
    expect(response.errors).toHaveLength(1);
    expect(response.errors[0]).toMatchObject({
      step: 'doomed',
      code: 'COMPONENT_UNAVAILABLE',
      component: 'doomed-tool',
    });
    expect(response.response).toContain('Hello, Ada!');
    expect(response.response).toContain('doomed');
    if (action === 'pay') expect(response.steps['doomed']?.attempts).toBe(1);
  });

  it('is replaced by another instance, for a call that may be repeated', async () => {
    await using discovery = new LocalDiscovery();
    using first = await startDoomedProcess();
    using second = await startDoomedProcess();
    await Promise.all([discovery.register(first.info), discovery.register(second.info)]);
    const plan = JSON.stringify({
      steps: [{ name: 'read', component: 'doomed-tool', action: 'read', inputs: {}, depends_on: [] }],
    });
    const aiClient = createScriptedAIClient([plan]);
    await using orchestrator = createOrchestrator({ discovery, aiClient, logger: noopLogger }, settings);
    const calls = [first, second].map(async (instance) => {
      await instance.nextCall();
      return instance;
    });
    const answer = orchestrator.processRequest('Read something', { timeout: '20s' });
    const called = await Promise.race(calls);
    called.process.kill('SIGKILL');
    await calls[called === first ? 1 : 0];
    (called === first ? second : first).process.kill('SIGKILL');
    await expect(answer).resolves.toMatchObject({ status: 'failed', errors: [{ code: 'COMPONENT_UNAVAILABLE' }] });
  });
});
