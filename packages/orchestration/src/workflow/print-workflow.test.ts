import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WorkflowDefinition, WorkflowInput, WorkflowOutput, WorkflowStep } from './definition.ts';
import { parseWorkflow } from './parse-workflow.ts';
import { printWorkflow } from './print-workflow.ts';

const word = fc.stringMatching(/^[a-z][a-z0-9_-]{0,8}$/);
const text = fc
  .string({ maxLength: 20, unit: 'grapheme' })
  .filter((value) => !value.includes('${') && !/[\uD800-\uDFFF\u0085\u2028\u2029\uFEFF]/u.test(value));
const durationMs = fc.integer({ min: 1, max: 10_000_000 });
const plain = fc
  .jsonValue({ maxDepth: 2 })
  .filter(
    (value) =>
      !JSON.stringify(value).includes('__proto__') &&
      !JSON.stringify(value).includes('${') &&
      !/[\uD800-\uDFFF]/.test(JSON.stringify(value)) &&
      !JSON.stringify(value).includes('\\ud'),
  );
const values = fc.dictionary(word, plain, { maxKeys: 3 });
const optional = <T>(name: string, arbitrary: fc.Arbitrary<T>) =>
  fc
    .option(arbitrary, { nil: undefined })
    .map((value) => (value === undefined ? {} : { [name]: value }) as Record<string, T>);
const together = (...parts: fc.Arbitrary<object>[]): fc.Arbitrary<object> =>
  fc.tuple(...parts).map((all) => Object.assign({}, ...all) as object);

const retry = together(
  fc.integer({ min: 1, max: 9 }).map((maxAttempts) => ({ maxAttempts })),
  optional('backoff', fc.constantFrom('fixed', 'linear', 'exponential')),
  optional('backoffFactor', fc.integer({ min: 1, max: 5 })),
  optional('initialWaitMs', durationMs),
  optional('maxWaitMs', durationMs),
  optional('jitter', fc.boolean()),
);
const groupBase = together(
  fc.constant({ dependsOn: [] }),
  values.map((inputs) => ({ inputs })),
  optional('description', text),
  optional('when', fc.constantFrom('true', 'size(inputs) > 0')),
  optional('retry', retry),
  optional('timeoutMs', durationMs),
  optional('onError', fc.constantFrom('fail', 'continue')),
  optional('effect', fc.constantFrom('pure', 'idempotent', 'compensable', 'irreversible')),
  optional('compensate', word),
  optional(
    'cache',
    together(
      durationMs.map((ttlMs) => ({ ttlMs })),
      optional('key', word),
    ),
  ),
  optional('artifact', fc.constant(true)),
);
const forEach = together(
  fc.record({ items: fc.array(fc.integer(), { maxLength: 3 }) }),
  optional('maxParallel', fc.integer({ min: 1, max: 9 })),
  optional('onError', fc.constantFrom('fail', 'continue')),
);
/** A group cannot be run for each item. */
const base = together(groupBase, optional('forEach', forEach));
const simpleKind = fc.oneof(
  together(
    fc.record({
      kind: fc.constant('component'),
      componentType: fc.constantFrom('tool', 'agent'),
      component: word,
      action: word,
    }),
  ),
  fc.record({ kind: fc.constant('capability'), capability: word }),
  fc.record({ kind: fc.constant('workflow'), workflow: word }),
  together(
    fc.constant({ kind: 'ai-routing' }),
    optional('prompt', text),
    optional('components', fc.array(word, { minLength: 1, maxLength: 2 })),
  ),
  together(fc.constant({ kind: 'approval' }), optional('prompt', text)),
  fc.record({
    kind: fc.constant('wait'),
    wait: fc.oneof(fc.record({ duration: fc.constant('5s') }), fc.record({ event: word })),
  }),
);
const { step } = fc.letrec<{ step: object; steps: object[] }>((tie) => ({
  steps: fc.array(tie('step'), { minLength: 1, maxLength: 2 }),
  step: fc.oneof(
    { maxDepth: 2 },
    together(base, simpleKind),
    together(
      groupBase,
      tie('steps').map((steps) => ({ kind: 'parallel', steps })),
    ),
    together(
      groupBase,
      fc.record({ kind: fc.constant('if'), condition: fc.constant('true'), then: tie('steps'), else: tie('steps') }),
    ),
    together(
      groupBase,
      fc.record({
        kind: fc.constant('switch'),
        subject: fc.constant('run.id'),
        cases: fc.dictionary(word, tie('steps'), { minKeys: 1, maxKeys: 2 }),
        default: tie('steps'),
      }),
    ),
  ),
}));

