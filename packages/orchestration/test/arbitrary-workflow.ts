/**
 * Arbitrary workflow definitions with every key of the format, for property tests.
 *
 * @module
 */
import fc from 'fast-check';
import type { WorkflowDefinition, WorkflowInput, WorkflowOutput, WorkflowStep } from '../src/workflow/definition.ts';
import { isWholeGroup } from '../src/workflow/whole-group.ts';

/** What the values of a definition are made of. */
export interface ArbitraryParts {
  /** Texts for people, and prompts. */
  readonly text: fc.Arbitrary<string>;
  /** Values of inputs, outputs and defaults. */
  readonly value: fc.Arbitrary<unknown>;
  /** Keys of inputs, cases, variables and so on. */
  readonly key: fc.Arbitrary<string>;
}

const word = fc.stringMatching(/^[a-z][a-z0-9_-]{0,8}$/);
const durationMs = fc.integer({ min: 1, max: 10_000_000 });

function optional<T>(name: string, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<object> {
  return fc.option(arbitrary, { nil: undefined }).map((value) => (value === undefined ? {} : { [name]: value }));
}

function together(...parts: fc.Arbitrary<object>[]): fc.Arbitrary<object> {
  return fc.tuple(...parts).map((all) => Object.assign({}, ...all) as object);
}

const retry = together(
  fc.integer({ min: 1, max: 9 }).map((maxAttempts) => ({ maxAttempts })),
  optional('backoff', fc.constantFrom('fixed', 'linear', 'exponential')),
  optional('backoffFactor', fc.integer({ min: 1, max: 5 })),
  optional('initialWaitMs', durationMs),
  optional('maxWaitMs', durationMs),
  optional('jitter', fc.boolean()),
);

const forEach = together(
  fc.oneof(fc.array(fc.integer(), { maxLength: 3 }), fc.constant('${inputs.list}')).map((items) => ({ items })),
  optional('maxParallel', fc.integer({ min: 1, max: 9 })),
  optional('onError', fc.constantFrom('fail', 'continue')),
);

function arbitraryBase({ text, value, key }: ArbitraryParts): fc.Arbitrary<object> {
  return together(
    // Names are given later; these say how many earlier steps are waited for.
    fc.array(fc.nat(20), { maxLength: 2 }).map((dependsOn) => ({ dependsOn })),
    fc
      .oneof(
        { weight: 5, arbitrary: fc.dictionary(key, value, { maxKeys: 3 }) },
        { weight: 1, arbitrary: fc.constant('${inputs}') },
      )
      .map((inputs) => ({ inputs })),
    optional('description', text),
    optional('when', fc.constantFrom('true', 'size(inputs) > 0')),
    optional('forEach', forEach),
    optional('retry', retry),
    optional('timeoutMs', durationMs),
    optional('onError', fc.constantFrom('fail', 'continue')),
    optional('effect', fc.constantFrom('pure', 'idempotent', 'compensable', 'irreversible')),
    optional('compensate', fc.oneof(word, fc.dictionary(word, fc.integer(), { minKeys: 1, maxKeys: 2 }))),
    optional(
      'cache',
      together(
        durationMs.map((ttlMs) => ({ ttlMs })),
        optional('key', word),
      ),
    ),
    optional('artifact', fc.constant(true)),
  );
}

function arbitrarySimpleKind({ text }: ArbitraryParts): fc.Arbitrary<object> {
  return fc.oneof(
    together(
      fc.record({ kind: fc.constant('component'), componentType: fc.constantFrom('tool', 'agent'), component: word }),
      optional('action', word),
    ),
    fc.record({ kind: fc.constant('capability'), capability: word }),
    fc.record({ kind: fc.constant('workflow'), workflow: fc.oneof(word, fc.constant('parts/inner.yaml')) }),
    together(
      fc.constant({ kind: 'ai-routing' }),
      optional('prompt', text),
      optional('components', fc.array(word, { minLength: 1, maxLength: 2 })),
    ),
    together(
      fc.constant({ kind: 'approval' }),
      optional('prompt', text),
      optional('approvers', fc.array(word, { minLength: 1, maxLength: 2 })),
    ),
    fc.record({
      kind: fc.constant('wait'),
      wait: fc.oneof(
        fc.record({ duration: fc.constantFrom('5s', 250, '${inputs.pause}') }),
        fc.record({ until: fc.constantFrom('2030-01-01T00:00:00Z', '${inputs.time}') }),
        fc.record({ event: word }),
      ),
    }),
  );
}

function arbitraryStep(parts: ArbitraryParts): fc.Arbitrary<object> {
  const base = arbitraryBase(parts);
  const { step } = fc.letrec<{ step: object; steps: object[] }>((tie) => ({
    steps: fc.array(tie('step'), { minLength: 1, maxLength: 2 }),
    step: fc.oneof(
      { maxDepth: 2 },
      together(base, arbitrarySimpleKind(parts)),
      together(
        base,
        tie('steps').map((steps) => ({ kind: 'parallel', steps })),
      ),
      together(
        base,
        fc.record({
          kind: fc.constant('if'),
          condition: fc.constant('true'),
          then: tie('steps'),
          else: fc.oneof(tie('steps'), fc.constant([])),
        }),
      ),
      together(
        base,
        fc.record({
          kind: fc.constant('switch'),
          subject: fc.constant('run.id'),
          cases: fc.dictionary(parts.key, tie('steps'), { minKeys: 1, maxKeys: 2 }),
          default: fc.oneof(tie('steps'), fc.constant([])),
        }),
      ),
    ),
  }));
  return step;
}

/** Names have to be unique over the whole workflow, and a step may wait for those that were named before it in its part. */
class Naming {
  readonly #counter: { count: number };
  readonly #names: string[] = [];

  constructor(counter: { count: number }) {
    this.#counter = counter;
  }

  nameAll(steps: readonly unknown[]): WorkflowStep[] {
    return steps.map((step) => this.#nameStep(step as Readonly<Record<string, unknown>>));
  }

  #nameStep(step: Readonly<Record<string, unknown>>): WorkflowStep {
    const waitsFor = (step['dependsOn'] as readonly number[]).flatMap((back) => this.#names.at(-1 - back) ?? []);
    const before = this.#names.length;
    const inside = Object.entries(step).map(([key, value]) => [key, this.#nameInside(key, value)]);
    const name = `step ${String(this.#counter.count++)}`;
    const named = { ...Object.fromEntries(inside), name, dependsOn: [...new Set(waitsFor)] } as WorkflowStep;
    // Nobody outside of a group that runs as a whole may wait for the steps inside.
    if (isWholeGroup(named)) this.#names.length = before;
    this.#names.push(name);
    return named;
  }

  #nameInside(key: string, value: unknown): unknown {
    if (key === 'cases') {
      const cases = Object.entries(value as Readonly<Record<string, readonly unknown[]>>);
      return Object.fromEntries(cases.map(([label, steps]) => [label, this.nameAll(steps)]));
    }
    return ['steps', 'then', 'else', 'default'].includes(key) ? this.nameAll(value as readonly unknown[]) : value;
  }
}

const inputSchema = fc.constantFrom(
  {},
  { type: 'string' },
  { type: ['number', 'null'], minimum: 1 },
  { type: 'object', properties: { a: { type: 'integer', default: 1 } }, required: ['a'] },
  { enum: ['x', 1, null], default: 'x' },
);

/** Definitions with every key of the format. */
export function arbitraryWorkflow(parts: ArbitraryParts): fc.Arbitrary<WorkflowDefinition> {
  const { text, value, key } = parts;
  const step = arbitraryStep(parts);
  return fc
    .record({
      name: word,
      rest: together(
        optional('version', fc.constantFrom('1', '2.0', '1.4.2')),
        optional('description', text),
        optional('timeoutMs', durationMs),
        optional('maxConcurrency', fc.integer({ min: 1, max: 50 })),
        optional('onError', fc.constantFrom('fail', 'continue')),
        optional('concurrency', fc.record({ group: word, policy: fc.constantFrom('wait', 'cancel') })),
        optional(
          'budget',
          together(
            optional('tokens', fc.nat()),
            optional('costUsd', fc.constantFrom(0.5, 20)),
            optional('modelCalls', fc.nat()),
            optional('toolCalls', fc.nat()),
            optional('timeMs', durationMs),
          ),
        ),
        optional('compatibleWith', fc.constant('>=1.5')),
      ),
      inputs: fc.dictionary(
        key,
        together(fc.record({ schema: inputSchema, required: fc.boolean() }), optional('default', value)),
        { maxKeys: 3 },
      ),
      outputs: fc.dictionary(
        key,
        together(
          value.map((given) => ({ value: given })),
          optional('schema', fc.constantFrom({ type: 'string' }, { type: 'number', minimum: 1 })),
        ),
        { maxKeys: 2 },
      ),
      env: fc.dictionary(key, fc.option(text, { nil: undefined }), { maxKeys: 2 }),
      secrets: fc.uniqueArray(word, { maxLength: 2 }),
      triggers: fc.array(fc.dictionary(key, value, { maxKeys: 3 }), { maxLength: 1 }),
      defaults: together(optional('retry', retry), optional('timeoutMs', durationMs)),
      steps: fc.array(step, { minLength: 1, maxLength: 3 }),
      onFailure: fc.array(step, { maxLength: 1 }),
      finally: fc.array(step, { maxLength: 1 }),
      migrations: fc.array(
        fc.record({
          from: fc.constant('1.0'),
          changes: fc.constant([
            { kind: 'rename' as const, from: 'a', to: 'b' },
            { kind: 'add' as const, step: 'c' },
            { kind: 'remove' as const, step: 'd' },
            { kind: 'map-input' as const, input: 'x', value: 1 },
          ]),
        }),
        { maxLength: 2 },
      ),
    })
    .map(({ rest, steps, onFailure, finally: last, inputs, outputs, ...others }) => {
      const counter = { count: 0 };
      // A copy, because generated records may have no prototype.
      return structuredClone({
        ...others,
        ...rest,
        inputs: inputs as Record<string, WorkflowInput>,
        outputs: outputs as unknown as Record<string, WorkflowOutput>,
        steps: new Naming(counter).nameAll(steps),
        onFailure: new Naming(counter).nameAll(onFailure),
        finally: new Naming(counter).nameAll(last),
      });
    });
}
