import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Starts the demo as its command does, on the repository's own Node and with a pipe for a terminal. */
async function startDemo(): Promise<{ readonly told: readonly string[]; readonly code: unknown }> {
  const root = join(import.meta.dirname, '../../..');
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  const [program = '', ...words] = (scripts['demo:resilience'] ?? '').split(' ');
  const child = spawn(join(root, 'node_modules/.bin', program), words, {
    cwd: root,
    env: {},
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let told = '';
  child.stdout.on('data', (chunk: Buffer) => (told += chunk.toString()));
  const code = await new Promise((resolve) => child.once('exit', resolve));
  return { told: told.split('\n').map((line) => line.trim()), code };
}

/** The lines that matter, in their order; what the clock says is not among them. */
const story = [
  '= completed, ai: 100 USD are 90 EUR, says rates-east.',
  '! the circuit of rates-east: closed -> open (failure-rate)',
  'rates-west is asked instead',
  '= completed, cached-plan: 100 USD are 90 EUR, says rates-west.',
  'planned by ai: rates-west.convert',
  'rates-east was called 0 times for it',
  'health: degraded ("rates-east" failed too often and is left alone for a while.)',
  '! the circuit of model:test: closed -> open (failure-rate)',
  '= degraded, basic-router: 40 GBP are 46 EUR, says rates-west.',
  'The model was called 0 times for it',
  '! the circuit of rates-west: closed -> open (failure-rate)',
  '= degraded, cached-answer: 100 USD are 90 EUR, says rates-west.',
  'rates-west was called 0 times for it',
  '! the circuit of model:test: half-open -> closed (probe-succeeded)',
  '! the circuit of rates-east: half-open -> closed (probe-succeeded)',
  '= completed, ai: 70 USD are 60 CHF, says rates-east.',
  '! the circuit of rates-west: half-open -> closed (probe-succeeded)',
  '= completed, ai: 80 USD are 68.57 CHF, says rates-west.',
  'health: healthy',
];

describe('demo:resilience', () => {
  it('shows failure, failover, degradation and recovery by itself, in plain lines', async () => {
    const { told, code } = await startDemo();
    let at = 0;
    for (const line of story) {
      const found = told.indexOf(line, at);
      expect(found, `"${line}" behind line ${String(at)} of\n${told.join('\n')}`).not.toBe(-1);
      at = found + 1;
    }
    expect(told.join('\n')).not.toContain('\u001B');
    expect(code).toBe(0);
  });
});
