/**
 * Components that listen in another process, so that what is measured is the caller.
 *
 * @module
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { ComponentInfo, EffectClass } from '@gomind/core';

/** Components at work. */
export interface LocalComponents extends AsyncDisposable {
  readonly components: readonly ComponentInfo[];
}

/**
 * Starts components that answer `quote` at once.
 *
 * @param count how many; each listens on a port of its own
 * @param effect of the capability
 */
export async function startLocalComponents(count: number, effect: EffectClass): Promise<LocalComponents> {
  const child = fork(join(import.meta.dirname, 'http-server-process.ts'), [String(count)]);
  const [ports] = (await once(child, 'message')) as [number[]];
  return {
    components: ports.map((port, index) => ({
      id: `tool-${String(index)}`,
      name: `tool-${String(index)}`,
      type: 'tool',
      description: '',
      address: '127.0.0.1',
      port,
      capabilities: [{ name: 'quote', description: '', effect }],
    })),
    [Symbol.asyncDispose]: async () => {
      const exit = once(child, 'exit');
      child.disconnect();
      await exit;
    },
  };
}
