import { inspect } from 'node:util';
import { createAIClient } from '@gomind/ai';
import { defineTool, GomindError } from '@gomind/core';
import { createRecordingLogger } from '@gomind/core/testing';
import { startOpenAIWireServer, type WireReply } from '@gomind/openai-wire-server';
import { createOrchestrator, createWorkflowEngine, executePlan, type RunEvent } from '@gomind/orchestration';
import { parseWorkflow } from '@gomind/orchestration/workflow';
import { startOtlpReceiver } from '@gomind/otlp-receiver';
import { createJsonLogger, createPrometheusExporter } from '@gomind/telemetry';
import { setupTelemetry } from '@gomind/telemetry/node';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { gomind } from '../test/command-line.ts';
import { useWorkspace } from '../test/workspace.ts';

/** One secret for each way in. All are made here, so that whatever is found of them came through the system. */
const planted = {
  /** Of no known form: known only because a client was made with it. */
  providerKey: 'planted-provider-zebra-giraffe',
  /** In a header of the client. */
  headerKey: 'planted-header-walrus-heron',
  /** In the user's words. */
  request: ['sk', 'proj', 'R3quest0001abcdefgh'].join('-'),
  /** In the output of a tool: in a text, under a telling name, in a list. */
  outputText: ['ghp', 'Output0002'.repeat(3)].join('_'),
  outputMember: 'planted-member-otter',
  outputList: ['AKIA', 'PLANTED000300000'].join(''),
  /** In the failure of a tool: its message, its details, its cause. */
  errorMessage: ['glpat', 'Error0004Message0004'].join('-'),
  errorDetail: 'planted-detail-badger',
  errorCause: ['xoxb', '000500050005', 'CauseCause'].join('-'),
  /** Of a workflow, and repeated by the tool that was called with it. */
  workflow: 'planted-workflow-lemur-newt',
};
const all = Object.entries(planted);

/** Nothing that was planted stands in a text, but for what is named. */
function expectClean(where: string, text: string, allowed: readonly (keyof typeof planted)[] = []): void {
  const found = all.filter(
    ([name, secret]) => text.includes(secret) && !allowed.includes(name as keyof typeof planted),
  );
  expect(found.map(([name]) => `${where}: ${name}`)).toEqual([]);
}

const vault = defineTool({
  name: 'vault',
  description: 'Keeps things',
  capabilities: {
    show: {
      description: 'Show what is kept',
      effect: 'pure',
      input: z.object({ what: z.string() }),
      handler: () => ({
        note: `the key is ${planted.outputText}`,
        apiKey: planted.outputMember,
        all: [planted.outputList],
      }),
    },
    open: {
      description: 'Open what is closed',
      effect: 'pure',
      input: z.object({ what: z.string() }),
      handler: () => {
        throw new GomindError({
          code: 'NOT_AUTHORIZED',
          message: `${planted.errorMessage} was refused`,
          details: { password: planted.errorDetail },
          cause: new Error(planted.errorCause),
        });
      },
    },
    crash: {
      description: 'Crash',
      effect: 'pure',
      input: z.object({ what: z.string() }),
      handler: () => {
        throw new Error(`crashed over ${planted.errorMessage}`, { cause: new Error(planted.errorCause) });
      },
    },
    use: {
      description: 'Use a key',
      effect: 'pure',
      input: z.object({ key: z.string() }),
      handler: ({ key }) => {
        if (key.startsWith('fail ')) throw new GomindError({ code: 'NOT_AUTHORIZED', message: `no ${key}` });
        return { said: `used ${key}`, encoded: Buffer.from(key).toString('base64') };
      },
    },
  },
});

/** Lines of every log: of the tool, of orchestrators and engines. */
let log: string;
const logger = createJsonLogger({ level: 'debug', write: (line) => void (log += line) });

beforeEach(() => {
  log = '';
});

const workspace = useWorkspace(vault, logger);

afterEach(() => {
  vi.unstubAllEnvs();
});

const step = (name: string, action: string, what = 'it') => ({
  ...{ name, component: 'vault', action, inputs: { what } },
  depends_on: [],
});

