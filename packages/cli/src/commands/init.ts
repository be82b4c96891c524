/**
 * `gomind init`: a project to begin with.
 *
 * @module
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { workflowJsonSchema } from '@gomind/orchestration/workflow';
import { type CliContext, type ExitCode, exitCodes } from '../support/cli-context.ts';
import { ownVersion } from '../support/own-version.ts';
import { UsageError } from '../support/usage-error.ts';
import { templates } from './templates.ts';

/** Options of the command. */
export interface InitOptions {
  /** Default: `tool`. */
  readonly template?: string;
  readonly json?: boolean;
}

/** Runs the command. */
export async function init(folder: string, options: InitOptions, context: CliContext): Promise<ExitCode> {
  const { template = 'tool' } = options;
  const make = Object.hasOwn(templates, template) ? templates[template] : undefined;
  if (make === undefined)
    throw new UsageError(`There is no template "${template}". Templates: ${Object.keys(templates).join(', ')}.`);
  const target = resolve(folder);
  const name = basename(target)
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]/g, '-');
  const files = {
    ...make(name, `^${ownVersion()}`),
    ...(template === 'workflow'
      ? { 'workflow.schema.json': `${JSON.stringify(workflowJsonSchema(), null, 2)}\n` }
      : {}),
  };
  await mkdir(target, { recursive: true });
  for (const [path, content] of Object.entries(files)) await writeNew(join(target, path), content);
  const written = Object.keys(files);
  context.stdout.write(
    options.json === true
      ? `${JSON.stringify({ folder: target, files: written }, null, 2)}\n`
      : `${written.map((path) => `  ${path}`).join('\n')}\n\nNext: cd ${folder} && npm install && npm start\n`,
  );
  return exitCodes.ok;
}

/** Never writes over a file that is there. */
async function writeNew(path: string, content: string): Promise<void> {
  try {
    await writeFile(path, content, { flag: 'wx' });
  } catch (error) {
    const isThere = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    throw isThere ? new UsageError(`${path} is there already; choose an empty folder.`) : error;
  }
}
