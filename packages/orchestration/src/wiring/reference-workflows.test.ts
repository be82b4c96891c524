import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createAIClient } from '@gomind/ai';
import { defineAgent, defineTool, LocalDiscovery, type ServedComponent, serve } from '@gomind/core';
import { createRecordingLogger } from '@gomind/core/testing';
import { startOpenAIWireServer, type WireReply } from '@gomind/openai-wire-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseWorkflow } from '../workflow/parse-workflow.ts';
import { canContinue } from '../workflow/versions.ts';
import { createWorkflowEngine } from './create-workflow-engine.ts';

const file = [process.env['GOMIND_REFERENCE_DIR'], resolve(import.meta.dirname, '../../../../../shared/reference')]
  .map((folder) => (folder === undefined ? undefined : resolve(folder, 'orchestration-architecture.md')))
  .find((path) => path !== undefined && existsSync(path));

/** The YAML blocks of the reference document that hold a text. */
function blockWith(text: string): string {
  const blocks = (file === undefined ? '' : readFileSync(file, 'utf8')).matchAll(/```yaml\n([\s\S]*?)```/g);
  return [...blocks].map(([, block = '']) => block).find((block) => block.includes(text)) ?? expect.fail(text);
}

const anything = z.record(z.string(), z.unknown());
const passOn = (name: string, action: string, output: (input: Record<string, unknown>) => unknown) =>
  defineTool({
    name,
    description: name,
    capabilities: { [action]: { description: action, effect: 'pure', input: anything, handler: output } },
  });

describe.skipIf(file === undefined)('the workflows of the reference run unchanged', () => {
  const discovery = new LocalDiscovery();
  let served: ServedComponent[];

  beforeAll(async () => {
    const transformer = defineAgent({
      name: 'transformation-agent',
      description: 'Transforms',
      capabilities: {
        transform: {
          description: 'Transform data',
          effect: 'pure',
          input: anything,
          handler: ({ data, rules }) => ({ data, rules }),
        },
      },
    });
    const components = [
      passOn('data-extractor', 'extract', ({ source }) => [`row of ${String(source)}`]),
      passOn('data-validator', 'validate', ({ data }) => data),
      passOn('data-loader', 'load', ({ data, destination }) => ({ count: 1, status: 'loaded', data, destination })),
      passOn('market-data', 'read_market', () => ({ price: 468.285 })),
      passOn('news-feed', 'read_news', () => ({ headline: 'Shares rise' })),
      transformer,
    ];
    served = await Promise.all(
      components.map((component) => serve(component, { registry: discovery, discovery, handleSignals: false })),
    );
  });

  afterAll(async () => {
    await Promise.all(served.map((component) => component.close()));
    await discovery.close();
  });

  it('the ETL pipeline, over real HTTP components', async () => {
    const { workflow, diagnostics } = parseWorkflow(blockWith('name: etl-pipeline'));
    expect(diagnostics.map(({ code }) => code)).toEqual(['UNKNOWN_INPUT']);
    await using engine = createWorkflowEngine({ discovery, logger: createRecordingLogger() });
    const run = await engine.execute(workflow ?? expect.fail(), { source: 'a.csv', destination: 'b.db' });
    expect(run).toMatchObject({
      status: 'completed',
      outputs: { records_processed: 1, status: 'loaded' },
      steps: { load: { output: { data: { data: ['row of a.csv'], rules: null }, destination: 'b.db' } } },
    });
    await expect(engine.execute(workflow ?? expect.fail(), {})).rejects.toMatchObject({ code: 'INPUT_REQUIRED' });
  });

  it('the hybrid analysis, whose plans are made while it runs', async () => {
    const { workflow, diagnostics } = parseWorkflow(blockWith('name: hybrid-analysis'));
    expect(diagnostics).toEqual([]);
    const step = { component: 'market-data', action: 'read_market', inputs: {}, depends_on: [] };
    const plan = (name: string): WireReply => ({ text: JSON.stringify({ steps: [{ name, ...step }] }) });
    await using server = await startOpenAIWireServer({ reply: [plan('look'), plan('judge')] });
    await using aiClient = createAIClient({ baseUrl: server.baseUrl, apiKey: 'test', model: 'test-model' });
    await using engine = createWorkflowEngine({ discovery, aiClient, logger: createRecordingLogger() });
    const run = await engine.execute(workflow ?? expect.fail());
    expect(run).toMatchObject({
      status: 'completed',
      steps: {
        'understand-request': { output: { look: { price: 468.285 } } },
        'gather-data': { output: { 'market-data': { price: 468.285 }, 'news-feed': { headline: 'Shares rise' } } },
        analyze: { output: { judge: { price: 468.285 } } },
      },
    });
    expect(server.requests).toHaveLength(2);
    expect(JSON.stringify(server.requests[1]?.body)).toContain('Shares rise');
  });

  it('the fragment about versions, with its numbers as they are written', () => {
    const fragment = `${blockWith('compatible_with')}steps: [{name: new_step, tool: data-extractor}]\n`;
    const { workflow } = parseWorkflow(fragment);
    expect(workflow).toMatchObject({ version: '2.0', compatibleWith: '>=1.5', migrations: [{ from: '1.0' }] });
    expect(canContinue('1.0', workflow ?? expect.fail())).toMatchObject({
      ok: true,
      changes: [{ kind: 'rename' }, { kind: 'add' }],
    });
    expect(canContinue('1.6', workflow ?? expect.fail()).ok).toBe(true);
  });
});
