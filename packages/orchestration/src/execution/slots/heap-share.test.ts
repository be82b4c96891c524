import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { heapShareOfProcess, oldGenerationLimit } from './heap-share.ts';

const run = promisify(execFile);
const filling = join(import.meta.dirname, '../../../test/filling-process.ts');

describe('heapShareOfProcess', () => {
  it.each([
    ['its own options', ['--max-old-space-size=64'], {}],
    ['NODE_OPTIONS', [], { NODE_OPTIONS: '--max-old-space-size=64' }],
  ])(
    'shows that a small heap, set by %s, is nearly full before it is',
    { timeout: 60_000 },
    async (_what, options, env) => {
      const { stdout } = await run(process.execPath, [...options, filling], { env: { ...process.env, ...env } });
      expect(Number(stdout)).toBeGreaterThan(10);
    },
  );

  it('is a share', () => {
    const share = heapShareOfProcess();
    expect(share).toBeGreaterThan(0);
    expect(share).toBeLessThan(1);
  });
});

describe('oldGenerationLimit', () => {
  it.each([
    [['--max-old-space-size=256'], undefined, 256],
    [['--max_old_space_size=256', '--inspect', '--max-old-space-size=512'], undefined, 512],
    [['--max-old-space-size=256'], 64, 64],
    [['--max-old-space-size=0'], undefined, undefined],
    [['', '--max-old-space-size-percentage=50'], undefined, undefined],
    [[], undefined, undefined],
  ])('of %j in a worker with %s is %s MiB', (nodeOptions, workerLimitMiB, expected) => {
    expect(oldGenerationLimit({ nodeOptions, workerLimitMiB })).toBe(
      expected === undefined ? undefined : expected * 1_048_576,
    );
  });
});
