import { pathToFileURL } from 'node:url';
import { createAIClient } from '@gomind/ai';
import {
  type AIClient,
  defineAgent,
  LocalDiscovery,
  readEnv,
  type ServedComponent,
  serve,
  type Telemetry,
} from '@gomind/core';
import { startOpenAIWireServer, type WireReply, type WireRequest } from '@gomind/openai-wire-server';
import { createOrchestrator, createSearchCapabilityProvider, createWorkflowEngine } from '@gomind/orchestration';
import { parseWorkflow } from '@gomind/orchestration/workflow';
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from '@gomind/otlp-receiver';
import { type NodeTelemetry, setupTelemetry } from '@gomind/telemetry/node';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createResearchAgent } from './research-agent.ts';
import { lightTool } from './tools/light-tool.ts';
import { planetsTool } from './tools/planets-tool.ts';
import { weightTool } from './tools/weight-tool.ts';

const step = (name: string, component: string, action: string, inputs: Record<string, unknown>) => ({
  ...{ name, component, action, inputs },
  depends_on: [],
});
const plan = (...steps: unknown[]): WireReply => ({ text: JSON.stringify({ steps }) });

/** Plans as a model would: the desk delegates, the nested agent weighs. */
function reply({ body }: WireRequest): WireReply {
  const asked = JSON.stringify(body['messages']);
  if (!asked.includes('depends_on')) return { text: '10 kg weigh 37 N on Mars.' };
  if (asked.includes('almanac-agent')) {
    return plan(
      step('look-up', 'research-agent', 'research', { question: 'How heavy are 10 kg on Mars?' }),
      step('almanac', 'almanac-agent', 'write_almanac', { planet: 'Mars' }),
    );
  }
  return plan(step('weigh', 'weight-tool', 'weight_on', { planet: 'Mars', kilograms: 10 }));
}

const almanac = parseWorkflow(`
name: almanac
inputs: { planet: { type: string, required: true } }
steps:
  - { name: figures, tool: planets-tool, action: planet_figures, inputs: { planet: '\${inputs.planet}' } }
  - { name: light, tool: light-tool, action: sunlight_time, inputs: { planet: '\${inputs.planet}' } }
outputs: { figures: '\${steps.figures.output}' }
`);

/** An agent that runs a workflow over the same tools. */
function almanacAgent(telemetry: Telemetry) {
  return defineAgent({
    name: 'almanac-agent',
    description: 'Writes an almanac of a planet.',
    capabilities: {
      write_almanac: {
        description: 'Write an almanac of a planet.',
        effect: 'pure',
        input: z.object({ planet: z.string() }),
        handler: async ({ planet }, { discovery, signal }) => {
          await using engine = createWorkflowEngine({ discovery, telemetry });
          const { workflow } = almanac;
          if (workflow === undefined) throw new Error(JSON.stringify(almanac.diagnostics));
          return (await engine.execute(workflow, { planet }, { signal })).outputs;
        },
      },
    },
  });
}

/** The desk, served over HTTP: an orchestrator that searches by vectors, plans with a model and delegates to agents. */
function deskAgent(telemetry: Telemetry, aiClient: AIClient) {
  return defineAgent({
    name: 'desk',
    description: 'Answers anything about planets.',
    capabilities: {
      ask: {
        description: 'Ask the desk.',
        effect: 'pure',
        internal: true,
        input: z.object({ question: z.string() }),
        handler: async ({ question }, { discovery, signal }) => {
          const capabilityProvider = createSearchCapabilityProvider({
            components: (await discovery.discover()).filter(({ name }) => name !== 'desk'),
            embed: async (values) => (await aiClient.embed({ values })).embeddings,
            telemetry,
          });
          await using orchestrator = createOrchestrator(
            { discovery, aiClient, telemetry, capabilityProvider },
            { name: 'desk' },
          );
          return (await orchestrator.processRequest(question, {}, { signal })).response;
        },
      },
    },
  });
}

