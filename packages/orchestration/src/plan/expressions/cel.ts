/**
 * CEL (Common Expression Language) for everything that is no plain path. The library is loaded on first use, and what it
 * allows is narrowed: no `matches` (its backtracking patterns can stall the process), numbers of JSON mix with integers,
 * and hyphenated names inside paths are rewritten to indices before the library sees them.
 *
 * @module
 */
import { createRequire } from 'node:module';
import { GomindError } from '@gomind/core';
import type { Environment, ParseResult } from '@marcbachmann/cel-js';
import { presenceFunction, rewrite } from './cel-spelling.ts';
import { type CelLoop, type CelNode, CelWork } from './cel-work.ts';
import { expressionError } from './expression-error.ts';
import type { ReferencePath } from './parse-path.ts';
import { isThere } from './read-path.ts';
import { type ExpressionScope, expressionRoots, isExpressionRoot } from './scope.ts';

/** A compiled expression. */
export interface CelProgram {
  /** Every path below a root that the expression reads. */
  readonly paths: readonly ReferencePath[];
  /** False when it can be seen that the result is never true or false. */
  readonly mayBeBoolean: () => boolean;
  /** Needs no receiver. */
  readonly evaluate: (scope: ExpressionScope) => unknown;
}

const maxSourceLength = 4_096;
const require = createRequire(import.meta.url);
let environment: Environment | undefined;

function celEnvironment(): Environment {
  if (environment !== undefined) return environment;
  const { Environment: CelEnvironment } = require('@marcbachmann/cel-js') as typeof import('@marcbachmann/cel-js');
  const made = new CelEnvironment({
    unlistedVariablesAreDyn: false,
    homogeneousAggregateLiterals: false,
    limits: { maxAstNodes: 1_000, maxDepth: 64, maxListElements: 1_000, maxMapEntries: 1_000 },
  });
  for (const root of expressionRoots) made.registerVariable(root, 'dyn');
  made.registerVariable('dependency_states', 'dyn');
  registerMixedArithmetic(made);
  made.registerFunction(`${presenceFunction}(dyn, list<dyn>): bool`, (root: unknown, keys: readonly unknown[]) =>
    isThere(
      root,
      keys.map((key) => (typeof key === 'bigint' ? Number(key) : String(key))),
    ),
  );
  environment = made;
  return made;
}

/** JSON numbers are doubles, CEL literals without a point are integers; people mean the same by both. */
function registerMixedArithmetic(target: Environment): void {
  const operators: readonly [string, (left: number, right: number) => number][] = [
    ['+', (left, right) => left + right],
    ['-', (left, right) => left - right],
    ['*', (left, right) => left * right],
    ['/', (left, right) => left / right],
    ['%', (left, right) => left % right],
  ];
  for (const [operator, compute] of operators) {
    const apply = (left: unknown, right: unknown): number => compute(Number(left), Number(right));
    target.registerOperator(`double ${operator} int`, apply);
    target.registerOperator(`int ${operator} double`, apply);
    if (operator === '%') target.registerOperator('double % double', apply);
  }
}

/**
 * Compiles an expression.
 *
 * @param source the inside of `${...}`, or a `when` condition
 * @throws GomindError `MALFORMED_REFERENCE` for what is no CEL, `LIMIT_EXCEEDED` for what is too long
 */
export function compileCel(source: string): CelProgram {
  if (source.length > maxSourceLength) {
    throw expressionError('LIMIT_EXCEEDED', source, `an expression may have ${String(maxSourceLength)} characters`);
  }
  let program: ParseResult;
  try {
    program = celEnvironment().parse(rewrite(source));
  } catch (error) {
    throw expressionError('MALFORMED_REFERENCE', source, reasonOf(error));
  }
  const paths = new Map<string, ReferencePath>();
  const work = new CelWork(source);
  inspect(program.ast, { source, paths, work, turn: { nodes: 0, paths: [] } });
  return {
    paths: [...paths.values()],
    mayBeBoolean: () => {
      const { valid, type } = program.check();
      return !valid || type === 'bool' || type === 'dyn';
    },
    evaluate: (scope) => {
      work.start(scope);
      try {
        return fromCel(program(contextOf(scope)), new Map());
      } catch (error) {
        if (GomindError.isInstance(error)) throw error;
        throw expressionError('UNKNOWN_OUTPUT_FIELD', source, reasonOf(error));
      }
    },
  };
}

interface Node {
  readonly op: string;
  readonly args: unknown;
  /** `alternate` and `macro` are what a macro stands for. */
  readonly meta?: { readonly alternate?: Node; readonly macro?: unknown };
}

function isNode(value: unknown): value is Node {
  return (
    typeof value === 'object' && value !== null && 'op' in value && typeof value.op === 'string' && 'args' in value
  );
}

