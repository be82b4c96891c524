import { describe, expect, it } from 'vitest';
import type { StepResult, StepStatus } from '../plan/execution-result.ts';
import type { PlanStep } from '../plan/routing-plan.ts';
import { completedShare } from './confidence.ts';

function step(name: string, dependsOn: string[] = [], more: Partial<PlanStep> = {}): PlanStep {
  return { name, component: 'tool', action: 'act', inputs: {}, dependsOn, ...more };
}

function share(steps: readonly PlanStep[], ends: Readonly<Record<string, StepStatus>>): number {
  const results = Object.entries(ends).map(([name, status]): [string, StepResult] => [
    name,
    { status, attempts: 1, endedAt: 1 },
  ]);
  return completedShare({ steps }, Object.fromEntries(results));
}

describe('the share of completed steps', () => {
  it('leaves out steps whose condition was false, and what follows from them', () => {
    const steps = [
      step('look'),
      step('warn', ['look'], { when: 'false' }),
      step('send', ['warn']),
      step('tell', ['look']),
    ];
    expect(share(steps, { look: 'completed', warn: 'skipped', send: 'skipped', tell: 'completed' })).toBe(1);
  });

  it('counts steps that a failure kept from running, at any distance and in any order of the plan', () => {
    const steps = [step('third', ['second']), step('second', ['first']), step('first'), step('other')];
    expect(share(steps, { first: 'failed', second: 'skipped', third: 'skipped', other: 'completed' })).toBe(0.25);
  });

  it('counts a forgiven failure itself, but not a step that its condition left out behind it', () => {
    const steps = [step('may-fail', [], { onError: 'continue' }), step('next', ['may-fail'], { when: 'false' })];
    expect(share(steps, { 'may-fail': 'failed', next: 'skipped' })).toBe(0);
    expect(share([...steps, step('other')], { 'may-fail': 'failed', next: 'skipped', other: 'completed' })).toBe(0.5);
  });

  it('counts a step that never ended, and is 0 when nothing was to run', () => {
    expect(share([step('one'), step('two')], { one: 'completed' })).toBe(0.5);
    expect(share([step('one', [], { when: 'false' })], { one: 'skipped' })).toBe(0);
    expect(share([], {})).toBe(0);
  });
});
