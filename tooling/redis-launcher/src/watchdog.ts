/**
 * Ends what was started when the process that started it is gone, however it went.
 *
 * @module
 */
import { spawn } from 'node:child_process';

/**
 * Starts a shell that waits for the end of this process (its end of a pipe closes) and then runs a command. A process that
 * dies by SIGKILL runs no exit handlers; the pipe closes all the same.
 *
 * @param command shell text; `$1`, `$2` are the parameters
 * @returns calls the watchdog off
 */
export function startWatchdog(command: string, parameters: readonly string[]): () => void {
  if (process.platform === 'win32') return () => undefined;
  const script = `cat >/dev/null; ${command} >/dev/null 2>&1; rm -rf "$2"`;
  // A process group of its own: Ctrl-C must not end the watchdog before its work.
  const watchdog = spawn('sh', ['-c', script, 'watchdog', ...parameters], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watchdog.on('error', () => undefined);
  watchdog.stdin.on('error', () => undefined);
  watchdog.unref();
  (watchdog.stdin as { readonly unref?: () => void }).unref?.();
  return () => {
    if (watchdog.pid === undefined || watchdog.exitCode !== null) return;
    try {
      process.kill(-watchdog.pid, 'SIGKILL');
    } catch {
      // It is gone already.
    }
  };
}
