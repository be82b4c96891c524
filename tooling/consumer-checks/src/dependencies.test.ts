import { describe, expect, inject, it } from 'vitest';
import { publishedPackages } from './repository.ts';
import { installedWith, installScripts } from './resolved-graph.ts';

const folder = inject('consumerFolder');
const published = publishedPackages().map(({ manifest }) => manifest.name);

describe('what is installed with a package', () => {
  it.each([
    ['@gomind/core', 5],
    ['@gomind/orchestration', 12],
  ])('%s: at most %i packages', (name, most) => {
    const names = [...installedWith(folder, name).keys()].sort();
    expect(names).toContain('zod');
    expect(names.length, names.join(', ')).toBeLessThanOrEqual(most);
  });

  it.each(published)('%s: nothing that runs a script when it is installed', (name) => {
    const installed = [...installedWith(folder, name).values()];
    expect(installed.filter((dependency) => installScripts(dependency).length > 0)).toEqual([]);
  });

  it('is looked at so that an install script would be found', () => {
    const manifest = { name: 'x', version: '1.0.0', scripts: { postinstall: 'node x.js' } };
    expect(installScripts({ folder, manifest })).toEqual(['postinstall']);
  });
});
