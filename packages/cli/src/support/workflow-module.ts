/**
 * Workflows that are written in TypeScript or JavaScript: the module is run, and what it exports is the workflow.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { deserialize } from 'node:v8';
import type { WorkflowDefinition } from '@gomind/orchestration/workflow';
import type { CliContext } from './cli-context.ts';
import { UsageError } from './usage-error.ts';

/** What the process that runs a module says of it. */
type Loaded =
  | { readonly workflows: readonly (readonly [name: string, workflow: WorkflowDefinition])[] }
  | { readonly code: string | undefined; readonly message: string };

/**
 * Runs in a process of its own: somebody's code has no business in this one, and what it prints is no result. It answers on a
 * stream that nothing else writes to.
 */
const loader = `
import { writeFileSync } from 'node:fs';
import { serialize } from 'node:v8';
const isWorkflow = (value) => Array.isArray(value?.steps) && Array.isArray(value.migrations) && typeof value.name === 'string';
let answer;
try {
  const entries = Object.entries(await import(process.argv[1])).filter(([, value]) => isWorkflow(value));
  answer = { workflows: entries.filter(([, value], at) => entries.findIndex(([, other]) => other === value) === at) };
  serialize(answer);
} catch (error) {
  answer = { code: error?.code, message: String(error?.message ?? error) };
}
writeFileSync(3, serialize(answer));
process.exit();
`;

/**
 * The one workflow that a module exports.
 *
 * @throws UsageError when it cannot be loaded, or exports none or several
 */
export async function importWorkflow(
  path: string,
  { signal }: Pick<CliContext, 'signal'>,
): Promise<WorkflowDefinition> {
  const loaded = await load(pathToFileURL(resolve(path)).href, signal);
  if ('message' in loaded) {
    throw new UsageError(
      loaded.code === 'ERR_UNKNOWN_FILE_EXTENSION'
        ? `${path} cannot be loaded: Node ${process.versions.node} does not run TypeScript. Use Node 22.18 or later, or JavaScript.`
        : `${path} cannot be loaded: ${loaded.message}`,
    );
  }
  const [only, ...others] = loaded.workflows;
  if (only === undefined) throw new UsageError(`${path} exports no workflow. Export what ".build()" returns.`);
  if (others.length > 0) {
    const names = loaded.workflows.map(([name]) => name).join(', ');
    throw new UsageError(`${path} exports several workflows: ${names}. Export one.`);
  }
  return only[1];
}

async function load(url: string, signal: AbortSignal): Promise<Loaded> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', loader, url], {
    stdio: ['ignore', process.stderr.fd, process.stderr.fd, 'pipe'],
    signal,
  });
  const chunks: Buffer[] = [];
  child.stdio[3]?.on('data', (chunk: Buffer) => chunks.push(chunk));
  await new Promise<void>((done, fail) => {
    child.once('error', fail);
    child.once('close', () => {
      done();
    });
  });
  if (chunks.length === 0) return { code: undefined, message: 'its process ended before it was loaded.' };
  return deserialize(Buffer.concat(chunks)) as Loaded;
}
