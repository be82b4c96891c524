import { execFile } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startOpenAIWireServer } from '@gomind/openai-wire-server';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { codeBlocks, markdownFiles } from './markdown.ts';
import { runCompiler } from './repository.ts';

const examples = markdownFiles()
  .filter((file) => /(?:^|\/)README\.md$/.test(file) || file.startsWith('docs/'))
  .flatMap((file) => codeBlocks(file).map((block, index) => ({ ...block, file, name: nameOf(file, index) })));
const programs = examples.filter((example) => example.isProgram);
const folder = join(inject('consumerFolder'), 'examples');

function nameOf(file: string, index: number): string {
  return `${file.replace(/\/?README\.md$|\.md$/, '').replaceAll('/', '-') || 'root'}-${String(index)}`;
}

/** Packages that an example names and nobody here installs; what they export is not checked. */
const strangers = ['@ai-sdk/anthropic'];

const compilerOptions = {
  target: 'es2022',
  lib: ['es2023', 'esnext.disposable'],
  module: 'nodenext',
  types: ['node'],
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  verbatimModuleSyntax: true,
  skipLibCheck: false,
  outDir: 'dist',
};

/** What a program finds in its environment: how to start, and nothing of this machine's keys and servers. */
async function run(name: string, environment: Readonly<Record<string, string>> = {}): Promise<string> {
  const program = join(folder, 'dist', `${name}.js`);
  const { stdout } = await promisify(execFile)(process.execPath, [program], {
    cwd: folder,
    env: environment,
    timeout: 30_000,
  });
  return stdout;
}

/** Ports differ from run to run. */
function withoutPorts(text: string): string {
  return text.replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT');
}

describe('the examples of the READMEs and of docs/, against the packed packages', () => {
  beforeAll(async () => {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
    await writeFile(
      join(folder, 'strangers.d.ts'),
      strangers.map((name) => `declare module ${JSON.stringify(name)};\n`).join(''),
    );
    for (const { name, code } of examples) await writeFile(join(folder, `${name}.ts`), `${code}\nexport {};\n`);
  });

  it('type-check in a strict project, library types included', async () => {
    await runCompiler(folder, ['--project', '.']);
    expect(programs.length).toBeGreaterThan(0);
  });

  it('are checked so that a wrong one would be found', async () => {
    const wrong = join(folder, 'wrong');
    await mkdir(wrong, { recursive: true });
    await cp(join(folder, 'tsconfig.json'), join(wrong, 'tsconfig.json'));
    const code = "import { createSimpleOrchestrator } from '@gomind/orchestration';\ncreateSimpleOrchestrator(1);\n";
    await writeFile(join(wrong, 'wrong.ts'), code);
    await expect(runCompiler(wrong, ['--project', '.'])).rejects.toThrow(/TS2345/);
  });

  it.for(programs)('$place runs, with no key and no Redis, and prints what it says', async ({ name, file, output }) => {
    await using model = await startOpenAIWireServer({ reply: () => ({ text: 'Lima' }) });
    // Only the package for models needs one; it talks to a server on this machine.
    const stdout = await run(name, file.startsWith('packages/ai/') ? { OPENAI_BASE_URL: model.baseUrl } : {});
    expect(stdout).not.toBe('');
    if (output !== undefined) expect(withoutPorts(stdout)).toBe(withoutPorts(output));
  });

  it('begin with a tool and an orchestrator that need nothing else', () => {
    expect(examples.find(({ file }) => file === 'README.md')).toMatchObject({
      isProgram: true,
      code: expect.stringContaining('createSimpleOrchestrator(discovery)') as string,
      output: expect.stringContaining('Hello, Ada!') as string,
    });
  });
});
