import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAIClient } from '@gomind/ai';
import {
  type OpenAIWireServer,
  startOpenAIWireServer,
  type WireReply,
  type WireRequest,
} from '@gomind/openai-wire-server';
import { parseWorkflow } from '@gomind/orchestration';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scriptedReply } from '../test/scripted-model.ts';
import {
  type Call,
  callsOf,
  type HybridAnalysis,
  hybridFile,
  keepAsWorkflow,
  runFile,
  startHybridAnalysis,
} from './hybrid-analysis.ts';
import { request } from './show.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gomind-hybrid-test-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

interface Stage {
  readonly analysis: HybridAnalysis;
  readonly model: OpenAIWireServer;
}

/** The app with a model behind the real SDK. */
async function onStage<T>(act: (stage: Stage) => Promise<T>, reply = scriptedReply as Reply): Promise<T> {
  await using model = await startOpenAIWireServer({ reply });
  await using aiClient = createAIClient({ baseUrl: model.baseUrl, apiKey: 'test', model: 'test-model' });
  await using analysis = await startHybridAnalysis(aiClient);
  return await act({ analysis, model });
}

type Reply = (request: WireRequest, index: number) => WireReply;

async function explore({ analysis }: Stage) {
  const calls: Call[] = [];
  const onEvent = (event: Parameters<typeof callsOf>[0]): void => void calls.push(...callsOf(event));
  const response = await analysis.orchestrator.processRequest(request, {}, { onEvent });
  return { run: { ...response, request }, calls };
}

const targetsOf = (calls: readonly Call[]): string[] => calls.map(({ target }) => target).toSorted();

