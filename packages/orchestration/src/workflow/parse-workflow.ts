/**
 * Reads a workflow file: every problem at once, each with its place.
 *
 * @module
 */
import type { ComponentInfo } from '@gomind/core';
import type { Diagnostic } from '../plan/diagnostic.ts';
import { checkWorkflow } from './check-workflow.ts';
import type { WorkflowDefinition } from './definition.ts';
import { formProblems } from './form-issues.ts';
import { readWorkflow } from './read-workflow.ts';
import { type RepairedFile, withoutFormProblems, writtenPath } from './without-form-problems.ts';
import { workflowFileSchema } from './workflow-schema.ts';
import { readYaml, type YamlFile } from './yaml/read-yaml.ts';

/** Options of {@link parseWorkflow}. */
export interface ParseWorkflowOptions {
  /** Name of the file, for diagnostics. */
  readonly file?: string;
  /** Components that exist; with them, calls, parameters and types are checked too. */
  readonly components?: readonly ComponentInfo[];
}

/** What came of reading a file. `workflow` is there when `ok` is true. */
export interface ParsedWorkflow {
  readonly ok: boolean;
  readonly workflow?: WorkflowDefinition;
  readonly diagnostics: Diagnostic[];
}

/**
 * Reads a workflow from YAML or JSON. Never throws.
 *
 * @param source text, or bytes in UTF-8
 * @example
 * const { ok, workflow, diagnostics } = parseWorkflow(text, { file: 'etl.yaml' });
 */
export function parseWorkflow(source: string | Uint8Array, options: ParseWorkflowOptions = {}): ParsedWorkflow {
  const file = readYaml(source);
  const findings = new Findings(file, options.file);
  const workflow = file.isReadable ? read(file, findings) : undefined;
  if (workflow !== undefined && findings.mayLookFurther) {
    for (const { diagnostic, path } of checkWorkflow(workflow, options.components)) findings.add(diagnostic, path);
  }
  const diagnostics = findings.inOrder();
  const ok = workflow !== undefined && !findings.hasErrors;
  return ok ? { ok, workflow, diagnostics } : { ok: false, diagnostics };
}

function read(file: YamlFile, findings: Findings): WorkflowDefinition | undefined {
  const { schema, keys } = workflowFileSchema();
  if (file.value === undefined || file.value === null) {
    findings.add(
      {
        code: 'EMPTY_PLAN',
        severity: 'error',
        message: 'The file is empty. A workflow has a "name" and a list of "steps".',
      },
      [],
    );
    return undefined;
  }
  // A file is checked once: to compile the check would cost more than it saves for all but the largest.
  let checked = schema.safeParse(file.value, { jitless: true });
  if (!checked.success) {
    const problems = formProblems(checked.error.issues, keys);
    for (const { code, message, path, part, suggestion } of problems) {
      const step = nearestStep(file.value, path);
      const diagnostic: Diagnostic = {
        code,
        severity: 'error',
        message: step === undefined ? message : `Step "${step}": ${message}`,
        ...(step === undefined ? {} : { step }),
        ...(suggestion === undefined ? {} : { suggestion }),
      };
      findings.add(diagnostic, path, part);
    }
    const repaired = withoutFormProblems(file.value, problems);
    checked = schema.safeParse(repaired?.value, { jitless: true });
    if (repaired === undefined || !checked.success) return undefined;
    findings.written = repaired.written;
  }
  return readWorkflow(checked.data, {
    report: (code, message, { path, step }) => {
      findings.add({ code, severity: 'error', message, ...(step === undefined ? {} : { step }) }, path);
    },
    sourceOf: (path) => file.sourceOf(path),
  });
}

/** Name of the innermost step that a path leads into. */
function nearestStep(value: unknown, path: readonly (string | number)[]): string | undefined {
  let current = value;
  let name: string | undefined;
  for (const key of path) {
    if (typeof current !== 'object' || current === null) return name;
    current = (current as Readonly<Record<string, unknown>>)[String(key)];
    if (typeof key === 'number' && typeof current === 'object' && current !== null && 'name' in current) {
      name = typeof current.name === 'string' ? current.name : name;
    }
  }
  return name;
}

const valueCodes: ReadonlySet<string> = new Set(['BAD_RETRY', 'BAD_TIMEOUT', 'BAD_VALUE', 'UNKNOWN_KEY']);

/** Diagnostics of one file, each with its place. */
class Findings {
  readonly #file: YamlFile;
  readonly #name: string | undefined;
  readonly #found: Diagnostic[];

  /** What stands in the file for keys that were taken for others. */
  written: RepairedFile['written'] = new Map();

  constructor(file: YamlFile, name: string | undefined) {
    this.#file = file;
    this.#name = name;
    this.#found = file.diagnostics.map((diagnostic) => ({
      ...diagnostic,
      ...(name === undefined ? {} : { file: name }),
    }));
  }

  get hasErrors(): boolean {
    return this.#found.some((diagnostic) => diagnostic.severity === 'error');
  }

  /** Whether all that is wrong so far are keys and values whose steps, names and references can be looked at all the same. */
  get mayLookFurther(): boolean {
    return this.#found.every(({ code, severity }) => severity !== 'error' || valueCodes.has(code));
  }

  add(diagnostic: Diagnostic, path: readonly (string | number)[], part?: 'key' | 'value'): void {
    const { line, column } = this.#file.placeOf(writtenPath(path, this.written), part);
    const suggestion = diagnostic.suggestion;
    const isHinted = suggestion === undefined || diagnostic.message.includes('Did you mean');
    this.#found.push({
      ...diagnostic,
      message: isHinted ? diagnostic.message : `${diagnostic.message} Did you mean "${suggestion}"?`,
      path: path.join('.'),
      ...(this.#name === undefined ? {} : { file: this.#name }),
      line,
      column,
    });
  }

  inOrder(): Diagnostic[] {
    return this.#found.toSorted(
      (left, right) => (left.line ?? 0) - (right.line ?? 0) || (left.column ?? 0) - (right.column ?? 0),
    );
  }
}
