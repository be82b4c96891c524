/**
 * `pnpm verify`: everything that continuous integration checks, in order of price. Stops at the first failure and shows it.
 *
 * @module
 */
import { type CommandOutcome, runPnpm } from './run-command.ts';

interface Step {
  readonly name: string;
  readonly run: () => Promise<CommandOutcome>;
  /** How many of the last lines are shown when it worked. */
  readonly closingLines?: number;
}

const plain = { NO_COLOR: '1' };
const script = (name: string, ...parameters: string[]): Promise<CommandOutcome> =>
  runPnpm(['run', name, ...parameters], { environment: plain });

const steps: readonly Step[] = [
  { name: 'format', run: () => script('format:check') },
  { name: 'lint', run: () => script('lint') },
  { name: 'boundaries', run: () => script('boundaries') },
  { name: 'types', run: () => script('typecheck') },
  { name: 'build', run: () => script('build') },
  { name: 'packages', run: () => script('pkgcheck') },
  { name: 'tests', run: () => script('test'), closingLines: 7 },
  { name: 'demo', run: runDemo },
];

/** The demo without a model: it has to answer, and rightly. */
async function runDemo(): Promise<CommandOutcome> {
  const environment = { ...plain, OPENAI_API_KEY: '', OPENAI_BASE_URL: '' };
  const outcome = await runPnpm(['run', 'demo', 'How far is it from Berlin to Seoul?'], { environment });
  if (outcome.code !== 0 || /\b8,?1\d\d\b/.test(outcome.output)) return outcome;
  return { code: 1, output: `${outcome.output}\nThe answer does not say that it is about 8,100 km.` };
}

async function main(): Promise<number> {
  const seconds = (since: number): string => `${((performance.now() - since) / 1_000).toFixed(1)} s`;
  const startedAt = performance.now();
  for (const step of steps) {
    const stepStartedAt = performance.now();
    process.stdout.write(step.name.padEnd(12));
    const { code, output } = await step.run();
    process.stdout.write(`${code === 0 ? 'ok' : 'FAILED'}  ${seconds(stepStartedAt)}\n`);
    if (code !== 0) {
      process.stdout.write(`\n${output.trimEnd()}\n\nverify stopped at "${step.name}".\n`);
      return 1;
    }
    const lines = output.trimEnd().split('\n');
    if (step.closingLines !== undefined) process.stdout.write(`${lines.slice(-step.closingLines).join('\n')}\n`);
  }
  process.stdout.write(`verified in ${seconds(startedAt)}\n`);
  return 0;
}

process.exitCode = await main();
