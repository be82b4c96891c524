/**
 * `pnpm test:nodes`: the suite under the other supported versions of Node, and the published packages on the oldest one.
 * Parameters are handed to vitest; versions of Node come from the package registry.
 *
 * @module
 */
import { dirname, join } from 'node:path';
import { createConsumerProject } from '@gomind/consumer-checks';
import { nodeFromRegistry } from './node-from-registry.ts';
import { runPublished } from './published-smoke.ts';
import { repositoryRoot, runCommand } from './run-command.ts';

/** The oldest that "engines" allows; it cannot run TypeScript, so it runs what is published. */
const oldest = '22.13.1';
const suiteVersions = ['22.23.3', '26.10.0'];

async function runSuite(version: string): Promise<number> {
  const node = await nodeFromRegistry(version);
  process.stdout.write(`\nThe suite on Node ${version}\n`);
  const environment = { PATH: `${dirname(node)}:${process.env['PATH'] ?? ''}`, NO_COLOR: '1' };
  const parameters = [join(repositoryRoot, 'node_modules/vitest/vitest.mjs'), 'run', ...process.argv.slice(2)];
  return (await runCommand(node, parameters, { environment, isShown: true })).code;
}

async function runPublishedOn(versions: readonly string[]): Promise<number> {
  process.stdout.write('The published packages\n');
  await using project = await createConsumerProject();
  for (const version of versions) {
    const { code } = await runPublished(project, await nodeFromRegistry(version));
    if (code !== 0) return code;
  }
  return 0;
}

let failures = (await runPublishedOn([oldest, ...suiteVersions])) === 0 ? 0 : 1;
for (const version of suiteVersions) if ((await runSuite(version)) !== 0) failures += 1;
process.exitCode = failures === 0 ? 0 : 1;
