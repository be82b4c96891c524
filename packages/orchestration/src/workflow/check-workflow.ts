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
import { findUnusableValues } from './check-values.ts';
import { type CompiledWorkflow, compilePart, type WorkflowPart } from './compile-workflow.ts';
import { findBlindConditions } from './check-conditions.ts';
import { childrenOf, type WorkflowDefinition, type WorkflowStep } from './definition.ts';
import type { WorkflowFinding } from './workflow-finding.ts';
import { explainHidden, isWholeGroup, namesInGraph } from './whole-group.ts';
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
  findings.push(...findIneffectiveKeys(workflow), ...findExposedSecrets(workflow), ...findUnusableValues(workflow));
  return findings;
}

function checkPart(
  workflow: WorkflowDefinition,
  part: WorkflowPart,
  components: readonly ComponentInfo[] | undefined,
): WorkflowFinding[] {
  const compiled = compilePart(workflow, part);
  const options = {
    addImpliedDependencies: true,
    areActionsOptional: true,
    visibleSteps: part === 'steps' ? [] : namesInGraph(workflow.steps),
    explainAbsent: explainHidden(workflow),
  };
  const { diagnostics } =
    components === undefined
      ? validatePlanStructure(compiled.plan, options)
      : validatePlan(compiled.plan, components, options);
  const found = diagnostics
    .filter((diagnostic) => !(diagnostic.code === 'UNDECLARED_REFERENCE' && diagnostic.severity === 'warning'))
    .map((diagnostic) => {
      const path = (diagnostic.path ?? '').split('.').filter((key) => key !== '');
      return { diagnostic: withOwnName(diagnostic), path: sourcePath(path, compiled) };
    });
  return [...found, ...findBlindConditions(compiled)];
}

/** Names are one space over all groups, so a file knows a step inside a group by its own. */
function withOwnName(diagnostic: Diagnostic): Diagnostic {
  const { step } = diagnostic;
  return step === undefined ? diagnostic : { ...diagnostic, step: step.slice(step.lastIndexOf('/') + 1) };
}

/** `steps.3.inputs.a` of the plan is `steps.1.parallel.0.inputs.a` of the file. */
function sourcePath(parts: readonly string[], compiled: CompiledWorkflow): readonly (string | number)[] {
  const index = Number(parts[1]);
  const place = parts[0] === 'steps' ? compiled.places[index] : undefined;
  if (place === undefined) return parts;
  if (parts[2] !== 'config') return [...place, ...parts.slice(2)];
  const group = compiled.groups.get(index);
  if (group !== undefined && parts[3] === 'plan') {
    const inner = sourcePath(parts.slice(4), group);
    // What is said of the group's plan as a whole has no place of its own in a file.
    return inner.length > 1 ? inner : place;
  }
  // What a file says of a kind of step stands beside its other keys.
  return [...place, ...parts.slice(3)];
}

/** Names of steps are one space over all parts and groups; what is twice in one graph, the proof of the plan has found. */
function checkNames(workflow: WorkflowDefinition): WorkflowFinding[] {
  const findings: WorkflowFinding[] = [];
  /** By name: the graph that it was first found in. */
  const graphs = new Map<string, string>();
  const check = (steps: readonly WorkflowStep[], around: WorkflowFinding['path'], graph: string): void => {
    for (const [index, step] of steps.entries()) {
      const path = [...around, index];
      const known = graphs.get(step.name);
      if (known === undefined) graphs.set(step.name, graph);
      else if (known !== graph) {
        const message = `The step name "${step.name}" is used more than once.`;
        findings.push({
          diagnostic: { code: 'DUPLICATE_STEP', severity: 'error', message, step: step.name },
          path: [...path, 'name'],
        });
      }
      const inner = isWholeGroup(step) ? path.join('.') : graph;
      for (const child of childrenOf(step)) check(child.steps, [...path, ...child.path], inner);
    }
  };
  check(workflow.steps, ['steps'], 'steps');
  check(workflow.onFailure, ['on_failure'], 'on_failure');
  check(workflow.finally, ['finally'], 'finally');
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
