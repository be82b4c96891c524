import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';

function* endless(): Generator<Buffer> {
  for (;;) yield Buffer.alloc(65_536);
}

const main = join(import.meta.dirname, 'main.ts');

describe('the gomind process', () => {
  it('cancels cleanly on Ctrl-C, prints what was cancelled and exits with 130', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gomind-process-'));
    const file = join(folder, 'wait.yaml');
    await writeFile(
      file,
      'name: wait\nsteps: [{name: long, type: wait, duration: 1h}]\nfinally: [{name: rest, type: wait, duration: 1ms}]\n',
    );
    const child = spawn(process.execPath, [main, 'run', file], { stdio: ['ignore', 'pipe', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      const before = stderr;
      stderr += chunk.toString();
      if (!before.includes('waiting') && stderr.includes('waiting')) child.kill('SIGINT');
    });
    const code = await new Promise((resolve) => child.once('exit', resolve));
    await rm(folder, { recursive: true });
    expect(stderr).toContain('- long');
    expect(stderr).toContain('✔ rest');
    expect(code).toBe(130);
  });

  it('reads a workflow from a pipe', async () => {
    const child = spawn(process.execPath, [main, 'validate', '-'], { stdio: ['pipe', 'pipe', 'inherit'] });
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stdin.end('name: a\nsteps: [{name: s, tool: t}]\n');
    const code = await new Promise((resolve) => child.once('exit', resolve));
    expect(stdout).toBe('-: ok, 1 step\n');
    expect(code).toBe(0);
  });

  it('goes on to its end when nobody reads what it prints', async () => {
    const child = spawn(process.execPath, [main, 'validate', '-'], { stdio: ['pipe', 'pipe', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdout.destroy();
    await once(child.stdout, 'close');
    child.stdin.end('name: a\nsteps: [{name: s}, {name: s}]\n');
    const code = await new Promise((resolve) => child.once('exit', resolve));
    expect(stderr).toBe('');
    expect(code).toBe(1);
  });

  it('ends for a pipe that never does', async () => {
    const child = spawn(process.execPath, [main, 'validate', '-'], { stdio: ['pipe', 'pipe', 'inherit'] });
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    const zeros = Readable.from(endless());
    pipeline(zeros, child.stdin, () => undefined);
    const code = await new Promise((resolve) => child.once('exit', resolve));
    expect(stdout).toContain('LIMIT_EXCEEDED');
    expect(code).toBe(1);
  });
});
