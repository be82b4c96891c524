import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundlePackage } from './bundle-package.ts';

const manifest = {
  name: 'thing',
  type: 'module',
  publishConfig: {
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
    bin: { thing: './dist/main.js' },
  },
};

const sources = {
  'src/index.ts': `import { type Size, shared } from './parts/shared.ts';
import { readFileSync } from 'node:fs';
import { other } from 'other';
export const size: Size = shared + other + readFileSync.length;
export const later = (): Promise<unknown> => import('heavy');
`,
  'src/main.ts': `#!/usr/bin/env node
import { createRequire } from 'node:module';
import { shared } from './parts/shared.ts';
const require = createRequire(import.meta.url);
console.log(shared, require('sudden'));
`,
  'src/parts/shared.ts': `export type Size = number;\nexport const shared: Size = process.pid;\n`,
};

let folder = '';

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');

describe('the bundle of a package', () => {
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gomind-build-'));
    await write({ 'package.json': JSON.stringify(manifest), ...sources });
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it('is one file for each entry point, and one for what they share', async () => {
    await bundlePackage(folder);
    const scripts = (await readdir(join(folder, 'dist'), { recursive: true })).filter((name) => name.endsWith('.js'));
    expect(scripts.sort()).toEqual(['index.js', 'main.js', join('shared', 'shared.js')]);
  });

  it('leaves every dependency where it is, and what loads late, late', async () => {
    await bundlePackage(folder);
    expect(await read('dist/index.js')).toMatch(/import \{ other \} from "other"[^]+=> import\("heavy"\)/);
    expect(await read('dist/main.js')).toMatch(/createRequire\(import\.meta\.url\)[^]+require\("sudden"\)/);
  });

  it('keeps the first line of a program', async () => {
    await bundlePackage(folder);
    expect(await read('dist/main.js')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  it('points to the sources, which are published beside it', async () => {
    await bundlePackage(folder);
    const map = JSON.parse(await read('dist/index.js.map')) as Record<string, unknown>;
    expect(map['sources']).toContain('../src/index.ts');
    expect(map).not.toHaveProperty('sourcesContent');
  });

  it('of a program takes in everything but what it names, and what loads late still does', async () => {
    const program = { ...manifest, gomind: { bundleAllBut: ['heavy'] } };
    await write({
      'package.json': JSON.stringify(program),
      'node_modules/other/package.json': JSON.stringify({ name: 'other', version: '1.2.3', main: 'index.cjs' }),
      'node_modules/other/index.cjs': 'exports.other = 41;\n',
      'node_modules/other/LICENSE': 'Do what you like.\n',
      'node_modules/sudden/package.json': JSON.stringify({ name: 'sudden', version: '2.0.0', license: 'ISC' }),
      'node_modules/sudden/index.js': "globalThis.order = [...(globalThis.order ?? []), 'sudden'];\n",
      'src/main.ts': `#!/usr/bin/env node
import { createRequire } from 'node:module';
import { shared } from './parts/shared.ts';
const require = createRequire(import.meta.url);
globalThis.order = ['main'];
require('sudden');
console.log(shared > 0, globalThis.order.join(' then '));
`,
    });
    await bundlePackage(folder);
    expect(await read('dist/index.js')).toMatch(/\b41\b[^]+import\("heavy"\)/);
    await rm(join(folder, 'node_modules'), { recursive: true });
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'dist/main.js')]);
    expect(stdout).toBe('true main then sudden\n');
    expect(await read('dist/THIRD-PARTY-NOTICES.txt')).toMatch(
      /other 1\.2\.3\n\nDo what you like\.\n[^]+sudden 2\.0\.0\n\nLicence: ISC/,
    );
  });

  it('takes away the scripts of an earlier build, and no declarations', async () => {
    await write({ 'dist/old/gone.js': '', 'dist/old/gone.js.map': '{}', 'dist/index.d.ts': 'export {};\n' });
    await bundlePackage(folder);
    await expect(access(join(folder, 'dist/old/gone.js'))).rejects.toThrow('ENOENT');
    await expect(access(join(folder, 'dist/old/gone.js.map'))).rejects.toThrow('ENOENT');
    expect(await read('dist/index.d.ts')).toBe('export {};\n');
  });

  it('fails for a module that is not there', async () => {
    await write({ 'src/index.ts': "export * from './missing.ts';\n" });
    await expect(bundlePackage(folder)).rejects.toThrow('missing.ts');
  });

  it('fails for what the bundler only warns of', async () => {
    await write({ 'src/index.ts': "export const value: unknown = eval('1');\n" });
    await expect(bundlePackage(folder)).rejects.toThrow('eval');
  });
});