/** Names have to be unique over the whole workflow. */
function named(value: unknown, counter: { count: number }): unknown {
  if (Array.isArray(value)) return value.map((item) => named(item, counter));
  if (typeof value !== 'object' || value === null) return value;
  const isStep = 'kind' in value && 'dependsOn' in value;
  if (!isStep) return Object.fromEntries(Object.entries(value).map(([key, steps]) => [key, named(steps, counter)]));
  const own = { name: `step ${String(counter.count++)}` };
  const inside = Object.entries(value).map(([key, inner]) => [
    key,
    ['steps', 'then', 'else', 'cases', 'default'].includes(key) ? named(inner, counter) : inner,
  ]);
  return { ...own, ...Object.fromEntries(inside) };
}

const definition: fc.Arbitrary<WorkflowDefinition> = fc
  .record({
    name: word,
    rest: together(
      optional('version', fc.constantFrom('1', '2.0', '1.4.2')),
      optional('description', text),
      optional('timeoutMs', durationMs),
      optional('maxConcurrency', fc.integer({ min: 1, max: 50 })),
      optional('onError', fc.constantFrom('fail', 'continue')),
      optional('concurrency', fc.record({ group: word, policy: fc.constantFrom('wait', 'cancel') })),
      optional('budget', fc.record({ tokens: fc.nat(), timeMs: durationMs })),
      optional('compatibleWith', fc.constant('>=1.5')),
    ),
    inputs: fc.dictionary(
      word,
      together(
        fc.record({ schema: fc.record({ type: fc.constantFrom('string', 'number') }), required: fc.boolean() }),
        optional('default', plain),
      ),
      { maxKeys: 3 },
    ),
    outputs: fc.dictionary(
      word,
      together(
        plain.map((value) => ({ value })),
        optional('schema', fc.constant({ type: 'string' })),
      ),
      { maxKeys: 2 },
    ),
    env: fc.dictionary(word, fc.option(text, { nil: undefined }), { maxKeys: 2 }),
    secrets: fc.uniqueArray(word, { maxLength: 2 }),
    triggers: fc.array(values, { maxLength: 1 }),
    defaults: together(optional('retry', retry), optional('timeoutMs', durationMs)),
    steps: fc.array(step, { minLength: 1, maxLength: 3 }),
    onFailure: fc.array(step, { maxLength: 1 }),
    finally: fc.array(step, { maxLength: 1 }),
    migrations: fc.array(
      fc.record({
        from: fc.constant('1.0'),
        changes: fc.constant([
          { kind: 'rename' as const, from: 'a', to: 'b' },
          { kind: 'map-input' as const, input: 'x', value: 1 },
        ]),
      }),
      { maxLength: 2 },
    ),
  })
  .map(({ rest, steps, onFailure, finally: last, inputs, outputs, ...others }) => {
    const counter = { count: 0 };
    return {
      ...others,
      ...rest,
      inputs: inputs as Record<string, WorkflowInput>,
      outputs: outputs as unknown as Record<string, WorkflowOutput>,
      steps: named(steps, counter) as WorkflowStep[],
      onFailure: named(onFailure, counter) as WorkflowStep[],
      finally: named(last, counter) as WorkflowStep[],
    };
  });

describe('printWorkflow', () => {
  it('prints what reads back to the same definition', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(definition, (workflow) => {
        const printed = printWorkflow(workflow);
        const { workflow: read, diagnostics } = parseWorkflow(printed);
        expect(diagnostics.filter((diagnostic) => diagnostic.severity === 'error')).toEqual([]);
        expect(read).toEqual(workflow);
      }),
      { numRuns: 100 },
    );
  });
});