/** One request of a client through everything, each part with an SDK of its own, as if it were a process of its own. */
async function traffic(receiver: OtlpReceiver, protocol: string): Promise<void> {
  const running: NodeTelemetry[] = [];
  const telemetryOf = async (service: string): Promise<Telemetry> => {
    const environment = {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_SERVICE_NAME: service,
    };
    const started = await setupTelemetry({ environment, isGlobal: false, captureContent: true });
    running.push(started);
    return started.telemetry;
  };
  await using model = await startOpenAIWireServer({ reply });
  const clientOf = (telemetry: Telemetry): AIClient =>
    createAIClient({
      baseUrl: model.baseUrl,
      apiKey: 'key-of-the-test',
      model: 'test-model',
      embeddingModel: 'test-vectors',
      telemetry,
    });
  const discovery = new LocalDiscovery();
  const served: ServedComponent[] = [];
  for (const tool of [planetsTool, lightTool, weightTool]) {
    served.push(
      await serve(tool, { registry: discovery, telemetry: await telemetryOf(tool.name), handleSignals: false }),
    );
  }
  const nested = await telemetryOf('research-agent');
  const research = createResearchAgent(clientOf(nested), nested);
  served.push(await serve(research.agent, { discovery, telemetry: nested, handleSignals: false }));
  const writing = await telemetryOf('almanac-agent');
  served.push(await serve(almanacAgent(writing), { discovery, telemetry: writing, handleSignals: false }));
  const outer = await telemetryOf('desk');
  const desk = await serve(deskAgent(outer, clientOf(outer)), { discovery, telemetry: outer, handleSignals: false });
  served.push(desk);

  const client = await telemetryOf('client');
  await client.withSpan('ask the desk', { kind: 'client' }, async () => {
    const headers: Record<string, string> = { 'content-type': 'application/json', baggage: 'tenant=blue' };
    client.inject(headers);
    const body = JSON.stringify({ question: 'How heavy are 10 kg on Mars? And write an almanac of Mars.' });
    const response = await fetch(`${desk.url}/api/capabilities/ask`, { method: 'POST', headers, body });
    expect(await response.json()).toMatchObject({ success: true, data: '10 kg weigh 37 N on Mars.' });
  });

  await research.close();
  await Promise.all(served.map((component) => component.close()));
  await Promise.all(running.map((each) => each.shutdown()));
}

/** The span's name with those of its ancestors, outermost first, each with the service that saw it. */
function pathOf(span: ReceivedSpan, spans: readonly ReceivedSpan[]): string {
  const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
  const own = `${String(span.service)}: ${span.name}`;
  return parent === undefined ? own : `${pathOf(parent, spans)} > ${own}`;
}

