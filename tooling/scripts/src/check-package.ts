/**
 * `pnpm pkgcheck`, run in the folder of a package: packs it as it is published and judges the tarball.
 *
 * @module
 */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type PublishedManifest, packageFaults } from './package-faults.ts';
import { type CommandOutcome, repositoryRoot, runCommand, runPnpm } from './run-command.ts';

const folder = process.cwd();
const programs = join(repositoryRoot, 'node_modules/.bin');

/** @throws Error with what the program wrote, when it fails */
async function expectSuccess(running: Promise<CommandOutcome>): Promise<string> {
  const { code, output } = await running;
  if (code !== 0) throw new Error(output.trimEnd());
  return output;
}

async function pack(): Promise<string> {
  const destination = join(folder, '.pack');
  rmSync(destination, { recursive: true, force: true });
  mkdirSync(destination);
  await expectSuccess(runPnpm(['pack', '--pack-destination', destination], { folder }));
  const [file] = readdirSync(destination);
  if (file === undefined) throw new Error(`pnpm pack left no tarball in ${destination}.`);
  return join(destination, file);
}

async function check(): Promise<string> {
  const tarball = await pack();
  const listing = await expectSuccess(runCommand('tar', ['-tzf', tarball], { folder }));
  const files = new Set(listing.split('\n').map((line) => line.replace(/^package\//, '').trim()));
  const manifestText = await expectSuccess(runCommand('tar', ['-xzOf', tarball, 'package/package.json'], { folder }));
  const manifest = JSON.parse(manifestText) as PublishedManifest;
  const faults = packageFaults(manifest, files);
  if (faults.length > 0) throw new Error(faults.join('\n'));
  await expectSuccess(runCommand(join(programs, 'publint'), ['run', tarball, '--strict'], { folder }));
  await expectSuccess(runCommand(join(programs, 'attw'), [tarball, '--profile', 'esm-only', '--no-emoji'], { folder }));
  return `${String(files.size)} files, in order`;
}

try {
  process.stdout.write(`${await check()}\n`);
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  process.stderr.write(`The package in ${folder} is not fit to be published:\n${reason}\n`);
  process.exitCode = 1;
}
