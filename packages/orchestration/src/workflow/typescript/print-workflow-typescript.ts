/**
 * Prints a workflow as TypeScript that makes it with the builder. What is printed makes an equal definition.
 *
 * @module
 */
import type { WorkflowDefinition } from '../definition.ts';
import { printInput } from '../print-workflow.ts';
import { callOf, type Code, isEmpty, isIdentifier, objectOf, printCode, quote } from './code.ts';
import { StepPrinter } from './print-steps.ts';
import { type KnownNames, printBindingFunction, printValue } from './print-value.ts';

/**
 * A workflow as a module of TypeScript that exports it. The module holds no types, so it is JavaScript too.
 *
 * Expressions become typed references where the builder knows what they refer to, and stay texts elsewhere. Components are
 * called by name; `action(tool, 'name')` in their place types their inputs and outputs too.
 *
 * @param workflow any definition
 */
export function printWorkflowTypeScript(workflow: WorkflowDefinition): string {
  const inputs = new Set(Object.keys(workflow.inputs));
  const printer = new StepPrinter(inputs);
  const built = new Set<string>();
  const calls: Code[] = [
    ...unlessEmpty('settings', settingsCode(workflow)),
    ...unlessEmpty(
      'inputs',
      recordCode(workflow.inputs, (input) => printValue(printInput(input))),
    ),
    ...printer.printAll(workflow.steps, built),
    ...(workflow.onFailure.length === 0 ? [] : [callOf('onFailure', [printer.printGroup(workflow.onFailure, built)])]),
    ...(workflow.finally.length === 0 ? [] : [callOf('finally', [printer.printGroup(workflow.finally, built)])]),
    ...outputsCode(workflow, { inputs, steps: built }),
    callOf('build', []),
  ];
  const imported = ['workflow', ...printer.used].sort().join(', ');
  const statements = statementsOf(calls, workflow.name);
  return `import { ${imported} } from '@gomind/orchestration';\n\n${statements.map((code) => `${printCode(code)};\n`).join('\n')}`;
}

/** Engines and compilers walk along a chain by calling themselves, so that thousands of calls in one are too deep for them. */
const callsInStatement = 200;

function statementsOf(calls: readonly Code[], name: string): Code[] {
  const count = Math.ceil(calls.length / callsInStatement);
  return Array.from({ length: count }, (_, index) => {
    const start = index === 0 ? `workflow(${quote(name)})` : `part${String(index)}`;
    const result = index === count - 1 ? `export const ${constantName(name)}` : `const part${String(index + 1)}`;
    const part = calls.slice(index * callsInStatement, (index + 1) * callsInStatement);
    return { head: `${result} = ${start}`, calls: part };
  });
}

function settingsCode(workflow: WorkflowDefinition): Code {
  const { version, description, compatibleWith, env, secrets, triggers, timeoutMs, maxConcurrency } = workflow;
  const { onError, concurrency, budget, defaults, migrations } = workflow;
  const given = Object.entries({
    version,
    description,
    compatibleWith,
    env,
    secrets,
    triggers,
    timeoutMs,
    maxConcurrency,
    onError,
    concurrency,
    budget,
    defaults,
    migrations,
  });
  // The builder begins with empty lists and records.
  const isDefault = (key: string, value: unknown): boolean =>
    value === undefined || (key !== 'budget' && typeof value === 'object' && Object.keys(value ?? {}).length === 0);
  return objectOf(given.map(([key, value]) => [key, isDefault(key, value) ? undefined : printValue(value)]));
}

function outputsCode(workflow: WorkflowDefinition, known: KnownNames): Code[] {
  const entries = Object.entries(workflow.outputs);
  if (entries.length === 0) return [];
  const values = printBindingFunction(Object.fromEntries(entries.map(([name, { value }]) => [name, value])), known);
  const schemas = objectOf(entries.map(([name, { schema }]) => [name, schema && printValue(schema)]));
  return [callOf('outputs', isEmpty(schemas) ? [values] : [values, schemas])];
}

function recordCode<T>(record: Readonly<Record<string, T>>, print: (value: T) => Code): Code {
  return objectOf(Object.entries(record).map(([key, value]) => [key, print(value)]));
}

function unlessEmpty(method: string, parameter: Code): Code[] {
  return isEmpty(parameter) ? [] : [callOf(method, [parameter])];
}

const takenNames: ReadonlySet<string> = new Set(
  (
    'agentNamed arguments await break case catch class const continue debugger default delete do else enum eval export ' +
    'extends false finally for function if implements import in instanceof interface laterStep let new null package ' +
    'private protected public return static super switch this throw toolNamed true try typeof undefined var void while ' +
    'with workflow yield'
  ).split(' '),
);

/** The name of a workflow as that of a constant: `daily-report` becomes `dailyReport`. */
function constantName(name: string): string {
  const [first = '', ...others] = name.match(/[\p{L}\p{N}]+/gu) ?? [];
  const joined = [first, ...others.map((word) => word.charAt(0).toUpperCase() + word.slice(1))].join('');
  const lowered = joined.charAt(0).toLowerCase() + joined.slice(1);
  if (lowered === '') return 'definition';
  if (takenNames.has(lowered) || /^part\d+$/.test(lowered)) return `${lowered}Definition`;
  return isIdentifier(lowered) ? lowered : `_${lowered}`;
}
