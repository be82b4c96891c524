/**
 * Steps as calls of the builder.
 *
 * @module
 */
import type { ForEach } from '../../plan/routing-plan.ts';
import type { ComponentStep, StepCache, WorkflowStep } from '../definition.ts';
import { printDuration } from '../print-duration.ts';
import { isWholeGroup } from '../whole-group.ts';
import { arrayOf, callOf, type Code, isEmpty, objectOf, quote } from './code.ts';
import { isTypedReference, type KnownNames, printBinding, printValue } from './print-value.ts';

type GroupStep = Extract<WorkflowStep, { readonly kind: 'parallel' | 'if' | 'switch' }>;

/** Prints steps in the order in which they are built, and knows which names each of them sees. */
export class StepPrinter {
  readonly #inputs: ReadonlySet<string>;
  /** Names that have to be imported. */
  readonly used: Set<string> = new Set();
  /** Groups around the step that is printed that run for each item. */
  #lists = 0;

  constructor(inputs: ReadonlySet<string>) {
    this.#inputs = inputs;
  }

  /**
   * Steps as calls, one after the other.
   *
   * @param before names of the steps that were built before; those of these steps are added
   */
  printAll(steps: readonly WorkflowStep[], before: Set<string>): Code[] {
    return steps.map((step) => {
      const code = this.#print(step, before);
      before.add(step.name);
      return code;
    });
  }

  /** A function that adds steps to a group; names inside it are added to `after` and not to `before`. */
  printGroup(steps: readonly WorkflowStep[], before: ReadonlySet<string>, after?: Set<string>): Code {
    const inside = new Set(before);
    const calls = this.printAll(steps, inside);
    for (const name of inside) after?.add(name);
    return { head: '(group) => group', calls };
  }

  #print(step: WorkflowStep, names: Set<string>): Code {
    const isForEach = this.#lists > 0 || step.forEach !== undefined;
    const known: KnownNames = { inputs: this.#inputs, steps: names, isForEach };
    const inputs = printBinding(step.inputs, known);
    const call = { name: quote(step.name), inputs, options: this.#optionsOf(step, known) };
    const withInputs = objectOf([...call.options, ['inputs', isEmpty(inputs) ? undefined : inputs]]);
    switch (step.kind) {
      case 'component':
        return stepCall('step', [call.name, this.#targetOf(step), inputs, objectOf(call.options)]);
      case 'capability':
        return stepCall('capability', [call.name, quote(step.capability), inputs, objectOf(call.options)]);
      case 'workflow':
        return stepCall('workflow', [call.name, quote(step.workflow), inputs, objectOf(call.options)]);
      case 'parallel':
      case 'if':
      case 'switch':
        return this.#printWithChildren(step, names, withInputs);
      case 'ai-routing': {
        const routing = objectOf([
          ['prompt', maybe(step.prompt)],
          ['components', maybe(step.components)],
          ['inputs', isEmpty(inputs) ? undefined : inputs],
        ]);
        return callOf('aiRouting', withoutEmptyLast([call.name, routing, objectOf(call.options)], 2));
      }
      case 'approval': {
        const options = objectOf([
          ...call.options,
          ['inputs', isEmpty(inputs) ? undefined : inputs],
          ['approvers', maybe(step.approvers)],
        ]);
        if (step.prompt === undefined && isEmpty(options)) return callOf('approval', [call.name]);
        return stepCall('approval', [call.name, maybe(step.prompt) ?? 'undefined', options]);
      }
      case 'wait':
        return stepCall('wait', [call.name, printValue(step.wait), withInputs]);
    }
  }

  /** @param names to which what is inside is added, where it can be referred to from outside */
  #printWithChildren(step: GroupStep, names: Set<string>, options: Code): Code {
    const seen = isWholeGroup(step) ? new Set(names) : names;
    if (step.forEach !== undefined) this.#lists++;
    const code =
      step.kind === 'parallel'
        ? stepCall('parallel', [quote(step.name), this.printGroup(step.steps, new Set(seen), seen), options])
        : this.#printBranches(step, seen, options);
    if (step.forEach !== undefined) this.#lists--;
    return code;
  }

  #printBranches(step: Exclude<GroupStep, { readonly kind: 'parallel' }>, names: Set<string>, options: Code): Code {
    const before = new Set(names);
    const group = (steps: readonly WorkflowStep[]): Code => this.printGroup(steps, before, names);
    const unlessEmpty = (steps: readonly WorkflowStep[]): Code | undefined =>
      steps.length === 0 ? undefined : group(steps);
    if (step.kind === 'if') {
      const branches = objectOf([
        ['then', group(step.then)],
        ['else', unlessEmpty(step.else)],
      ]);
      return stepCall('branch', [quote(step.name), quote(step.condition), branches, options]);
    }
    const cases = Object.entries(step.cases).map(([value, steps]) => [value, group(steps)] as const);
    const branches = objectOf([
      ['cases', objectOf(cases)],
      ['default', unlessEmpty(step.default)],
    ]);
    return stepCall('switch', [quote(step.name), quote(step.subject), branches, options]);
  }

  #targetOf({ componentType, component, action }: ComponentStep): Code {
    const make = componentType === 'tool' ? 'toolNamed' : 'agentNamed';
    this.used.add(make);
    return callOf(make, action === undefined ? [quote(component)] : [quote(component), quote(action)]);
  }

