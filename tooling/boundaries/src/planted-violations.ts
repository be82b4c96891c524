/**
 * One violation of every kind, and what each check has to say about it.
 *
 * @module
 */
import type { Rule } from './violation.ts';

/** A violation that both checks must find. */
export interface PlantedViolation {
  readonly what: string;
  readonly file: string;
  readonly code: string;
  readonly rule: Rule;
}

const inPlan = 'packages/orchestration/src/plan/planted.ts';
const inExecution = 'packages/orchestration/src/execution/planted.ts';
const requireLine = "import { createRequire } from 'node:module';\n";

/** Imports that the table forbids, in every form that names a module. */
const forbidden: readonly (readonly [what: string, code: string])[] = [
  ['a static import', "import { one } from '@gomind/ai';"],
  ['an import for its effects', "import '@gomind/ai';"],
  ['a dynamic import', "void import('@gomind/ai');"],
  ['a dynamic import of a template', 'void import(`@gomind/ai`);'],
  ['a type-only import', "import type { One } from '@gomind/ai';"],
  ['an inline type import', "import { type One } from '@gomind/ai';"],
  ['an import type', "export type One = import('@gomind/ai').One;"],
  ['a typeof import', "export type One = typeof import('@gomind/ai');"],
  ['a re-export', "export { one } from '@gomind/ai';"],
  ['a type re-export', "export type { One } from '@gomind/ai';"],
  ['a re-export of everything', "export * from '@gomind/ai';"],
  ['an import assignment', "import ai = require('@gomind/ai');"],
  ['require', "const ai = require('@gomind/ai');"],
  ['require.resolve', "const ai = require.resolve('@gomind/ai');"],
  ['createRequire', `${requireLine}const load = createRequire(import.meta.url);\nload('@gomind/ai');`],
  ['createRequire called at once', `${requireLine}createRequire(import.meta.url)('@gomind/ai');`],
  ['createRequire and resolve', `${requireLine}createRequire(import.meta.url).resolve('@gomind/ai');`],
  [
    'another name for require',
    `${requireLine}const a = createRequire(import.meta.url);\nconst b = a;\nb('@gomind/ai');`,
  ],
  ['import.meta.resolve', "import.meta.resolve('@gomind/ai');"],
  ['a module declaration', "declare module '@gomind/ai' {}"],
  ['a reference to types', '/// <reference types="@gomind/ai" />'],
];