describe('secrets of a request', () => {
  it('reach no log, span, label, event, error, record or history', { timeout: 60_000 }, async () => {
    const replies: WireReply[] = [
      {
        text: JSON.stringify({
          steps: [step('show', 'show', planted.request), step('open', 'open'), step('crash', 'crash')],
        }),
      },
      {
        chunks: [
          `It is ${planted.outputText.slice(0, 9)}`,
          planted.outputText.slice(9),
          `, told ${planted.providerKey}.`,
        ],
      },
    ];
    await using model = await startOpenAIWireServer({
      reply: (_request, index) =>
        replies[index] ?? { status: 401, message: `Incorrect API key provided: ${planted.providerKey}` },
    });
    await using receiver = await startOtlpReceiver();
    const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' };
    await using collected = await setupTelemetry({ environment, isGlobal: false, captureContent: true, logger });
    const prometheus = createPrometheusExporter({ telemetry: collected.telemetry });
    const { telemetry } = prometheus;
    const foreign = createRecordingLogger();
    await using aiClient = createAIClient({
      baseUrl: model.baseUrl,
      apiKey: planted.providerKey,
      headers: { 'x-api-key': planted.headerKey },
      model: 'test-model',
      telemetry,
    });
    await using orchestrator = createOrchestrator(
      { discovery: workspace.discovery, aiClient, telemetry, logger: foreign },
      { modelCalls: { enabled: true }, replanEnabled: false, semanticRetry: { enabled: false, maxAttempts: 0 } },
    );
    const seen: RunEvent[] = [];
    const words = `Show it and open it with ${planted.request}`;
    const response = await orchestrator.processRequest(
      words,
      { apiKey: planted.errorDetail },
      { onEvent: (event) => seen.push(event) },
    );
    const streamed = await Array.fromAsync(orchestrator.stream(`Again with ${planted.request}`, { cache: false }));

    // The results are their caller's: what a tool gave on request stays, what the process keeps secret does not.
    expect(response.steps['show']?.output).toMatchObject({ apiKey: planted.outputMember });
    expectClean('response', JSON.stringify({ ...response, steps: {}, plan: {}, metadata: {} }), ['outputText']);
    expectClean('response errors', inspect(response.errors, { depth: 10 }));
    expect(response.errors).toContainEqual(expect.objectContaining({ code: 'NOT_AUTHORIZED' }));

    expect(seen.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['step.completed', 'step.failed', 'synthesis.delta', 'run.completed']),
    );
    expectClean('events', JSON.stringify(seen));
    const told = seen.flatMap((event) => (event.type === 'synthesis.delta' ? [event.text] : [])).join('');
    expectClean('answer in pieces', told);
    expectClean('stream', JSON.stringify(streamed));
    expectClean('model calls', JSON.stringify(orchestrator.getModelCalls(response.requestId)));
    expect(orchestrator.getModelCalls(response.requestId).length).toBeGreaterThan(1);
    expectClean('history', JSON.stringify(orchestrator.getExecutionHistory()));
    expectClean('health', JSON.stringify(await orchestrator.healthCheck()));
    expectClean('logger of the application', inspect(foreign.records, { depth: 10 }));
    expect(foreign.records.length).toBeGreaterThan(1);

    await telemetry.withSpan(
      `call ${planted.outputText}`,
      { attributes: { list: [planted.outputList], 'my.password': planted.outputMember } },
      (span) => {
        span.addEvent(`event ${planted.request}`, { text: planted.errorMessage });
        span.recordError(new TypeError(planted.errorCause, { cause: new Error(planted.errorMessage) }));
        telemetry.recordMetric(
          'planted.count',
          1,
          { label: `x ${planted.request}`, token: planted.outputMember },
          { kind: 'counter' },
        );
        return Promise.resolve();
      },
    );
    await collected.flush();
    const bodies = Buffer.concat(receiver.requests.map(({ body }) => body)).toString('utf8');
    for (const expected of [
      'gen_ai.tool.call.result',
      'gen_ai.input.messages',
      'event [redacted]',
      'call [redacted]',
      'planted.count',
    ]) {
      expect(bodies).toContain(expected);
    }
    expectClean('OTLP', bodies);
    expect(prometheus.text()).toContain('planted_count_total{label="x [redacted]",token="[redacted]"} 1');
    expectClean('Prometheus', prometheus.text());
    logger.error(`direct ${planted.request}`, { password: planted.outputMember, error: new Error(planted.errorCause) });
    expect(log).toContain('A capability failed');
    expectClean('log', log);
  });

  it('reach no error of the client, its cause or its stack', async () => {
    const message = `Incorrect API key provided: ${planted.providerKey}; header ${planted.headerKey}`;
    await using model = await startOpenAIWireServer({ reply: () => ({ status: 401, message }) });
    await using aiClient = createAIClient({
      baseUrl: model.baseUrl,
      apiKey: planted.providerKey,
      headers: { 'x-api-key': planted.headerKey },
      model: 'test-model',
    });
    const asking = aiClient.generate({ messages: [{ role: 'user', content: 'Hello' }] });
    const error: unknown = await asking.catch((thrown: unknown) => thrown);
    expect(GomindError.isInstance(error, 'MODEL_AUTH')).toBe(true);
    expectClean('error', inspect(error, { depth: 10, showHidden: true }));
    expect((error as Error).cause).toBeInstanceOf(Error);
    expectClean('cause', String(((error as Error).cause as Error).stack));
  });

  it('reach no result of a plan whose calls the application makes', async () => {
    const events: RunEvent[] = [];
    const plan = { steps: [step('open', 'open')] };
    const call = (): Promise<never> =>
      Promise.reject(new Error(planted.errorMessage, { cause: new Error(planted.errorCause) }));
    const result = await executePlan(plan, { call, onEvent: (event) => events.push(event) });
    expectClean('result', inspect(result, { depth: 10 }));
    expectClean('events', JSON.stringify(events));
  });
});

