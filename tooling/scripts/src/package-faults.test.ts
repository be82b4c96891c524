import { describe, expect, it } from 'vitest';
import { type PublishedManifest, packageFaults } from './package-faults.ts';

const files = new Set(['package.json', 'README.md', 'LICENSE', 'dist/index.js', 'dist/index.d.ts', 'src/index.ts']);
const manifest: PublishedManifest = {
  name: '@gomind/thing',
  type: 'module',
  license: 'MIT',
  description: 'A thing',
  sideEffects: false,
  engines: { node: '>=22.13' },
  exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' }, './package.json': './package.json' },
  scripts: { build: 'tsc' },
  publishConfig: { access: 'public', provenance: true },
  dependencies: { zod: '^4.0.0' },
};

describe('the package check', () => {
  it('is content with a package that is in order', () => {
    expect(packageFaults(manifest, files)).toEqual([]);
  });

  it.each([
    ['an install script', { scripts: { postinstall: 'node x.js' } }, 'it has the script "postinstall"'],
    ['another engine', { engines: { node: '>=18' } }, '"engines.node" is not ">=22.13"'],
    ['side effects', { sideEffects: true }, '"sideEffects" is not false'],
    ['no provenance', { publishConfig: { access: 'public' } }, '"publishConfig.provenance" is not true'],
    [
      'an entry point without a file',
      { exports: { '.': './dist/gone.js' } },
      '"exports" names ./dist/gone.js, which is not there',
    ],
    [
      'an entry point in the source',
      { exports: { '.': './src/index.ts' } },
      '"exports" names the source ./src/index.ts',
    ],
    ['a range of the workspace', { dependencies: { zod: 'catalog:' } }, 'zod has the range "catalog:"'],
  ])('finds %s', (_what, change, sentence) => {
    expect(packageFaults({ ...manifest, ...change }, files)).toEqual([sentence]);
  });

  it('finds missing and unwanted files', () => {
    const packed = new Set(['dist/index.js', 'dist/index.d.ts', 'package.json', 'src/index.test.ts']);
    expect(packageFaults(manifest, packed)).toEqual([
      'README.md is missing',
      'LICENSE is missing',
      'src/index.test.ts is packed',
    ]);
  });
});
