import { describe, expect, inject, it } from 'vitest';
import { publishedPackages, runProgram } from './repository.ts';

const folder = inject('consumerFolder');

/** @returns the packages and built-in modules that are loaded by running the code, as import or require */
async function loadedBy(code: string): Promise<string[]> {
  const watched = `
    import { registerHooks } from 'node:module';
    const loaded = new Set();
    registerHooks({
      load(url, context, next) {
        const name = /.*node_modules\\/(?<name>(?:@[^/]+\\/)?[^/]+)\\//.exec(url)?.groups?.name ?? url;
        if (!name.startsWith('@gomind/')) loaded.add(name);
        return next(url, context);
      },
    });
    ${code}
    console.log(JSON.stringify([...loaded].sort()));
  `;
  const { stdout } = await runProgram(folder, process.execPath, ['--input-type=module', '--eval', watched]);
  return JSON.parse(stdout) as string[];
}

/** Small built-in modules that a process has loaded anyway. */
const cheap = ['node:async_hooks', 'node:events', 'node:module', 'node:url', 'node:util'];

describe('an import', () => {
  it.each(publishedPackages().map(({ manifest }) => manifest.name))('of %s loads no other code', async (name) => {
    const loaded = await loadedBy(`await import('${name}');`);
    expect(loaded.filter((module) => !cheap.includes(module))).toEqual([]);
  });

  it('loads the heavy parts with the first use', async () => {
    const loaded = await loadedBy(`
      const { compileJsonSchema, LocalDiscovery } = await import('@gomind/core');
      compileJsonSchema({ type: 'string' });
      const { createSimpleOrchestrator } = await import('@gomind/orchestration');
      await createSimpleOrchestrator(new LocalDiscovery()).close();
    `);
    expect(loaded).toEqual(expect.arrayContaining(['@cfworker/json-schema', 'zod']));
  });
});
