import { describe, expect, it } from 'vitest';
import { entryPoints } from './entry-points.ts';

describe('the entry points of a package', () => {
  it('are the scripts that its published exports name', () => {
    const manifest = {
      exports: { '.': './src/index.ts', './testing': './src/testing/index.ts' },
      publishConfig: {
        exports: {
          '.': { types: './dist/index.d.ts', default: './dist/index.js' },
          './testing': { types: './dist/testing/index.d.ts', default: './dist/testing/index.js' },
          './package.json': './package.json',
        },
      },
    };
    expect([...entryPoints(manifest)]).toEqual([
      ['dist/index.js', 'src/index.ts'],
      ['dist/testing/index.js', 'src/testing/index.ts'],
    ]);
  });

  it.each([
    ['in publishConfig', { bin: { thing: './src/main.ts' }, publishConfig: { bin: { thing: './dist/main.js' } } }],
    ['at the top', { bin: './dist/main.js' }],
    ['written without the leading dot', { bin: { thing: 'dist/main.js' } }],
  ])('are its programs too: %s', (_where, manifest) => {
    expect([...entryPoints(manifest)]).toEqual([['dist/main.js', 'src/main.ts']]);
  });

  it('are asked for when there is none', () => {
    expect(() => entryPoints({ exports: './src/index.ts' })).toThrow('publishes a script in dist');
  });
});
