/**
 * How a Redis server is started and signalled, whatever it runs in.
 *
 * @module
 */
import type { ChildProcess } from 'node:child_process';

/** Signals that a test sends to a server. */
export type ServerSignal = 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT';

/** One way to run a server. */
export interface ServerCommand {
  /** For messages, for example `redis-server on PATH`. */
  readonly origin: string;
  /** What to spawn for a server on a loopback port. */
  launch(
    port: number,
    directory: string,
  ): {
    readonly file: string;
    readonly parameters: readonly string[];
    readonly environment?: Readonly<Record<string, string>>;
  };
  /** Signals the server itself, which need not be the spawned process. */
  signal(child: ChildProcess, port: number, signal: ServerSignal): void;
  /** A shell command that ends the server when nobody is left to do so; `$1` is the spawned process. */
  lastResort(port: number): string;
  /** Process id of the server, where it is a process of this machine. */
  readonly hasPid: boolean;
}

/** Arguments of a server that writes nothing to disk. */
export function serverParameters(port: number, directory: string, bind: string): string[] {
  return [
    ...['--port', String(port)],
    ...['--bind', bind],
    ...['--dir', directory],
    ...['--save', ''],
    ...['--appendonly', 'no'],
    ...['--daemonize', 'no'],
    ...['--loglevel', 'warning'],
    ...['--maxmemory-policy', 'noeviction'],
  ];
}

/** A server program on this machine. */
export function programCommand(options: {
  readonly origin: string;
  readonly file: string;
  readonly environment?: Readonly<Record<string, string>>;
}): ServerCommand {
  const { origin, file, environment } = options;
  return {
    origin,
    hasPid: true,
    launch: (port, directory) => ({
      file,
      parameters: serverParameters(port, directory, '127.0.0.1'),
      ...(environment === undefined ? {} : { environment }),
    }),
    signal: (child, _port, signal) => {
      child.kill(signal);
    },
    lastResort: () => 'kill -9 "$1"',
  };
}
