/**
 * Which Redis server this machine can run.
 *
 * @module
 */
import { accessSync, constants, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { debianServer } from './debian-packages.ts';
import { dockerServer } from './docker-server.ts';
import { type Environment, findProgram } from './find-program.ts';
import { programCommand, type ServerCommand } from './server-command.ts';

/**
 * The first that works of: `redis-server` or `valkey-server` on PATH, Debian's packages unpacked privately, docker.
 *
 * @param cacheFolder where unpacked packages are kept
 * @throws Error that names all ways and what to do
 */
export function findServer(environment: Environment, cacheFolder: string = defaultCacheFolder()): ServerCommand {
  for (const name of ['redis-server', 'valkey-server']) {
    const file = findProgram(name, environment);
    if (file !== undefined) return programCommand({ origin: `${name} on PATH`, file });
  }
  const debian = debianServer(join(cacheFolder, 'debian'), environment);
  if (typeof debian !== 'string') return debian;
  const docker = dockerServer(environment);
  if (typeof docker !== 'string') return docker;
  throw new Error(
    'No Redis server can be started. Tried: REDIS_URL (not set or not wanted), redis-server on PATH (not found), ' +
      `Debian packages (${debian}), docker (${docker}). Set REDIS_URL to a server that tests may use, or install one: ` +
      'apt-get install redis-server, brew install redis, or start docker.',
  );
}

/** `node_modules/.cache` of the workspace where it can be written, else the system's folder for temporary files. */
function defaultCacheFolder(): string {
  for (let folder = import.meta.dirname; dirname(folder) !== folder; folder = dirname(folder)) {
    const modules = join(folder, 'node_modules');
    if (existsSync(join(folder, 'pnpm-workspace.yaml')) && isWritable(modules))
      return join(modules, '.cache', 'redis-launcher');
  }
  return join(tmpdir(), 'gomind-redis-launcher');
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
