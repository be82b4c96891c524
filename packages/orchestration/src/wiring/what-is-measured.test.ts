import { createAIClient } from '@gomind/ai';
import { defineTool, GomindError, LocalDiscovery, type ServedComponent, serve } from '@gomind/core';
import { startOpenAIWireServer, type WireReply } from '@gomind/openai-wire-server';
import { createRecordingTelemetry, type RecordingTelemetry } from '@gomind/core/testing';
import { createPrometheusExporter, metricCatalog, type PrometheusExporter, spanCatalog } from '@gomind/telemetry';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseWorkflow } from '../workflow/parse-workflow.ts';
import { createOrchestrator } from './create-orchestrator.ts';
import { createWorkflowEngine } from './create-workflow-engine.ts';

/** Calls of the tool that stumbles over its first one. */
let stumbles = 0;
/** Opens when both tools are at work, so that they are seen at work together. */
let meeting = Promise.withResolvers<undefined>();
let atWork = 0;

const meet = async (): Promise<void> => {
  if (++atWork === 2) meeting.resolve(undefined);
  await meeting.promise;
};

const bank = defineTool({
  name: 'bank',
  description: 'Money',
  capabilities: {
    convert: {
      description: 'Convert an amount of money',
      effect: 'pure',
      input: z.object({ amount: z.number() }),
      handler: async ({ amount }) => {
        if (amount <= 0) throw new GomindError({ code: 'INPUT_ERROR', message: 'amount must be greater than 0' });
        await meet();
        return { euros: amount / 2 };
      },
    },
    rate: {
      description: 'Tell the rate',
      effect: 'pure',
      input: z.object({}),
      handler: async () => {
        if (++stumbles === 1) throw new GomindError({ code: 'SERVICE_ERROR', message: 'busy', isRetryable: true });
        await meet();
        return { rate: 2 };
      },
    },
  },
});

const steps = [
  { name: 'change', component: 'bank', action: 'convert', inputs: { amount: 0 }, depends_on: [] },
  { name: 'rate', component: 'bank', action: 'rate', inputs: {}, depends_on: [] },
];
const plan: WireReply = { text: JSON.stringify({ steps }) };
const correction: WireReply = {
  text: JSON.stringify({ should_retry: true, analysis: 'forty', corrected_parameters: { amount: 40 } }),
};

let discovery: LocalDiscovery;
let served: ServedComponent;
let metrics: PrometheusExporter;
let recorded: RecordingTelemetry;

beforeEach(async () => {
  stumbles = 0;
  atWork = 0;
  meeting = Promise.withResolvers();
  discovery = new LocalDiscovery();
  recorded = createRecordingTelemetry();
  metrics = createPrometheusExporter({ telemetry: recorded });
  served = await serve(bank, { registry: discovery, handleSignals: false, telemetry: recorded });
});

afterEach(async () => {
  await served.close();
  await discovery.close();
  expectDocumented(recorded);
});

/** Kind, unit and attributes of everything that was recorded are those of the catalog, from which the documents are made. */
function expectDocumented({ metrics: values, spans }: RecordingTelemetry): void {
  for (const { name, attributes, options } of values) {
    const known = metricCatalog.find((metric) => metric.name === name);
    expect({ name, kind: options.kind ?? 'histogram', unit: options.unit }).toEqual({
      ...{ name, kind: known?.kind, unit: known?.unit },
    });
    const given = Object.keys(attributes).filter((key) => attributes[key] !== undefined);
    expect(
      given.filter((key) => known?.attributes.includes(key) !== true),
      name,
    ).toEqual([]);
  }
  for (const { name, kind, attributes } of spans) {
    const alike = spanCatalog.filter(
      (span) => span.name.split(' ')[0] === name.split(' ')[0] && span.kind.includes(kind),
    );
    const known = new Set([...alike.flatMap((span) => span.attributes), 'error.type', 'gomind.error.code']);
    expect(alike, `${name} (${kind})`).not.toEqual([]);
    expect(
      Object.keys(attributes).filter((key) => !known.has(key)),
      name,
    ).toEqual([]);
  }
}

