/**
 * From the values of a file, whose form is right, to a definition; what is wrong with its meaning is reported with its path.
 *
 * @module
 */
import type {
  ConcurrencyGroup,
  MigrationChange,
  WorkflowBudget,
  WorkflowDefinition,
  WorkflowMigration,
  WorkflowOutput,
} from './definition.ts';
import { StepReader } from './read-step.ts';
import { asEntries, readDuration, readInput, readRetry, type ReportProblem, schemaApart } from './read-values.ts';
import type { WorkflowFile } from './workflow-schema.ts';

/** What a file says that its values alone do not. */
export interface ReadWorkflowOptions {
  readonly report: ReportProblem;
  /** A scalar as it is written, for versions. */
  readonly sourceOf: (path: readonly (string | number)[]) => string | undefined;
}

/**
 * Reads a workflow.
 *
 * @param file values whose form was checked
 */
export function readWorkflow(file: WorkflowFile, { report, sourceOf }: ReadWorkflowOptions): WorkflowDefinition {
  const steps = new StepReader(report);
  const duration = (value: unknown, key: string, path: readonly (string | number)[]): number | undefined =>
    readDuration(value, key, (code, message) => {
      report(code, message, { path });
    });
  const version = textOf(file['version'], sourceOf(['version']));
  const compatibleWith = textOf(file['compatible_with'], sourceOf(['compatible_with']));
  const timeoutMs = duration(file['timeout'], 'timeout', ['timeout']);
  const maxConcurrency = readMaxConcurrency(file['max_concurrency'], report);
  const budget = readBudget(file['budget'], duration);
  const concurrency = readConcurrency(file['concurrency']);
  const defaults = asEntries(file['defaults']);
  const retry = readRetry(defaults?.['retry'], (code, message, path) => {
    report(code, message, { path: ['defaults', ...path] });
  });
  const defaultTimeoutMs = duration(defaults?.['timeout'], 'timeout', ['defaults', 'timeout']);
  if (!Array.isArray(file.steps)) {
    report('STEPS_NOT_ARRAY', 'A workflow has a list of "steps".', { path: ['steps'] });
  } else if (file.steps.length === 0) report('EMPTY_PLAN', 'The workflow has no steps.', { path: ['steps'] });
  const name = file.name?.trim() ?? '';
  if (name === '') report('MISSING_NAME', 'The workflow has no "name".', { path: ['name'] });
  return {
    name,
    ...(version === undefined ? {} : { version }),
    ...(typeof file['description'] === 'string' ? { description: file['description'] } : {}),
    inputs: mapValues(asEntries(file['inputs']), readInput),
    steps: steps.readSteps(file.steps, ['steps']),
    outputs: mapValues(asEntries(file['outputs']), readOutput),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(maxConcurrency === undefined ? {} : { maxConcurrency }),
    ...(file['on_error'] === undefined ? {} : { onError: file['on_error'] as 'fail' | 'continue' }),
    onFailure: steps.readSteps(file['on_failure'], ['on_failure']),
    finally: steps.readSteps(file['finally'], ['finally']),
    ...(concurrency === undefined ? {} : { concurrency }),
    env: readEnvironment(file['env']),
    secrets: (file['secrets'] ?? []) as readonly string[],
    ...(budget === undefined ? {} : { budget }),
    triggers: readTriggers(file['triggers']),
    defaults: {
      ...(retry === undefined ? {} : { retry }),
      ...(defaultTimeoutMs === undefined ? {} : { timeoutMs: defaultTimeoutMs }),
    },
    ...(compatibleWith === undefined ? {} : { compatibleWith }),
    migrations: readMigrations(file['migration'], { report, sourceOf }),
  };
}

/** YAML reads `2.0` as the number 2; a version is what is written. */
function textOf(value: unknown, source: string | undefined): string | undefined {
  if (typeof value === 'number') return source ?? String(value);
  return typeof value === 'string' ? value : undefined;
}

function mapValues<T>(
  record: Readonly<Record<string, unknown>> | undefined,
  read: (value: unknown) => T,
): Record<string, T> {
  return Object.fromEntries(Object.entries(record ?? {}).map(([key, value]) => [key, read(value)]));
}

