/**
 * Reading, checking and compiling workflow files, against what the YAML library alone takes to parse them into nodes.
 *
 * @module
 */
import { compileWorkflow, parseWorkflow } from '@gomind/orchestration/workflow';
import { parseDocument } from 'yaml';
import type { BenchCase } from '../bench-case.ts';
import { type BenchRow, measure, withBounds } from '../measure.ts';

export const benchCase: BenchCase = {
  summary: 'reading, checking and compiling a file whose steps refer to the step before',
  run: async (): Promise<readonly BenchRow[]> => {
    const [medium, large] = [1_000, 10_000].map(fileOf);
    const read = (text: string | undefined) => (): void => {
      const { workflow } = parseWorkflow(text ?? '');
      if (workflow === undefined) throw new Error('the file is right');
      compileWorkflow(workflow);
    };
    const alone = (text: string | undefined) => (): void => {
      parseDocument(text ?? '', { uniqueKeys: false });
    };
    const options = { rounds: 9, warmupRounds: 2 };
    const few = await measure(
      { 'yaml alone, 1,000 steps': alone(medium), 'read, check, compile, 1,000 steps': read(medium) },
      { ...options, baseline: 'yaml alone, 1,000 steps' },
    );
    const many = await measure(
      { 'yaml alone, 10,000 steps': alone(large), 'read, check, compile, 10,000 steps': read(large) },
      { ...options, baseline: 'yaml alone, 10,000 steps' },
    );
    const growth = await measure(
      { '1,000 steps': read(medium), 'growth from 1,000 to 10,000 steps': read(large) },
      { ...options, baseline: '1,000 steps' },
    );
    return [
      ...withBounds(few, { 'read, check, compile, 1,000 steps': 10 }),
      ...withBounds(many, { 'read, check, compile, 10,000 steps': 10 }),
      ...withBounds(growth, { 'growth from 1,000 to 10,000 steps': 12 }).slice(1),
    ];
  },
};

/** Short steps, so that 10,000 of them stay below the limit of 1 MiB. */
function fileOf(steps: number): string {
  const lines = Array.from({ length: steps }, (_, index) => {
    const value = index === 0 ? '1' : `"\${steps.s${String(index - 1)}.output.v}"`;
    return `  - {name: s${String(index)}, tool: t, action: run, inputs: {a: ${value}, b: "text"}}`;
  });
  return `name: large\nsteps:\n${lines.join('\n')}\n`;
}