/** The value of one line of the text; labels in the order of their names. */
function valueOf(series: string): number | undefined {
  const line = metrics
    .text()
    .split('\n')
    .find((each) => each.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

describe('a request', () => {
  it('is counted with its retries, corrections, calls, parallel steps, cache and history', async () => {
    const replies = [plan, correction, { text: 'Done.' }, { text: 'Done again.' }];
    await using server = await startOpenAIWireServer({
      // Corrections may be asked for before or after the other step's retry.
      reply: (request, index) =>
        JSON.stringify(request.body['messages']).includes('should_retry')
          ? correction
          : (replies[index] ?? { text: 'Done.' }),
    });
    const { telemetry } = metrics;
    await using aiClient = createAIClient({ baseUrl: server.baseUrl, apiKey: 'test', model: 'test-model', telemetry });
    await using orchestrator = createOrchestrator({ discovery, aiClient, telemetry }, { logLevel: 'error' });
    const response = await orchestrator.processRequest('Convert 40 dollars and tell the rate');
    expect(response).toMatchObject({ status: 'completed' });
    await orchestrator.processRequest('   ').catch(() => undefined);

    expect(valueOf('gomind_orchestrator_requests_total{success="true"}')).toBe(1);
    expect(valueOf('gomind_orchestrator_requests_total{success="false"}')).toBe(1);
    expect(valueOf('orchestrator_request_duration_seconds_count{success="true"}')).toBe(1);
    expect(valueOf('gen_ai_invoke_agent_duration_seconds_count{gen_ai_agent_name="orchestrator"}')).toBe(1);
    expect(valueOf('gomind_retry_attempts_total{gomind_error_code="COMPONENT_UNAVAILABLE"}')).toBe(1);
    expect(valueOf('gomind_semantic_retry_attempts_total')).toBe(1);
    expect(valueOf('gomind_orchestrator_component_calls_total{gomind_component_name="bank"}')).toBe(2);
    expect(valueOf('gomind_orchestrator_parallel_executions_total')).toBe(1);
    expect(valueOf('gomind_orchestrator_cache_hit_rate_ratio')).toBe(0);
    expect(valueOf('gomind_orchestrator_cache_size')).toBeGreaterThanOrEqual(0);
    expect(valueOf('gomind_orchestrator_history_size')).toBe(2);
    expect(valueOf('gomind_step_duration_seconds_count{gomind_step_status="completed"}')).toBe(2);
    expect(orchestrator.getMetrics()).toMatchObject({
      totalRequests: 2,
      successfulRequests: 1,
      failedRequests: 1,
      componentCalls: { bank: 2 },
      parallelExecutions: 1,
    });
  });

  it('counts a step for the component that was asked and for the one that stood in, and no attempt twice', async () => {
    const shut = (name: string, isShut: boolean) =>
      defineTool({
        name,
        description: 'Changes money',
        capabilities: {
          exchange: {
            description: 'Exchange money',
            effect: 'pure',
            input: z.object({ amount: z.number() }),
            output: z.object({ euros: z.number() }),
            handler: ({ amount }) => {
              if (isShut) throw new GomindError({ code: 'SERVICE_ERROR', message: 'Closed', isRetryable: true });
              return { euros: amount };
            },
          },
        },
      });
    const quiet = { registry: discovery, handleSignals: false };
    await using _first = await serve(shut('first-desk', true), quiet);
    await using _second = await serve(shut('second-desk', false), quiet);
    const step = {
      name: 'exchange',
      component: 'first-desk',
      action: 'exchange',
      inputs: { amount: 1 },
      dependsOn: [],
    };
    const planner = { plan: () => Promise.resolve({ ok: true, plan: { steps: [step] } } as const) };
    await using orchestrator = createOrchestrator(
      { discovery, planner, telemetry: metrics.telemetry },
      { logLevel: 'error' },
    );
    expect((await orchestrator.processRequest('Exchange 1')).agentsInvolved).toEqual(['second-desk']);
    expect(orchestrator.getMetrics().componentCalls).toEqual({ 'first-desk': 1, 'second-desk': 1 });
    for (const name of ['first-desk', 'second-desk']) {
      expect(valueOf(`gomind_orchestrator_component_calls_total{gomind_component_name="${name}"}`)).toBe(1);
    }
    expect(valueOf('gomind_retry_attempts_total{gomind_error_code="COMPONENT_UNAVAILABLE"}')).toBe(3);
  });

  it('that has to do without a model is counted as a fallback', async () => {
    atWork = 1;
    await using orchestrator = createOrchestrator(
      { discovery, telemetry: metrics.telemetry },
      { logLevel: 'error', capabilityProvider: 'search' },
    );
    expect((await orchestrator.processRequest('Convert an amount of 40')).mode).toBe('basic-router');
    expect(valueOf('gomind_fallback_used_total{to="basic-router"}')).toBe(1);
    expect(valueOf('orchestrator_capabilities_offered_count{provider="search"}')).toBe(1);
  });
});

describe('a workflow', () => {
  it('is counted like a request: retries, calls, parallel steps', async () => {
    const { workflow, diagnostics } = parseWorkflow(`
name: exchange
steps:
  - { name: change, tool: bank, action: convert, inputs: { amount: 40 } }
  - { name: rate, tool: bank, action: rate }
`);
    await using engine = createWorkflowEngine({ discovery, telemetry: metrics.telemetry }, { logLevel: 'error' });
    const run = await engine.execute(workflow ?? expect.fail(JSON.stringify(diagnostics)));
    expect(run.status).toBe('completed');
    expect(valueOf('gen_ai_invoke_workflow_duration_seconds_count{gen_ai_workflow_name="exchange"}')).toBe(1);
    expect(valueOf('gomind_retry_attempts_total{gomind_error_code="COMPONENT_UNAVAILABLE"}')).toBe(1);
    expect(valueOf('gomind_orchestrator_component_calls_total{gomind_component_name="bank"}')).toBe(2);
    expect(valueOf('gomind_orchestrator_parallel_executions_total')).toBe(1);
    expect(valueOf('gomind_step_duration_seconds_count{gomind_step_status="completed"}')).toBe(2);
  });
});
