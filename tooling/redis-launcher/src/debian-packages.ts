/**
 * Redis out of Debian's packages, without root: a private apt state, download, unpack. Nothing is installed on the system.
 *
 * @module
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Environment, findProgram, runProgram } from './find-program.ts';
import { programCommand, type ServerCommand } from './server-command.ts';

/** `redis-tools` holds the program, the others are what it links against besides Debian's base. */
const packages = ['redis-server', 'redis-tools', 'libjemalloc2', 'liblzf1', 'libatomic1'];
const downloadTimeoutMs = 120_000;

/**
 * The server of the unpacked packages; they are downloaded the first time.
 *
 * @param folder where the unpacked packages are kept
 * @returns the command, or why there is none
 */
export function debianServer(folder: string, environment: Environment): ServerCommand | string {
  if (!existsSync(programIn(folder))) {
    const failure = unpackInto(folder, environment);
    if (failure !== undefined) return failure;
  }
  const libraries = join(folder, 'usr/lib');
  const libraryPath = readdirSync(libraries)
    .filter((name) => name.includes('linux'))
    .map((name) => join(libraries, name))
    .join(':');
  const file = programIn(folder);
  const usable = runProgram(file, ['--version'], {
    timeoutMs: 10_000,
    environment: { ...environment, LD_LIBRARY_PATH: libraryPath },
  });
  if (usable !== undefined) return `the unpacked redis-server does not run (${usable})`;
  return programCommand({ origin: 'Debian packages', file, environment: { LD_LIBRARY_PATH: libraryPath } });
}

function programIn(folder: string): string {
  return join(folder, 'usr/bin/redis-server');
}

function unpackInto(folder: string, environment: Environment): string | undefined {
  const apt = findProgram('apt-get', environment);
  const dpkg = findProgram('dpkg-deb', environment);
  if (apt === undefined || dpkg === undefined) return 'there is no apt-get';
  mkdirSync(dirname(folder), { recursive: true });
  // Unpacked aside and renamed, so that others who do the same at the same time see all or nothing.
  const work = mkdtempSync(`${folder}-`);
  try {
    const failure = download(apt, work, environment) ?? unpack(dpkg, work, environment);
    if (failure !== undefined) return failure;
    if (!existsSync(programIn(folder))) renameSync(join(work, 'root'), folder);
    return undefined;
  } catch (error) {
    return existsSync(programIn(folder)) ? undefined : String(error);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function download(apt: string, work: string, environment: Environment): string | undefined {
  for (const name of ['state/lists/partial', 'cache/archives/partial', 'debs'])
    mkdirSync(join(work, name), { recursive: true });
  const settings = [
    `Dir::State=${join(work, 'state')}`,
    'Dir::State::status=/var/lib/dpkg/status',
    `Dir::Cache=${join(work, 'cache')}`,
    'APT::Sandbox::User=',
    'Debug::NoLocking=true',
    'Acquire::Languages=none',
    'Acquire::Retries=3',
    'Acquire::http::Timeout=20',
  ].flatMap((setting) => ['-o', setting]);
  const options = { timeoutMs: downloadTimeoutMs, cwd: join(work, 'debs'), environment };
  return (
    runProgram(apt, ['-qq', ...settings, 'update'], options) ??
    runProgram(apt, ['-qq', ...settings, 'download', ...packages], options)
  );
}

function unpack(dpkg: string, work: string, environment: Environment): string | undefined {
  const archives = readdirSync(join(work, 'debs')).filter((name) => name.endsWith('.deb'));
  for (const archive of archives) {
    const failure = runProgram(dpkg, ['-x', join(work, 'debs', archive), join(work, 'root')], {
      timeoutMs: 60_000,
      environment,
    });
    if (failure !== undefined) return failure;
  }
  return undefined;
}
