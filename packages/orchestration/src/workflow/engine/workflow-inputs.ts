/**
 * Checks what a workflow is given: defaults, required inputs, types. Text that converts without loss is converted, so that
 * a command line can give numbers.
 *
 * @module
 */
import { canonicalJson, compileJsonSchema, describeIssues, findClosest, GomindError } from '@gomind/core';
import type { Diagnostic } from '../../plan/diagnostic.ts';
import { coerceLossless } from '../../plan/schemas/coerce-literal.ts';
import { referencedInputs } from '../workflow-references.ts';
import type { WorkflowDefinition, WorkflowInput } from '../definition.ts';

/**
 * The inputs of a run: given values, defaults, and null for what is used but neither given nor declared with a default.
 *
 * @param given values by name
 * @throws GomindError `INPUT_REQUIRED`, `INPUT_TYPE` or `UNKNOWN_INPUT` with every problem in `details.diagnostics`
 */
export function checkWorkflowInputs(
  workflow: WorkflowDefinition,
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const diagnostics: Diagnostic[] = [];
  const referenced = referencedInputs(workflow);
  const inputs: Record<string, unknown> = {};
  const report = (code: string, name: string, message: string): void => {
    diagnostics.push({ code, severity: 'error', message, path: `inputs.${name}` });
  };
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(workflow.inputs, name) || referenced.has(name)) continue;
    const suggestion = findClosest(name, [...Object.keys(workflow.inputs), ...referenced]);
    const hint = suggestion === undefined ? '' : ` Did you mean "${suggestion}"?`;
    report('UNKNOWN_INPUT', name, `The workflow "${workflow.name}" has no input "${name}".${hint}`);
  }
  for (const name of new Set([...Object.keys(workflow.inputs), ...referenced])) {
    const declared: WorkflowInput | undefined = Object.hasOwn(workflow.inputs, name)
      ? workflow.inputs[name]
      : undefined;
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    if (value !== undefined && value !== null) {
      const fitting = declared === undefined ? { value } : fittingValue(value, declared);
      if ('problem' in fitting) report('INPUT_TYPE', name, `The input "${name}" does not fit: ${fitting.problem}`);
      else inputs[name] = fitting.value;
    } else if (declared !== undefined && Object.hasOwn(declared, 'default')) inputs[name] = declared.default;
    else if (declared?.required === true) {
      report('INPUT_REQUIRED', name, `The workflow "${workflow.name}" needs the input "${name}".`);
    } else inputs[name] = null;
  }
  const [first] = diagnostics;
  if (first === undefined) return inputs;
  throw new GomindError({
    code: first.code,
    message: diagnostics
      .map(({ message }) => message)
      .slice(0, 10)
      .join(' '),
    details: { diagnostics },
  });
}

/** The value, converted where that loses nothing. What the author gives as the default always does. */
function fittingValue(
  value: unknown,
  declared: WorkflowInput,
): { readonly value: unknown } | { readonly problem: string } {
  const check = compileJsonSchema(declared.schema);
  const first = check.check(value);
  if (first.ok || isDefault(value, declared)) return { value };
  const converted = coerceLossless(value, declared.schema);
  return converted !== undefined && check.check(converted).ok
    ? { value: converted }
    : { problem: describeIssues(first.issues) };
}

function isDefault(value: unknown, declared: WorkflowInput): boolean {
  if (!Object.hasOwn(declared, 'default')) return false;
  return canonicalJson(value) === canonicalJson(declared.default);
}
