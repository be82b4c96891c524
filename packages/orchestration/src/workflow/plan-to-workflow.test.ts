import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RoutingPlan } from '../plan/routing-plan.ts';
import { compileWorkflow } from './compile-workflow.ts';
import { parseWorkflow } from './parse-workflow.ts';
import { planToWorkflow } from './plan-to-workflow.ts';
import { printWorkflow } from './print-workflow.ts';

const word = fc.stringMatching(/^[a-z][a-z0-9_-]{0,8}$/);
const durationMs = fc.integer({ min: 1, max: 10_000_000 });
const step = fc.record(
  {
    component: word,
    action: word,
    inputs: fc.dictionary(word, fc.oneof(fc.integer(), fc.boolean(), word), { maxKeys: 3 }),
    waitsFor: fc.array(fc.nat(5), { maxLength: 2 }),
    timeoutMs: durationMs,
    retry: fc.record(
      {
        maxAttempts: fc.integer({ min: 1, max: 9 }),
        backoff: fc.constantFrom('fixed', 'linear', 'exponential'),
        initialWaitMs: durationMs,
        jitter: fc.boolean(),
      },
      { requiredKeys: ['maxAttempts'] },
    ),
    when: fc.constantFrom('true', 'size(inputs) > 0'),
    onError: fc.constant('continue'),
    forEach: fc.record(
      { items: fc.array(fc.integer(), { maxLength: 3 }), maxParallel: fc.integer({ min: 1, max: 9 }) },
      { requiredKeys: ['items'] },
    ),
    effect: fc.constantFrom('pure', 'idempotent', 'compensable', 'irreversible'),
    compensate: word,
  },
  { requiredKeys: ['component', 'action', 'inputs', 'waitsFor'] },
);
const plans = fc
  .record({ name: word, steps: fc.array(step, { minLength: 1, maxLength: 5 }), refersBack: fc.boolean() })
  .map(({ name, steps, refersBack }): RoutingPlan => {
    const named = steps.map(({ waitsFor, inputs, ...rest }, index) => {
      const dependsOn = [
        ...new Set(waitsFor.flatMap((back) => (index > back ? [`step ${String(index - back - 1)}`] : []))),
      ];
      const [first] = dependsOn;
      const referred = refersBack && first !== undefined ? { back: `\${steps['${first}'].output}` } : {};
      return { name: `step ${String(index)}`, dependsOn, inputs: { ...inputs, ...referred }, ...rest };
    });
    return { name, steps: named, outputs: { last: "${steps['step 0'].output}" } };
  });

describe('planToWorkflow', () => {
  it('makes a file that compiles to the same plan', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const { workflow, diagnostics } = parseWorkflow(printWorkflow(planToWorkflow(plan)));
        expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
        expect(compileWorkflow(workflow ?? expect.fail())).toEqual(plan);
      }),
      { numRuns: 200 },
    );
  });
});