/** Words of JSON Schema that may stand beside the `value` of an output. */
export const outputSchemaKeys: ReadonlySet<string> = new Set([
  'type',
  'description',
  'enum',
  'properties',
  'items',
  'required',
  'format',
]);

function readOutput(value: unknown): WorkflowOutput {
  const record = asEntries(value);
  // An object with "value" and nothing but words of JSON Schema declares an output; any other object is one.
  if (record === undefined || !Object.hasOwn(record, 'value')) return { value };
  const { value: inner, ...schema } = record;
  const apart = schemaApart(schema);
  if (apart !== undefined) return { value: inner, schema: apart };
  if (!Object.keys(schema).every((key) => outputSchemaKeys.has(key))) return { value };
  return { value: inner, ...(Object.keys(schema).length === 0 ? {} : { schema }) };
}

function readMaxConcurrency(value: unknown, report: ReportProblem): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 10_000) return value;
  report('BAD_VALUE', `"max_concurrency" is ${JSON.stringify(value)}, but must be a whole number from 1 to 10,000.`, {
    path: ['max_concurrency'],
  });
  return undefined;
}

function readBudget(
  value: unknown,
  duration: (value: unknown, key: string, path: readonly (string | number)[]) => number | undefined,
): WorkflowBudget | undefined {
  const record = asEntries(value);
  if (record === undefined) return undefined;
  const number = (key: string, name: string): Record<string, number> =>
    typeof record[key] === 'number' ? { [name]: record[key] } : {};
  const timeMs = duration(record['time'], 'time', ['budget', 'time']);
  return {
    ...number('tokens', 'tokens'),
    ...number('cost_usd', 'costUsd'),
    ...number('model_calls', 'modelCalls'),
    ...number('tool_calls', 'toolCalls'),
    ...(timeMs === undefined ? {} : { timeMs }),
  };
}

function readConcurrency(value: unknown): ConcurrencyGroup | undefined {
  if (typeof value === 'string') return { group: value, policy: 'wait' };
  const record = asEntries(value);
  if (record === undefined) return undefined;
  return { group: String(record['group']), policy: record['policy'] === 'cancel' ? 'cancel' : 'wait' };
}

function readEnvironment(value: unknown): Record<string, string | undefined> {
  if (Array.isArray(value)) return Object.fromEntries((value as readonly string[]).map((name) => [name, undefined]));
  return mapValues(asEntries(value), (given) =>
    given === null ? undefined : String(given as string | number | boolean),
  );
}

function readTriggers(value: unknown): Readonly<Record<string, unknown>>[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value.map((trigger: unknown) => asEntries(trigger) ?? { type: trigger });
  return Object.entries(value as Readonly<Record<string, unknown>>).map(([type, settings]) => ({
    type,
    ...asEntries(settings),
  }));
}

function readMigrations(value: unknown, options: ReadWorkflowOptions): WorkflowMigration[] {
  if (value === undefined) return [];
  const isList = Array.isArray(value);
  const files = (isList ? value : [value]) as readonly Readonly<Record<string, unknown>>[];
  return files.map((file, index) => {
    const path = isList ? ['migration', index] : ['migration'];
    const steps = (file['steps'] ?? []) as readonly Readonly<Record<string, string>>[];
    return {
      from: textOf(file['from'], options.sourceOf([...path, 'from'])) ?? '',
      changes: [
        ...steps.flatMap((change, at) => readChange(change, { report: options.report, path: [...path, 'steps', at] })),
        ...Object.entries(asEntries(file['inputs']) ?? {}).map(
          ([input, given]) => ({ kind: 'map-input', input, value: given }) as const,
        ),
      ],
    };
  });
}

function readChange(
  change: Readonly<Record<string, string>>,
  { report, path }: { readonly report: ReportProblem; readonly path: readonly (string | number)[] },
): MigrationChange[] {
  const { rename, add, remove } = change;
  if (add !== undefined) return [{ kind: 'add', step: add }];
  if (remove !== undefined) return [{ kind: 'remove', step: remove }];
  const [from, to, more] = (rename ?? '').split('->').map((name) => name.trim());
  if (from !== undefined && from !== '' && to !== undefined && to !== '' && more === undefined)
    return [{ kind: 'rename', from, to }];
  report('BAD_VALUE', 'A change of steps is "add: step", "remove: step" or "rename: old -> new".', { path });
  return [];
}