describe.each(['http/protobuf', 'http/json'])('one request of a client, told to a collector as %s', (protocol) => {
  it('is one trace through orchestrator, tools and nested agents', { timeout: 60_000 }, async () => {
    await using receiver = await startOtlpReceiver();
    await traffic(receiver, protocol);
    const spans = receiver.spans();

    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
    const ids = new Set(spans.map(({ spanId }) => spanId));
    expect(ids.size).toBe(spans.length);
    expect(spans.filter(({ parentSpanId }) => parentSpanId === '').map(({ name }) => name)).toEqual(['ask the desk']);
    expect(spans.filter(({ parentSpanId }) => parentSpanId !== '' && !ids.has(parentSpanId))).toEqual([]);

    const paths = spans.map((span) => pathOf(span, spans));
    const asked = 'client: ask the desk > desk: execute_tool ask > desk: invoke_agent desk';
    const delegated = `${asked} > desk: execute_tool research-agent.research > research-agent: execute_tool research > research-agent: invoke_agent research-agent`;
    const written = `${asked} > desk: execute_tool almanac-agent.write_almanac > almanac-agent: execute_tool write_almanac > almanac-agent: invoke_workflow almanac`;
    expect(paths).toEqual(
      expect.arrayContaining([
        `${asked} > desk: retrieval capabilities > desk: embeddings test-vectors`,
        `${asked} > desk: plan > desk: chat test-model`,
        `${asked} > desk: chat test-model`,
        `${delegated} > research-agent: plan > research-agent: chat test-model`,
        `${delegated} > research-agent: execute_tool weight-tool.weight_on > weight-tool: execute_tool weight_on`,
        `${written} > almanac-agent: execute_tool planets-tool.planet_figures > planets-tool: execute_tool planet_figures`,
        `${written} > almanac-agent: execute_tool light-tool.sunlight_time > light-tool: execute_tool sunlight_time`,
      ]),
    );
  });

  it('carries the attributes of the GenAI conventions', { timeout: 60_000 }, async () => {
    await using receiver = await startOtlpReceiver();
    await traffic(receiver, protocol);
    const spans = receiver.spans();
    const attributesOf = (service: string, name: string): ReceivedSpan['attributes'] | undefined =>
      spans.find((span) => span.service === service && span.name === name)?.attributes;
    const runId = expect.stringMatching(/^run-/) as string;

    expect(attributesOf('desk', 'invoke_agent desk')).toMatchObject({
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': 'desk',
      'gomind.run.id': runId,
      'gomind.request.status': 'completed',
    });
    expect(attributesOf('almanac-agent', 'invoke_workflow almanac')).toMatchObject({
      'gen_ai.operation.name': 'invoke_workflow',
      'gen_ai.workflow.name': 'almanac',
    });
    expect(attributesOf('desk', 'plan')).toMatchObject({ 'gen_ai.operation.name': 'plan', 'gomind.run.id': runId });
    expect(attributesOf('desk', 'retrieval capabilities')).toMatchObject({
      'gen_ai.operation.name': 'retrieval',
      'gen_ai.data_source.id': 'capabilities',
      'gen_ai.retrieval.query.text': expect.stringContaining('How heavy') as string,
      'gen_ai.retrieval.documents': expect.stringContaining('research-agent.research') as string,
    });
    expect(attributesOf('desk', 'embeddings test-vectors')).toMatchObject({
      'gen_ai.operation.name': 'embeddings',
      'gen_ai.request.model': 'test-vectors',
    });
    expect(attributesOf('desk', 'chat test-model')).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': expect.any(String) as string,
      'gen_ai.request.model': 'test-model',
      'gen_ai.response.model': expect.any(String) as string,
      'gen_ai.system_instructions': expect.stringContaining('"type":"text"') as string,
      'gen_ai.input.messages': expect.stringContaining('How heavy') as string,
      'gen_ai.output.messages': expect.stringContaining('finish_reason') as string,
    });
    expect(attributesOf('research-agent', 'execute_tool weight-tool.weight_on')).toMatchObject({
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'weight-tool.weight_on',
      'gen_ai.tool.call.arguments': expect.stringContaining('Mars') as string,
      'gen_ai.tool.call.result': expect.any(String) as string,
    });
    expect(attributesOf('weight-tool', 'execute_tool weight_on')).toMatchObject({ 'gen_ai.tool.name': 'weight_on' });

    const metrics = Buffer.concat(
      receiver.requests.filter(({ path }) => path === '/v1/metrics').map(({ body }) => body),
    );
    for (const name of [
      'gen_ai.client.operation.duration',
      'gen_ai.client.token.usage',
      'gen_ai.invoke_agent.duration',
      'gen_ai.invoke_workflow.duration',
      'gen_ai.execute_tool.duration',
      'orchestrator.request.duration',
      'gomind.orchestrator.component.calls',
    ]) {
      expect(metrics.includes(name), name).toBe(true);
    }
    expect(Buffer.concat(receiver.requests.map(({ body }) => body)).includes('key-of-the-test')).toBe(false);
  });

  const checker = readEnv('GOMIND_EVAL_DIR');
  it.skipIf(checker === undefined)('keeps to the published form of OTLP', { timeout: 60_000 }, async () => {
    const url = pathToFileURL(`${checker ?? ''}/scorers/E5/check-otlp.mjs`).href;
    const { loadOtlp } = (await import(/* @vite-ignore */ url)) as { loadOtlp: (from: string) => Promise<OtlpChecker> };
    const otlp = await loadOtlp(import.meta.filename);
    await using receiver = await startOtlpReceiver();
    await traffic(receiver, protocol);
    expect(receiver.requests.length).toBeGreaterThanOrEqual(10);
    for (const { path, contentType, body } of receiver.requests) {
      const kind = path === '/v1/traces' ? 'trace' : 'metrics';
      const problems = contentType.includes('json')
        ? otlp.checkJson(kind, JSON.parse(body.toString('utf8')))
        : otlp.checkProto(kind, body).problems;
      expect(problems).toEqual([]);
    }
  });
});

/** The checker of the case sets. */
interface OtlpChecker {
  checkJson(kind: 'trace' | 'metrics', body: unknown): readonly string[];
  checkProto(kind: 'trace' | 'metrics', body: Buffer): { readonly problems: readonly string[] };
}
