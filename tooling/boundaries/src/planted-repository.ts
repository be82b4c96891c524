/**
 * A small repository in a temporary folder, in the shape of the real one, for violations to be planted in.
 *
 * @module
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Manifest } from './read-repository.ts';

/** A repository that goes away again. */
export interface PlantedRepository extends Disposable {
  readonly root: string;
}

const entryPoints = { '.': './src/index.ts', './package.json': './package.json' };
const any = 'workspace:*';

const manifests: Readonly<Record<string, Manifest>> = {
  'packages/core': { name: '@gomind/core', exports: { ...entryPoints, './testing': './src/testing/index.ts' } },
  'packages/telemetry': {
    name: '@gomind/telemetry',
    exports: entryPoints,
    dependencies: { '@gomind/core': any, '@opentelemetry/api': '1' },
  },
  'packages/ai': { name: '@gomind/ai', exports: entryPoints, dependencies: { '@gomind/core': any, openai: '1' } },
  'packages/orchestration': {
    name: '@gomind/orchestration',
    exports: entryPoints,
    dependencies: { '@gomind/core': any, '@gomind/telemetry': any, openai: '1', undici: '1' },
    devDependencies: { '@gomind/ai': any, '@gomind/helper': any, vitest: '1' },
  },
  'apps/travel': { name: '@gomind/travel', dependencies: { '@gomind/orchestration': any } },
  'apps/other': { name: '@gomind/other', exports: entryPoints },
  'tooling/helper': { name: '@gomind/helper', exports: entryPoints },
};

/** Files that break no rule. */
const calm: Readonly<Record<string, string>> = {
  'packages/core/src/index.ts': 'export const one = 1;\n',
  'packages/core/src/testing/index.ts': "export { one } from '../index.ts';\n",
  'packages/telemetry/src/index.ts': "export { one } from '@gomind/core';\n",
  'packages/ai/src/index.ts': "export { one } from '@gomind/core';\n",
  'packages/orchestration/src/index.ts': "export { plan } from './plan/plan.ts';\n",
  'packages/orchestration/src/plan/plan.ts': "import { one } from '@gomind/core';\nexport const plan = one;\n",
  'packages/orchestration/src/plan/plan.test.ts': "import { one } from '@gomind/ai';\nimport 'vitest';\nvoid one;\n",
  'apps/travel/src/main.ts': "import { plan } from '@gomind/orchestration';\nvoid plan;\n",
};

/**
 * Makes a repository.
 *
 * @param planted files by path, beside the calm ones
 * @param manifestChanges what package.json files say instead, by folder
 */
export function plantRepository(
  planted: Readonly<Record<string, string>>,
  manifestChanges: Readonly<Record<string, Partial<Manifest>>> = {},
): PlantedRepository {
  const root = mkdtempSync(join(tmpdir(), 'gomind-boundaries-'));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const folders = new Set([...Object.keys(manifests), ...Object.keys(manifestChanges)]);
  for (const folder of folders) {
    write(`${folder}/package.json`, JSON.stringify({ ...manifests[folder], ...manifestChanges[folder] }));
  }
  for (const [path, text] of Object.entries({ ...calm, ...planted })) write(path, text);
  return {
    root,
    [Symbol.dispose]: () => {
      rmSync(root, { recursive: true, force: true });
    },
  };
}
