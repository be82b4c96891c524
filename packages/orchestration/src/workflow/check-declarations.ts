/**
 * What a workflow says of itself: its versions, its inputs, its budget.
 *
 * @module
 */
import { compileJsonSchema, describeIssues, findClosest, toGomindError } from '@gomind/core';
import { coerceLossless } from '../plan/schemas/coerce-literal.ts';
import type { WorkflowFinding } from './workflow-finding.ts';
import type { WorkflowDefinition, WorkflowInput } from './definition.ts';
import { asEntries } from './read-values.ts';
import { isInRange, parseVersion } from './versions.ts';

type Path = WorkflowFinding['path'];

/** Everything that is wrong with the declarations of a workflow. */
export function checkDeclarations(workflow: WorkflowDefinition): WorkflowFinding[] {
  return [
    ...checkVersions(workflow),
    ...Object.entries(workflow.inputs).flatMap(([name, input]) => checkInput(name, input)),
    ...checkBudget(workflow),
  ];
}

function checkVersions({ version, compatibleWith, migrations }: WorkflowDefinition): WorkflowFinding[] {
  return [
    ...(version === undefined ? [] : refusal(['version'], () => parseVersion(version))),
    ...(compatibleWith === undefined ? [] : refusal(['compatible_with'], () => isInRange('0.0.0', compatibleWith))),
    ...migrations.flatMap(({ from }, index) =>
      refusal(migrations.length === 1 ? ['migration'] : ['migration', index], () => parseVersion(from)),
    ),
  ];
}

function refusal(path: Path, read: () => unknown): WorkflowFinding[] {
  try {
    read();
    return [];
  } catch (error) {
    const { code, message } = toGomindError(error, { code: 'UNSUPPORTED_VERSION' });
    return [{ diagnostic: { code, severity: 'error', message }, path }];
  }
}

const types = ['string', 'number', 'integer', 'boolean', 'array', 'object', 'null'];
/** Deeper schemas are not looked into; the check of their values still finds what does not fit. */
const maxDepth = 16;

function checkInput(name: string, input: WorkflowInput): WorkflowFinding[] {
  const path: Path = ['inputs', name];
  const unknown = unknownTypes(input.schema, maxDepth);
  if (unknown.length > 0) return unknown.map((type) => unknownType(name, type, path));
  if (!Object.hasOwn(input, 'default') || input.default === null) return [];
  try {
    const check = compileJsonSchema(input.schema);
    const first = check.check(input.default);
    const converted = first.ok ? input.default : coerceLossless(input.default, input.schema);
    if (first.ok || (converted !== undefined && check.check(converted).ok)) return [];
    const message = `The default of the input "${name}" does not fit what is said of it: ${describeIssues(first.issues)} It is used all the same.`;
    return [{ diagnostic: { code: 'INPUT_TYPE', severity: 'warning', message }, path: [...path, 'default'] }];
  } catch (error) {
    const message = `What is said of the input "${name}" is no JSON Schema: ${toGomindError(error, { code: 'INPUT_TYPE' }).message}`;
    return [{ diagnostic: { code: 'INPUT_TYPE', severity: 'error', message }, path }];
  }
}

/** Types that JSON Schema does not have: no value would ever fit. */
function unknownTypes(schema: unknown, depth: number): string[] {
  const record = asEntries(schema);
  if (record === undefined || depth === 0) return [];
  const given = [record['type']].flat().filter((type) => typeof type === 'string');
  const inner = [...Object.values(asEntries(record['properties']) ?? {}), record['items']];
  return [
    ...given.filter((type) => !types.includes(type)),
    ...inner.flatMap((below) => unknownTypes(below, depth - 1)),
  ];
}

function unknownType(name: string, type: string, path: Path): WorkflowFinding {
  const suggestion = findClosest(type, types);
  const message = `The input "${name}" has the type "${type.slice(0, 60)}", which no value has. Known: ${types.join(', ')}.`;
  return {
    diagnostic: {
      code: 'INPUT_TYPE',
      severity: 'error',
      message,
      ...(suggestion === undefined ? {} : { suggestion }),
    },
    path,
  };
}

/** By the names that files use. */
const amounts = { tokens: 'tokens', costUsd: 'cost_usd', modelCalls: 'model_calls', toolCalls: 'tool_calls' } as const;

function checkBudget({ budget = {} }: WorkflowDefinition): WorkflowFinding[] {
  return Object.entries(amounts).flatMap(([key, name]) => {
    const amount = budget[key as keyof typeof amounts];
    const isWhole = key === 'costUsd' || Number.isInteger(amount);
    if (amount === undefined || (amount >= 0 && Number.isFinite(amount) && isWhole)) return [];
    const accepted = key === 'costUsd' ? 'a number from 0' : 'a whole number from 0';
    const message = `"${name}" is ${String(amount)}, but must be ${accepted}.`;
    return [{ diagnostic: { code: 'BAD_VALUE', severity: 'error', message }, path: ['budget', name] }];
  });
}
