/**
 * Redis in a container, published on a loopback port alone.
 *
 * @module
 */
import { type Environment, findProgram, runProgram } from './find-program.ts';
import { serverParameters, type ServerCommand } from './server-command.ts';

const image = 'redis:7-alpine';

/** @returns the command, or why there is none */
export function dockerServer(environment: Environment): ServerCommand | string {
  const docker = findProgram('docker', environment);
  if (docker === undefined) return 'there is no docker';
  // The client may be there without its daemon.
  const failure = runProgram(docker, ['info'], { timeoutMs: 5_000, environment });
  if (failure !== undefined) return `docker does not answer (${failure})`;
  const nameOf = (port: number): string => `gomind-redis-${String(process.pid)}-${String(port)}`;
  return {
    origin: 'docker',
    hasPid: false,
    launch: (port) => ({
      file: docker,
      parameters: [
        ...[
          'run',
          '--rm',
          '--name',
          nameOf(port),
          '--publish',
          `127.0.0.1:${String(port)}:6379`,
          image,
          'redis-server',
        ],
        ...serverParameters(6379, '/data', '0.0.0.0'),
        ...['--protected-mode', 'no'],
      ],
    }),
    signal: (_child, port, signal) => {
      runProgram(docker, ['kill', '--signal', signal, nameOf(port)], { timeoutMs: 10_000, environment });
    },
    lastResort: (port) => `'${docker}' kill '${nameOf(port)}'`,
  };
}
