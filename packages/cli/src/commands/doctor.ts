/**
 * `gomind doctor`: looks at what a working setup needs, and says what to do about what is missing.
 *
 * @module
 */
import { createServer } from 'node:net';
import { GomindError, readEnv, readEnvInteger, toGomindError, variablesWithoutEffect } from '@gomind/core';
import { closeAfter } from '../support/close-after.ts';
import { type CliContext, type ExitCode, exitCodes } from '../support/cli-context.ts';
import { type Finding, showFindings } from '../support/findings.ts';
import { nodeComplaint } from '../support/node-version.ts';
import { quietLogger } from '../support/quiet-logger.ts';

/** Options of the command. */
export interface DoctorOptions {
  readonly json?: boolean;
  /** Also makes one small call of the model, which may cost something. */
  readonly model?: boolean;
}

/** Runs the command. */
export async function doctor(options: DoctorOptions, context: CliContext): Promise<ExitCode> {
  const findings = [
    checkNode(),
    ...(await checkEnvironment()),
    await look('Redis', checkRedis),
    await look('Model', () => checkModel(options, context)),
    await look('Port', checkPort),
  ];
  return showFindings(findings, options, context) ? exitCodes.ok : exitCodes.failed;
}

function checkNode(): Finding {
  const complaint = nodeComplaint(process.version);
  return { check: 'Node', state: complaint === undefined ? 'ok' : 'problem', message: complaint ?? process.version };
}

/** What cannot even be looked at is a finding too: the other checks go on. */
async function look(check: string, find: () => Promise<Finding>): Promise<Finding> {
  try {
    return await find();
  } catch (error) {
    return { check, state: 'problem', message: toGomindError(error, { code: 'INTERNAL_ERROR' }).message };
  }
}

async function checkEnvironment(): Promise<Finding[]> {
  const check = 'Environment';
  const notes = variablesWithoutEffect().map(({ message }): Finding => ({ check, state: 'note', message }));
  const settings = await look(check, async () => {
    const { createWorkflowEngine } = await import('@gomind/orchestration');
    // What cannot be read is told when something is made of it.
    const engine = createWorkflowEngine({ call: refuse, ...quietLogger() });
    await engine.close();
    return { check, state: 'ok', message: 'the settings of orchestrators can be read' };
  });
  return [settings, ...notes];
}

function refuse(): Promise<never> {
  return Promise.reject(new GomindError({ code: 'CONFIG_INVALID', message: 'Nothing is called here.' }));
}

async function checkRedis(): Promise<Finding> {
  return closeAfter(async (keep) => {
    const url = readEnv('REDIS_URL');
    if (url === undefined) {
      return {
        check: 'Redis',
        state: 'note',
        message: 'REDIS_URL is not set; components come from --components or within one process.',
      };
    }
    const { RedisDiscovery } = await import('@gomind/redis');
    const discovery = keep(new RedisDiscovery({ url, ...quietLogger() }));
    try {
      await discovery.ping();
      const found = await discovery.discover();
      return { check: 'Redis', state: 'ok', message: `reachable, ${String(found.length)} components registered` };
    } catch (error) {
      return { check: 'Redis', state: 'problem', message: toGomindError(error, { code: 'STORE_UNAVAILABLE' }).message };
    }
  });
}

async function checkModel(options: DoctorOptions, context: CliContext): Promise<Finding> {
  return closeAfter(async (keep) => {
    const { createAIClientFromEnvironment } = await import('@gomind/ai');
    const aiClient = keep(createAIClientFromEnvironment());
    if (aiClient.isConfigured === false) {
      return {
        check: 'Model',
        state: 'note',
        message: 'none is configured, so the basic router plans. Set OPENAI_API_KEY, or OPENAI_BASE_URL.',
      };
    }
    if (options.model !== true) {
      return {
        check: 'Model',
        state: 'ok',
        message: `${aiClient.provider} is configured; --model calls it once to see whether it answers`,
      };
    }
    try {
      const { model } = await aiClient.generate({
        messages: [{ role: 'user', content: 'Say OK.' }],
        maxOutputTokens: 16,
        timeoutMs: 20_000,
        signal: context.signal,
      });
      return { check: 'Model', state: 'ok', message: `${aiClient.provider} answers with ${model}` };
    } catch (error) {
      const { code, message } = toGomindError(error, { code: 'MODEL_UNAVAILABLE' });
      return { check: 'Model', state: 'problem', message: `${code}: ${message}` };
    }
  });
}

async function checkPort(): Promise<Finding> {
  const port = readEnvInteger('GOMIND_PORT', { max: 65_535 }) ?? 8_080;
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve({
        check: 'Port',
        state: 'note',
        message: `${String(port)} is taken on 127.0.0.1; set GOMIND_PORT to another for a server.`,
      });
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve({ check: 'Port', state: 'ok', message: `${String(port)} is free on 127.0.0.1` });
      });
    });
  });
}