/** Names that are wrong wherever they stand. */
const others: readonly PlantedViolation[] = [
  {
    what: 'core importing anything',
    file: 'packages/core/src/a.ts',
    code: "import '@gomind/telemetry';",
    rule: 'direction',
  },
  { what: 'a tool in source', file: inPlan, code: "import '@gomind/helper';", rule: 'direction' },
  { what: 'an app in source', file: inPlan, code: "import '@gomind/travel';", rule: 'direction' },
  { what: 'an app in another app', file: 'apps/travel/src/a.ts', code: "import '@gomind/other';", rule: 'direction' },
  { what: 'an app in a tool', file: 'tooling/helper/src/a.ts', code: "import '@gomind/travel';", rule: 'direction' },
  { what: 'a relative escape', file: inPlan, code: "import '../../../ai/src/index.ts';", rule: 'escape' },
  { what: 'a dynamic escape', file: inPlan, code: "void import('../../../ai/src/index.ts');", rule: 'escape' },
  {
    what: 'an escape into an allowed package',
    file: inPlan,
    code: "import '../../../core/src/index.ts';",
    rule: 'escape',
  },
  {
    what: 'an escape from an app',
    file: 'apps/travel/src/a.ts',
    code: "import '../../other/src/a.ts';",
    rule: 'escape',
  },
  {
    what: 'a URL that escapes',
    file: inPlan,
    code: "new Worker(new URL('../../../ai/src/index.ts', import.meta.url));",
    rule: 'escape',
  },
  { what: 'an absolute path', file: inPlan, code: "import '/tmp/elsewhere.ts';", rule: 'escape' },
  { what: 'a file URL', file: inPlan, code: "import 'file:///tmp/elsewhere.ts';", rule: 'escape' },
  { what: 'a reference to a path', file: inPlan, code: '/// <reference path="../../../ai/a.d.ts" />', rule: 'escape' },
  { what: 'a deep path into src', file: inPlan, code: "import '@gomind/core/src/index.ts';", rule: 'deep' },
  { what: 'a deep path into dist', file: inPlan, code: "import '@gomind/core/dist/index.js';", rule: 'deep' },
  {
    what: 'a deep path in an app',
    file: 'apps/travel/src/a.ts',
    code: "import '@gomind/orchestration/src/plan/plan.ts';",
    rule: 'deep',
  },
  { what: 'the package itself by name', file: inPlan, code: "import '@gomind/orchestration';", rule: 'self' },
  { what: 'the test kit in source', file: inPlan, code: "import '@gomind/core/testing';", rule: 'test' },
  { what: 'a test file in source', file: inPlan, code: "import './plan.test.ts';", rule: 'test' },
  { what: 'an undeclared library', file: inPlan, code: "import 'left-pad';", rule: 'undeclared' },
  { what: 'an undeclared library by require', file: inPlan, code: "require('left-pad');", rule: 'undeclared' },
  {
    what: 'an undeclared package',
    file: 'packages/ai/src/a.ts',
    code: "import '@gomind/telemetry';",
    rule: 'undeclared',
  },
  { what: 'a devDependency in source', file: inPlan, code: "import 'vitest';", rule: 'undeclared' },
  { what: 'a private alias', file: inPlan, code: "import '#alias';", rule: 'undeclared' },
  { what: 'a wrapped library', file: inPlan, code: "import 'openai';", rule: 'wrapped' },
  { what: 'a wrapped library by its subpath', file: inPlan, code: "void import('openai/client');", rule: 'wrapped' },
  { what: 'a room above', file: inPlan, code: "import '../llm/a.ts';", rule: 'floor' },
  { what: 'the index from below', file: inPlan, code: "import type {} from '../index.ts';", rule: 'floor' },
  { what: 'a stranger above', file: inExecution, code: "import '../planning/a.ts';", rule: 'floor' },
  {
    what: 'a stranger below',
    file: 'packages/orchestration/src/planning/a.ts',
    code: "import '../execution/a.ts';",
    rule: 'floor',
  },
  {
    what: 'strangers upstairs',
    file: 'packages/orchestration/src/orchestrator/a.ts',
    code: "import '../workflow/a.ts';",
    rule: 'floor',
  },
  {
    what: 'a room without a floor',
    file: 'packages/orchestration/src/attic/a.ts',
    code: "import '../plan/plan.ts';",
    rule: 'unlisted',
  },
  { what: 'a computed import', file: inPlan, code: "const name = 'x';\nvoid import(name);", rule: 'hidden' },
  {
    what: 'a template with holes',
    file: inPlan,
    code: "const name = 'ai';\nvoid import(`@gomind/${name}`);",
    rule: 'hidden',
  },
  { what: 'a computed require', file: inPlan, code: "const name = 'x';\nrequire(name);", rule: 'hidden' },
];

/** Every planted violation. */
export const plantedViolations: readonly PlantedViolation[] = [
  ...forbidden.map(([what, code]): PlantedViolation => ({
    what: `${what} of a forbidden package`,
    file: inPlan,
    code,
    rule: 'direction',
  })),
  ...others,
];

/** Files with all that is allowed; neither check may say anything. */
export const allowedFiles: Readonly<Record<string, string>> = {
  [inPlan]: `import { one } from '@gomind/core';
import type { One } from '@gomind/telemetry';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import packageJson from '@gomind/core/package.json' with { type: 'json' };
const require = createRequire(import.meta.url);
void require('undici');
void import('undici/types');
void new URL('./plan.ts', import.meta.url);
export type Two = import('./plan.ts').Two;
export { one, type One, readFileSync, packageJson };
export const message = 'Install @gomind/ai, or ask ../somebody else';
`,
  'packages/orchestration/src/wiring/wire.ts': "export { plan } from '../plan/plan.ts';\n",
  'packages/orchestration/src/wiring/wire.test.ts':
    "import '@gomind/core/testing';\nimport '@gomind/helper';\nconst name = 'x';\nvoid import(name);\n",
};
