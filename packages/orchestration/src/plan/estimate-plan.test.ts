import { describe, expect, it } from 'vitest';
import { estimatePlan } from './estimate-plan.ts';
import type { PlanStep } from './routing-plan.ts';

const step = (name: string, dependsOn: readonly string[], more: Partial<PlanStep> = {}): PlanStep => ({
  name,
  component: 'tool',
  action: 'run',
  inputs: {},
  dependsOn,
  ...more,
});

describe('estimatePlan', () => {
  it('counts retries and items as often as they may be', () => {
    const steps = [
      step('a', [], { retry: { maxAttempts: 5 } }),
      step('b', ['a'], { forEach: { items: [1, 2, 3] } }),
      step('c', ['a'], { forEach: { items: '${steps.a.output}' }, retry: { maxAttempts: 1 } }),
    ];
    expect(estimatePlan({ steps })).toMatchObject({ steps: 3, maxCalls: 5 + 3 * 3 + 10_000, depth: 2 });
    expect(estimatePlan({ steps }, { maxAttempts: 1, maxItems: 10 }).maxCalls).toBe(5 + 3 + 10);
  });

  it('finds the path that takes longest', () => {
    const steps = [step('a', []), step('slow', ['a']), step('b', ['a']), step('c', ['b']), step('d', ['slow', 'c'])];
    const callMs = ({ name }: PlanStep): number => (name === 'slow' ? 100 : 10);
    expect(estimatePlan({ steps }, { callMs })).toMatchObject({
      depth: 4,
      criticalPath: ['a', 'slow', 'd'],
      criticalMs: 120,
    });
  });

  it('counts the rounds of items that run a few at a time', () => {
    const steps = [step('a', [], { forEach: { items: [1, 2, 3, 4, 5], maxParallel: 2 } })];
    expect(estimatePlan({ steps }, { callMs: () => 10 }).criticalMs).toBe(30);
  });
});