  #optionsOf(step: WorkflowStep, known: KnownNames): (readonly [string, Code | undefined])[] {
    return [
      ['description', maybe(step.description)],
      [
        'dependsOn',
        step.dependsOn.length === 0 ? undefined : arrayOf(step.dependsOn.map((name) => this.#stepName(name, known))),
      ],
      ['when', maybe(step.when)],
      ['forEach', step.forEach && forEachCode(step.forEach, { ...known, isForEach: this.#lists > 0 })],
      ['retry', maybe(step.retry)],
      ['timeout', maybe(printDuration(step.timeoutMs))],
      ['onError', maybe(step.onError)],
      ['effect', maybe(step.effect)],
      ['compensate', maybe(step.compensate)],
      ['cache', step.cache && cacheCode(step.cache)],
      ['artifact', maybe(step.artifact)],
    ];
  }

  #stepName(name: string, known: KnownNames): Code {
    if (known.steps.has(name)) return quote(name);
    this.used.add('laterStep');
    return callOf('laterStep', [quote(name)]);
  }
}

function maybe(value: unknown): Code | undefined {
  return value === undefined ? undefined : printValue(value);
}

/** A call whose last arguments are left out where they say nothing. */
function stepCall(method: string, parameters: readonly Code[]): Code {
  return callOf(method, withoutEmptyLast(parameters, 2));
}

function withoutEmptyLast(parameters: readonly Code[], least: number): readonly Code[] {
  const last = parameters.at(-1);
  if (last === undefined || parameters.length <= least || !isEmpty(last)) return parameters;
  return withoutEmptyLast(parameters.slice(0, -1), least);
}

/** @param outside what the list itself can refer to: the items of a group around it, but not its own */
function forEachCode(forEach: ForEach, outside: KnownNames): Code {
  const { items, maxParallel, onError } = forEach;
  if (maxParallel === undefined && onError === undefined && isTypedReference(items, outside))
    return printBinding(items, outside);
  return objectOf([
    ['items', printValue(items)],
    ['maxParallel', maybe(maxParallel)],
    ['onError', maybe(onError)],
  ]);
}

function cacheCode({ ttlMs, key }: StepCache): Code {
  const ttl = printValue(printDuration(ttlMs));
  return key === undefined
    ? ttl
    : objectOf([
        ['ttl', ttl],
        ['key', quote(key)],
      ]);
}