const keyed = `
name: keyed
secrets: [VAULT_KEY]
steps:
  - { name: good, tool: vault, action: use, inputs: { key: '\${secrets.VAULT_KEY}' } }
  - { name: bad, tool: vault, action: use, inputs: { key: 'fail \${secrets.VAULT_KEY}' }, on_error: continue }
  - { name: worse, tool: vault, action: crash, inputs: { what: it } }
outputs: { said: '\${steps.good.output.said}' }
`;

describe('the secrets of a workflow', () => {
  it('reach nothing but the call, also when the tool repeats them', async () => {
    const prometheus = createPrometheusExporter();
    const { workflow } = parseWorkflow(keyed);
    const secrets = { get: () => planted.workflow };
    await using engine = createWorkflowEngine({
      discovery: workspace.discovery,
      secrets,
      logger,
      telemetry: prometheus.telemetry,
    });
    const events: RunEvent[] = [];
    const run = await engine.execute(workflow ?? expect.fail(), {}, { onEvent: (event) => events.push(event) });
    expect(run.steps['good']).toMatchObject({
      status: 'completed',
      output: { said: 'used [redacted]', encoded: '[redacted]' },
    });
    expect(run.steps['bad']).toMatchObject({ status: 'failed' });
    for (const [where, value] of Object.entries({ run, events })) expectClean(where, inspect(value, { depth: 20 }));
    expectClean('log', log);
    expectClean('Prometheus', prometheus.text());
  });

  it('are printed by no command', async () => {
    vi.stubEnv('VAULT_KEY', planted.workflow);
    for (const name of ['OPENAI_API_KEY', 'GOMIND_AI_PROVIDER', 'OPENAI_BASE_URL']) vi.stubEnv(name, '');
    const file = await workspace.write('keyed.yaml', keyed);
    const { components } = workspace;
    const printed: string[] = [];
    for (const words of [
      ['run', file, '--components', components],
      ['run', file, '--components', components, '--json'],
      ['run', workspace.at(`${planted.outputText}.yaml`), '--components', components],
      ['ask', `open it with ${planted.request}`, '--components', components],
    ]) {
      const { stdout, stderr } = await gomind(words);
      printed.push(stdout, stderr);
    }
    expect(printed.join('')).toContain('NOT_AUTHORIZED');
    expectClean('output of the commands', printed.join(''));
  });
});