describe('a run that is kept as a workflow', () => {
  it('has the words of the request as inputs, and their values as defaults', async () => {
    await onStage(async (stage) => {
      const { run } = await explore(stage);
      expect(run).toMatchObject({ status: 'completed', mode: 'ai', response: 'It rises, and its press is good.' });
      const { workflow, diagnostics } = parseWorkflow(
        await keepAsWorkflow(stage.analysis, run, join(folder, 'kept.yaml')),
        { components: await stage.analysis.discovery.discover() },
      );
      expect(diagnostics).toEqual([]);
      expect(Object.entries(workflow?.inputs ?? {}).map(([name, input]) => [name, input.default])).toEqual([
        ['company', 'Kestrel Robotics'],
        ['days', 20],
        ['limit', 3],
      ]);
      expect(workflow?.steps.map(({ name }) => name)).toEqual([
        'read_market',
        'read_news',
        'find_trend',
        'score_tone',
        'write_outlook',
      ]);
    });
  });

  it('makes the same calls for other inputs, and nobody plans', async () => {
    await onStage(async (stage) => {
      const { run, calls } = await explore(stage);
      const file = join(folder, 'kept.yaml');
      await keepAsWorkflow(stage.analysis, run, file);
      expect(stage.model.requests).toHaveLength(2);
      const kept = await runFile(stage.analysis, file, { company: 'HBRW', days: 10 });
      expect(stage.model.requests).toHaveLength(2);
      expect(targetsOf(kept.calls)).toEqual(targetsOf(calls));
      expect(kept.calls.find(({ step }) => step === 'read_market')?.inputs).toEqual({ company: 'HBRW', days: 10 });
      expect(kept.calls.find(({ step }) => step === 'read_news')?.inputs).toEqual({ company: 'HBRW', limit: 3 });
      expect(kept.run).toMatchObject({
        status: 'completed',
        outputs: {
          write_outlook: { outlook: 'unfavourable', summary: expect.stringContaining('Harbour Wind') as string },
        },
      });
    });
  });

  it('is no file when the run did not complete', async () => {
    const misled: Reply = (wire, index) => {
      const reply = scriptedReply(wire);
      return index === 0 && 'text' in reply
        ? { text: reply.text.replaceAll('Kestrel Robotics', 'Nobody Inc') }
        : { status: 400 };
    };
    await onStage(async (stage) => {
      const { run } = await explore(stage);
      const file = join(folder, 'kept.yaml');
      await expect(keepAsWorkflow(stage.analysis, run, file)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
      await expect(access(file)).rejects.toMatchObject({ code: 'ENOENT' });
    }, misled);
  });
});

describe('the hybrid workflow', () => {
  const inputs = { company: 'Kestrel Robotics', request: 'How does Kestrel Robotics stand?' };

  it('has the steps of the reference', () => {
    const { workflow, diagnostics } = parseWorkflow(readFileSync(hybridFile, 'utf8'));
    expect(diagnostics).toEqual([]);
    expect(workflow?.steps.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      'understand-request ai-routing',
      'gather-data parallel',
      'analyze ai-routing',
    ]);
  });

  it('plans two of its steps while it runs, by what was gathered', async () => {
    await onStage(async ({ analysis, model }) => {
      const spoken = await runFile(analysis, hybridFile, inputs);
      expect(model.requests).toHaveLength(2);
      expect(spoken.run).toMatchObject({
        status: 'completed',
        outputs: {
          sources: { find: { sources: [{ tool: 'market-data' }, { tool: 'news-feed' }] } },
          analysis: { trend: { trend: 'up' }, tone: { tone: 'good' }, outlook: { outlook: 'favourable' } },
        },
      });
      const silent = await runFile(analysis, hybridFile, { ...inputs, company: 'Juniper Foods' });
      expect(silent.run).toMatchObject({
        status: 'completed',
        outputs: { analysis: { outlook: { outlook: 'unclear' } } },
      });
      expect(targetsOf(silent.calls)).not.toContain('tone-analyst.score_tone');
    });
  });

  it('refuses a plan beyond the components of its step, and takes the corrected one', async () => {
    let isFirst = true;
    const beyond: Reply = (wire) => {
      const isAnalysis = JSON.stringify(wire.body).includes('write_outlook');
      if (!isAnalysis || !isFirst) return scriptedReply({ ...wire, body: withQuestion(wire.body) });
      isFirst = false;
      const step = { name: 'peek', component: 'market-data', action: 'read_market', inputs: { company: 'KSTR' } };
      return { text: JSON.stringify({ steps: [{ ...step, depends_on: [] }] }) };
    };
    await onStage(async ({ analysis, model }) => {
      const { run, calls } = await runFile(analysis, hybridFile, inputs);
      expect(run.status).toBe('completed');
      expect(model.requests).toHaveLength(3);
      expect(calls.filter(({ step }) => step.startsWith('analyze/')).map(({ step }) => step)).not.toContain(
        'analyze/peek',
      );
    }, beyond);
  });

  it('fails with the reason, and keeps what the fixed steps gathered, when the model is away', async () => {
    await onStage(
      async ({ analysis }) => {
        const { run } = await runFile(analysis, hybridFile, inputs);
        expect(run).toMatchObject({ status: 'failed', steps: { 'gather-data': { status: 'completed' } } });
        expect(run.errors.map(({ step, code }) => `${step ?? ''} ${code}`).toSorted()).toEqual([
          'analyze MODEL_AUTH',
          'understand-request MODEL_AUTH',
        ]);
      },
      () => ({ status: 401 }),
    );
  });
});

/** The request as it was first asked: a repair adds turns to it. */
function withQuestion(body: WireRequest['body']): WireRequest['body'] {
  const messages = body['messages'] as readonly { readonly role: string }[];
  return { ...body, messages: messages.slice(0, messages.findIndex(({ role }) => role === 'user') + 1) };
}

describe('demo:hybrid', () => {
  it('tells the whole story by itself, as it is started', async () => {
    const root = join(import.meta.dirname, '../../..');
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      readonly scripts: Readonly<Record<string, string>>;
    };
    const [program = '', ...words] = (scripts['demo:hybrid'] ?? '').split(' ');
    // The repository's own Node, as the package manager finds it.
    const child = spawn(join(root, 'node_modules/.bin', program), words, {
      cwd: root,
      env: { TMPDIR: folder },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let told = '';
    child.stdout.on('data', (chunk: Buffer) => (told += chunk.toString()));
    const code = await new Promise((resolve) => child.once('exit', resolve));
    expect(told.match(/calls of components: \d+, calls of the model: \d+/g)).toEqual([
      'calls of components: 5, calls of the model: 2',
      'calls of components: 5, calls of the model: 0',
      'calls of components: 6, calls of the model: 2',
      'calls of components: 5, calls of the model: 2',
    ]);
    expect(told).toContain('company: ${inputs.company}');
    expect(told).toContain('Harbour Wind looks unfavourable');
    expect(told).toContain('Juniper Foods looks unclear');
    expect(code).toBe(0);
  });
});
