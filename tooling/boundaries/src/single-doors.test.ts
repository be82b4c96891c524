import { join } from 'node:path';
import { importDirection, singleDoors } from '@gomind/eslint-config';
import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';
import { plantRepository } from './planted-repository.ts';

const anywhere = 'packages/orchestration/src/plan/planted.ts';
const model = 'packages/orchestration/src/planning/planted.ts';

async function rulesBrokenBy(file: string, code: string): Promise<(string | null)[]> {
  using planted = plantRepository({ [file]: `${code}\n` });
  const configuration = [...importDirection, ...singleDoors];
  const eslint = new ESLint({ cwd: planted.root, overrideConfigFile: true, overrideConfig: configuration });
  const [result] = await eslint.lintFiles([join(planted.root, file)]);
  return [...new Set(result?.messages.map(({ ruleId }) => ruleId))];
}

describe('a single door', () => {
  it.each([
    ['environment variables', anywhere, 'process.env.HOME;', 'packages/core/src/config/read-env.ts'],
    ['environment variables by index', anywhere, "process['env'];", 'packages/core/src/config/read-env.ts'],
    ['environment variables taken apart', anywhere, 'const { env } = process;', 'packages/core/src/config/read-env.ts'],
    ['environment variables in an app', 'apps/travel/src/a.ts', 'process.env.HOME;', 'apps/travel/src/a.test.ts'],
    ['the process module', anywhere, "import { env } from 'node:process';", 'packages/core/src/config/read-env.ts'],
    ['the time', anywhere, 'Date.now();', 'packages/core/src/contracts/clock.ts'],
    ['today', anywhere, 'new Date();', 'packages/core/src/contracts/clock.ts'],
    ['the monotonic time', anywhere, 'performance.now();', 'packages/core/src/contracts/clock.ts'],
    ['randomness', anywhere, 'Math.random();', 'packages/core/src/contracts/clock.ts'],
    ['identifiers', anywhere, 'crypto.randomUUID();', 'packages/core/src/contracts/clock.ts'],
    [
      'imported identifiers',
      anywhere,
      "import { randomUUID } from 'node:crypto';",
      'packages/core/src/contracts/clock.ts',
    ],
    ['timers', anywhere, 'setTimeout(() => 1, 2);', 'packages/core/src/contracts/clock.ts'],
    ['imported timers', anywhere, "import 'node:timers/promises';", 'packages/core/src/contracts/clock.ts'],
    ['signals with a time', anywhere, 'AbortSignal.timeout(1);', 'packages/core/src/contracts/clock.ts'],
    ['fetch', anywhere, "fetch('http://localhost');", 'packages/ai/src/client/limited-fetch.ts'],
    [
      'undici',
      anywhere,
      "void import('undici');",
      'packages/orchestration/src/execution/component/component-client.ts',
    ],
    ['what a model says', model, "JSON.parse('{}');", 'packages/orchestration/src/llm/extract-json.ts'],
  ])('for %s is held', async (_what, file, code, door) => {
    expect(await rulesBrokenBy(file, code)).toContain('no-restricted-syntax');
    expect(await rulesBrokenBy(door, code)).not.toContain('no-restricted-syntax');
  });
});

describe('source', () => {
  it.each([
    ['export *', "export * from './plan.ts';"],
    ['export default', 'export default 1;'],
    ['four parameters', 'export const f = (a: 1, b: 1, c: 1, d: 1) => [a, b, c, d];'],
    ['five parameters', 'export function f(a: 1, b: 1, c: 1, d: 1, options: {}) {}'],
    ['console', 'console.log(1);'],
  ])('has no %s', async (_what, code) => {
    expect(await rulesBrokenBy(anywhere, code)).toHaveLength(1);
  });

  it('may have a fourth parameter that holds options', async () => {
    expect(await rulesBrokenBy(anywhere, 'export function f(a: 1, b: 1, c: 1, options = {}) {}')).toEqual([]);
  });
});