/** What looking through a syntax tree collects. */
interface Inspection {
  readonly source: string;
  readonly paths: Map<string, ReferencePath>;
  readonly work: CelWork;
  /** What each turn of the loop around evaluates. */
  readonly turn: { nodes: number; readonly paths: ReferencePath[] };
}

/** Collects the longest paths of a syntax tree, counts its loops and refuses calls that are not allowed. */
function inspect(value: unknown, inspection: Inspection): void {
  if (Array.isArray(value)) {
    for (const inner of value) inspect(inner, inspection);
    return;
  }
  if (!isNode(value)) return;
  inspection.turn.nodes++;
  const path = pathOf(value);
  if (path !== undefined) {
    inspection.paths.set(JSON.stringify(path), path);
    inspection.turn.paths.push(path);
    return;
  }
  const { op, args } = value;
  if ((op === 'rcall' || op === 'call') && Array.isArray(args) && args[0] === 'matches') {
    throw expressionError(
      'MALFORMED_REFERENCE',
      inspection.source,
      'matches() is not available; use contains(), startsWith() or endsWith()',
    );
  }
  const loop = value.meta?.alternate;
  if (loop?.op !== 'comprehension' || !Array.isArray(args)) {
    count(value, inspection.work);
    inspect(args, inspection);
    return;
  }
  const [, list, inside] = args as readonly unknown[];
  // Reading the list is what its turns are counted for.
  inspect(
    list,
    isNode(list) && pathOf(list) !== undefined ? { ...inspection, turn: { nodes: 0, paths: [] } } : inspection,
  );
  const turn = { nodes: 1, paths: [] };
  inspect(inside, { ...inspection, turn });
  inspection.work.count(loop.args as CelLoop, turn);
}

/** Counts what calls and sums cost; all else costs the same each time. */
function count(node: Node, work: CelWork): void {
  const { op, args, meta } = node;
  const isCall = op === 'rcall' || op === 'call';
  // A macro is another node inside.
  if (meta?.macro !== undefined || (!isCall && op !== '+') || !Array.isArray(args)) return;
  const [name, receiver] = args as readonly unknown[];
  const isSearch = op === 'rcall' && name === 'contains' && isNode(receiver) && pathOf(receiver) !== undefined;
  if (isSearch) work.countSearch(node as Node & CelNode);
  else work.countResult(node as Node & CelNode, { isSize: isCall && name === 'size' });
}

/** The path that a chain of fields and indices spells, if it begins at a root. */
function pathOf(node: Node): ReferencePath | undefined {
  if (node.op === 'call') return askedPathOf(node);
  const keys: (string | number)[] = [];
  let current: unknown = node;
  for (;;) {
    if (!isNode(current)) return undefined;
    if (current.op === 'id') {
      const root = current.args;
      return typeof root === 'string' && isExpressionRoot(root) ? { root, keys: keys.toReversed() } : undefined;
    }
    if ((current.op !== '.' && current.op !== '[]') || !Array.isArray(current.args)) return undefined;
    const [parent, key] = current.args as readonly unknown[];
    const literal = isNode(key) && key.op === 'value' ? key.args : key;
    if (typeof literal === 'bigint') keys.push(Number(literal));
    else if (typeof literal === 'string') keys.push(literal);
    else return undefined;
    current = parent;
  }
}

/** The path that `has()` asks for. */
function askedPathOf({ args }: Node): ReferencePath | undefined {
  const [name, given] = args as readonly unknown[];
  const [root, list] = (Array.isArray(given) ? given : []) as readonly unknown[];
  if (name !== presenceFunction || !isNode(root) || !isNode(list) || !Array.isArray(list.args)) return undefined;
  if (typeof root.args !== 'string' || !isExpressionRoot(root.args)) return undefined;
  const keys = (list.args as readonly unknown[]).flatMap((key): (string | number)[] => {
    const literal = isNode(key) && key.op === 'value' ? key.args : undefined;
    if (typeof literal === 'bigint') return [Number(literal)];
    return typeof literal === 'string' ? [literal] : [];
  });
  return keys.length === list.args.length ? { root: root.args, keys } : undefined;
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (message.split('\n')[0] ?? message).slice(0, 300);
}

function contextOf(scope: ExpressionScope): Record<string, unknown> {
  const context: Record<string, unknown> = {};
  for (const root of expressionRoots) context[root] = Object.hasOwn(scope, root) ? scope[root] : {};
  if ('dependency_states' in scope) context['dependency_states'] = scope.dependency_states;
  return context;
}

/** CEL's integers are bigints; JSON has numbers. */
function fromCel(value: unknown, known: Map<unknown, unknown>): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) {
    // A list that stands in a result many times is looked through once.
    if (known.has(value)) return known.get(value);
    const converted = value.map((item) => fromCel(item, known));
    // A list of the data, untouched, is passed on as it is.
    const result = converted.some((item, index) => item !== value[index]) ? converted : value;
    known.set(value, result);
    return result;
  }
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, inner]) => [String(key), fromCel(inner, known)]));
  return value;
}
