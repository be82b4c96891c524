/**
 * What can be wrong with a workflow beyond the form of its keys: its graph, its references, its components. Reuses the
 * proof of plans; findings get back the path that they have in the file.
 *
 * @module
 */
import { type ComponentInfo, findClosest } from '@gomind/core';
import type { Diagnostic } from '../plan/diagnostic.ts';
import { bareCondition } from '../plan/expressions/evaluate-condition.ts';
import { validatePlan, validatePlanStructure } from '../plan/validation/validate-plan.ts';
import { checkDeclarations } from './check-declarations.ts';
import { findIneffectiveKeys } from './check-effects.ts';
import { findExposedSecrets } from './check-secrets.ts';
import { type CompiledWorkflow, compilePart, withChildren, type WorkflowPart } from './compile-workflow.ts';
import { childrenOf, type WorkflowDefinition, type WorkflowStep } from './definition.ts';
import type { WorkflowFinding } from './workflow-finding.ts';
import { referencesOf } from './workflow-references.ts';

/**
 * Everything that is wrong with a workflow.
 *
 * @param workflow a definition
 * @param components components that exist; without them, calls are not checked
 */
export function checkWorkflow(workflow: WorkflowDefinition, components?: readonly ComponentInfo[]): WorkflowFinding[] {
  const findings = checkDeclarations(workflow);
  for (const part of ['steps', 'onFailure', 'finally'] as const) {
    if (workflow[part].length > 0) findings.push(...checkPart(workflow, part, components));
  }
  findings.push(...checkNames(workflow), ...checkInputReferences(workflow), ...checkDeadSteps(workflow));
  findings.push(...findIneffectiveKeys(workflow), ...findExposedSecrets(workflow));
  return findings;
}

function checkPart(
  workflow: WorkflowDefinition,
  part: WorkflowPart,
  components: readonly ComponentInfo[] | undefined,
): WorkflowFinding[] {
  const compiled = compilePart(workflow, part);
  const visible = part === 'steps' ? [] : withChildren(workflow.steps).map((step) => step.name);
  const options = { addImpliedDependencies: true, areActionsOptional: true, visibleSteps: visible };
  const { diagnostics } =
    components === undefined
      ? validatePlanStructure(compiled.plan, options)
      : validatePlan(compiled.plan, components, options);
  return diagnostics
    .filter((diagnostic) => !(diagnostic.code === 'UNDECLARED_REFERENCE' && diagnostic.severity === 'warning'))
    .map((diagnostic) => ({ diagnostic, path: sourcePath(diagnostic, compiled) }));
}

/** `steps.3.inputs.a` of the plan is `steps.1.parallel.0.inputs.a` of the file. */
function sourcePath(diagnostic: Diagnostic, compiled: CompiledWorkflow): readonly (string | number)[] {
  const parts = (diagnostic.path ?? '').split('.').filter((part) => part !== '');
  const place = parts[0] === 'steps' ? compiled.places[Number(parts[1])] : undefined;
  if (place === undefined) return parts;
  // What a file says of a kind of step stands beside its other keys.
  return [...place, ...parts.slice(parts[2] === 'config' ? 3 : 2)];
}

/** Names of steps are one space over all parts and groups. */
function checkNames(workflow: WorkflowDefinition): WorkflowFinding[] {
  const seen = new Set(withChildren(workflow.steps).map((step) => step.name));
  const findings: WorkflowFinding[] = [];
  for (const [key, steps] of [
    ['on_failure', workflow.onFailure],
    ['finally', workflow.finally],
  ] as const) {
    for (const [index, step] of steps.entries()) {
      if (seen.has(step.name)) {
        const message = `The step name "${step.name}" is used more than once.`;
        findings.push({
          diagnostic: { code: 'DUPLICATE_STEP', severity: 'error', message, step: step.name },
          path: [key, index, 'name'],
        });
      }
      for (const inner of withChildren([step])) seen.add(inner.name);
    }
  }
  return findings;
}

function checkInputReferences(workflow: WorkflowDefinition): WorkflowFinding[] {
  const findings: WorkflowFinding[] = [];
  const used = new Set<string>();
  const secrets = new Set(workflow.secrets);
  for (const { path, reference, step: owner } of referencesOf(workflow)) {
    const step = owner?.name;
    const name = reference.keys[0] === undefined ? undefined : String(reference.keys[0]);
    if (name === undefined) {
      if (reference.root === 'inputs') for (const input of Object.keys(workflow.inputs)) used.add(input);
      continue;
    }
    if (reference.root === 'inputs') {
      used.add(name);
      if (!Object.hasOwn(workflow.inputs, name)) findings.push(unknownInput(name, workflow, { path, step }));
    } else if (reference.root === 'secrets' && !secrets.has(name)) {
      const message = `The secret "${name}" is not listed in "secrets", so it cannot be used.`;
      findings.push({
        diagnostic: { code: 'DANGLING_REFERENCE', severity: 'error', message, ...(step === undefined ? {} : { step }) },
        path,
      });
    }
  }
  for (const name of Object.keys(workflow.inputs)) {
    if (used.has(name)) continue;
    const message = `The input "${name}" is declared, but nothing uses it.`;
    findings.push({ diagnostic: { code: 'UNUSED_INPUT', severity: 'warning', message }, path: ['inputs', name] });
  }
  return findings;
}

function unknownInput(
  name: string,
  workflow: WorkflowDefinition,
  { path, step }: { readonly path: readonly (string | number)[]; readonly step: string | undefined },
): WorkflowFinding {
  const suggestion = findClosest(name, Object.keys(workflow.inputs));
  const hint = suggestion === undefined ? '' : ` Did you mean "${suggestion}"?`;
  return {
    diagnostic: {
      code: 'UNKNOWN_INPUT',
      severity: 'warning',
      message: `${step === undefined ? '' : `Step "${step}": `}the input "${name}" is not declared; it is null unless it is given.${hint}`,
      ...(step === undefined ? {} : { step }),
      ...(suggestion === undefined ? {} : { suggestion }),
    },
    path,
  };
}

/** Steps that can never run: their own condition is always false, or that of the branch that they stand in. */
function checkDeadSteps(workflow: WorkflowDefinition): WorkflowFinding[] {
  return [
    ...deadAmong(workflow.steps, ['steps']),
    ...deadAmong(workflow.onFailure, ['on_failure']),
    ...deadAmong(workflow.finally, ['finally']),
  ];
}

function deadAmong(steps: readonly WorkflowStep[], path: WorkflowFinding['path']): WorkflowFinding[] {
  return steps.flatMap((step, index) => {
    const place = [...path, index];
    if (step.when !== undefined && isAlways(step.when, 'false')) return [deadStep(step, [...place, 'when'])];
    return childrenOf(step).flatMap(({ path: below, steps: inner }) => {
      const dead = step.kind === 'if' && isAlways(step.condition, below[0] === 'then' ? 'false' : 'true');
      return dead ? inner.map((child) => deadStep(child, [...place, 'if'])) : deadAmong(inner, [...place, ...below]);
    });
  });
}

function isAlways(condition: string, value: 'true' | 'false'): boolean {
  return bareCondition(condition).trim() === value;
}

function deadStep({ name }: WorkflowStep, path: WorkflowFinding['path']): WorkflowFinding {
  const why = path.at(-1) === 'if' ? 'the condition of its branch never changes' : 'its condition is always false';
  const message = `Step "${name}" can never run: ${why}.`;
  return { diagnostic: { code: 'DEAD_STEP', severity: 'warning', message, step: name }, path };
}
