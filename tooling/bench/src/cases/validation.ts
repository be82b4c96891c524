/**
 * The static proof of a plan: against reading the same plan from JSON and checking each step's inputs with a JSON Schema
 * checker, and 10,000 steps against 1,000.
 *
 * @module
 */
import { compileJsonSchema, type ComponentInfo, type JsonSchema } from '@gomind/core';
import { validatePlan } from '@gomind/orchestration';
import type { BenchCase } from '../bench-case.ts';
import { type BenchRow, measure, withBounds } from '../measure.ts';

const inputSchema: JsonSchema = {
  type: 'object',
  properties: {
    amount: { type: ['number', 'string'] },
    note: { type: 'string' },
    options: { type: 'object', properties: { days: { type: 'array', items: { type: 'integer' } } } },
  },
  required: ['amount'],
};
const offered: readonly ComponentInfo[] = [
  {
    id: 'tool',
    name: 'tool',
    type: 'tool',
    description: '',
    address: '127.0.0.1',
    port: 1,
    capabilities: [
      {
        name: 'run',
        description: '',
        inputSchema,
        outputSchema: { type: 'object', properties: { value: { type: 'number' } } },
      },
    ],
  },
];

export const benchCase: BenchCase = {
  summary: 'proving a chain whose steps refer to the step before, to one half way and to the first',
  run: async (): Promise<readonly BenchRow[]> => {
    const [small, medium, large] = [200, 1_000, 10_000].map(planOf);
    const check = compileJsonSchema(inputSchema);
    const prove = (text: string | undefined) => (): void => {
      if (!validatePlan(JSON.parse(text ?? ''), offered).ok) throw new Error('the plan is sound');
    };
    const read = (): void => {
      const plan = JSON.parse(medium ?? '') as { readonly steps: readonly { readonly inputs: unknown }[] };
      for (const { inputs } of plan.steps) if (!check.check(inputs).ok) throw new Error('the inputs are sound');
    };
    const options = { rounds: 15, warmupRounds: 3 };
    const againstReading = await measure(
      { 'read and check, 1,000 steps': read, 'prove, 1,000 steps': prove(medium), 'prove, 200 steps': prove(small) },
      { ...options, baseline: 'read and check, 1,000 steps' },
    );
    const growth = await measure(
      { 'prove, 1,000 steps again': prove(medium), 'prove, 10,000 steps': prove(large) },
      { ...options, baseline: 'prove, 1,000 steps again' },
    );
    return [
      ...withBounds(againstReading, { 'prove, 1,000 steps': 10 }).map((row) =>
        row.name === 'prove, 200 steps' ? { ...row, time: { boundMs: 10 } } : row,
      ),
      ...withBounds(growth, { 'prove, 10,000 steps': 12 }),
    ];
  },
};

function planOf(count: number): string {
  const output = (index: number): string => `\${steps.s${String(index)}.output.value}`;
  const steps = Array.from({ length: count }, (_, index) => ({
    name: `s${String(index)}`,
    component: 'tool',
    action: 'run',
    inputs: {
      amount: index === 0 ? 1 : output(index - 1),
      note: index < 2 ? 'first' : `${output(0)} and ${output(index >> 1)}`,
      options: { days: [1, 2, 3] },
    },
    depends_on: index === 0 ? [] : [`s${String(index - 1)}`],
  }));
  return JSON.stringify({ steps });
}
