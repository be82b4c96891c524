/**
 * Fills required parameters that a plan leaves out, by reference to the one output that fits; proved by schemas, before
 * anything runs. What is ambiguous stays missing: a wrong value is worse than a question.
 *
 * @module
 */
import type { ComponentInfo, JsonSchema } from '@gomind/core';
import type { Diagnostic } from '../diagnostic.ts';
import { printPath } from '../expressions/parse-path.ts';
import { fieldsNamed } from './match-fields.ts';
import { indexCapabilities, type OfferedCapabilities } from './offered-capabilities.ts';
import type { PlanStep, RoutingPlan } from '../routing-plan.ts';
import { followPath } from '../schemas/follow-path.ts';
import { choicesOf, isInChoices } from '../schemas/match-value.ts';
import {
  alternativesOf,
  fieldNames,
  fieldOf,
  requiredNames,
  type SchemaNode,
  schemaNode,
  typesOf,
} from '../schemas/schema-reader.ts';
import { StepGraph } from '../step-graph.ts';

/** A plan with references added, and a finding for each. */
export interface WiredPlan {
  readonly plan: RoutingPlan;
  /** `PARAM_MISSING` warnings that say what was written where. */
  readonly repairs: readonly Diagnostic[];
}

/**
 * Writes references for missing required parameters where exactly one output of the steps that a step waits for (directly or
 * through others) fits by name and type.
 *
 * @param plan a plan that may not be valid yet; it is not changed
 * @param offered the components that the plan may use
 */
export function wireMissingInputs(plan: RoutingPlan, offered: readonly ComponentInfo[]): WiredPlan {
  const capabilities = indexCapabilities(offered);
  const byName = new Map(plan.steps.map((step) => [step.name, step]));
  const repairs: Diagnostic[] = [];
  let graph: StepGraph | undefined;
  const steps = plan.steps.map((step, index) => {
    const asked = missingParameters(step, schemaNode(capabilityOf(step, capabilities)?.inputSchema));
    if (asked.size === 0 || step.dependsOn.length === 0) return step;
    graph ??= new StepGraph(plan.steps);
    const producers = ancestorsOf(step.name, graph).flatMap((name) => byName.get(name) ?? []);
    const found = [...asked].flatMap(([parameter, wanted]) => {
      const reference = soleReference(parameter, wanted, { producers, capabilities });
      if (reference === undefined) return [];
      repairs.push({
        code: 'PARAM_MISSING',
        severity: 'warning',
        message: `Step "${step.name}" lacked the required parameter "${parameter}"; the only output that fits is used: ${reference}.`,
        step: step.name,
        path: `steps.${String(index)}.inputs.${parameter}`,
      });
      return [[parameter, reference] as const];
    });
    return found.length === 0 ? step : { ...step, inputs: { ...step.inputs, ...Object.fromEntries(found) } };
  });
  return repairs.length === 0 ? { plan, repairs } : { plan: { ...plan, steps }, repairs };
}

function capabilityOf(
  step: PlanStep,
  capabilities: OfferedCapabilities,
): { readonly inputSchema?: JsonSchema; readonly outputSchema?: JsonSchema } | undefined {
  return capabilities?.get(step.component ?? '')?.get(step.action ?? '');
}

/** What is required and not given, with its schema; nothing for schemas of several alternatives, which ask for none for sure. */
function missingParameters(step: PlanStep, node: SchemaNode | undefined): Map<string, SchemaNode | undefined> {
  const alternatives = node === undefined ? undefined : alternativesOf(node);
  const [parts] = alternatives ?? [];
  if (node === undefined || parts === undefined || alternatives?.length !== 1) return new Map();
  // An expression that yields further inputs may yield any parameter.
  const names = step.inputsFrom === undefined ? requiredNames(parts) : [];
  return new Map(
    names
      .filter((name) => !Object.hasOwn(step.inputs, name))
      .map((name) => {
        const field = fieldOf(parts, name);
        return [name, field.found === 'schema' ? { schema: field.schema, root: node.root } : undefined];
      }),
  );
}

function ancestorsOf(name: string, graph: StepGraph): string[] {
  const seen = new Set<string>();
  const stack = [...graph.dependenciesOf(name)];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (seen.has(next) || next === name) continue;
    seen.add(next);
    stack.push(...graph.dependenciesOf(next));
  }
  return [...seen];
}

/** The one reference that fits, if there is exactly one. */
function soleReference(
  parameter: string,
  wanted: SchemaNode | undefined,
  from: { readonly producers: readonly PlanStep[]; readonly capabilities: OfferedCapabilities },
): string | undefined {
  const references = from.producers.flatMap((producer) => {
    const output = outputOf(producer, from.capabilities);
    if (output === undefined) return [];
    const paths = fieldsNamed(parameter, (path) => fieldsAt(output, path));
    return paths
      .filter((path) => isSureToFit(output, path, wanted))
      .map((path) => `\${${printPath({ root: 'steps', keys: [producer.name, 'output', ...path] })}}`);
  });
  return references.length === 1 ? references[0] : undefined;
}

/** Undefined where nothing can be proved: lists of items, and steps that may be skipped or whose failure is forgiven. */
function outputOf(step: PlanStep, capabilities: OfferedCapabilities): SchemaNode | undefined {
  const isCertain = step.forEach === undefined && step.when === undefined && (step.onError ?? 'fail') === 'fail';
  return isCertain ? schemaNode(capabilityOf(step, capabilities)?.outputSchema) : undefined;
}

function fieldsAt(output: SchemaNode, path: readonly string[]): readonly string[] | undefined {
  const walk = followPath(output, path);
  return walk.found === 'schema' ? alternativesOf(walk.node)?.flatMap(fieldNames) : undefined;
}

/** Whether whatever stands at a path of an output may be given for a parameter: it is there, and every type it may have fits. */
function isSureToFit(output: SchemaNode, path: readonly string[], wanted: SchemaNode | undefined): boolean {
  if (path.some((_key, depth) => isOptional(output, path.slice(0, depth + 1)))) return false;
  const walk = followPath(output, path);
  const types = walk.found === 'schema' ? typesOf(walk.node.schema, walk.node.root) : undefined;
  if (walk.found !== 'schema' || types === undefined) return false;
  if (wanted === undefined) return true;
  const accepted = typesOf(wanted.schema, wanted.root);
  const fits = (type: string): boolean =>
    accepted === undefined || accepted.has(type) || (type === 'integer' && accepted.has('number'));
  return [...types].every(fits) && isChoiceWithin(walk.node, wanted);
}

/** A schema that lists no required fields at all does not say that they are optional. */
function isOptional(output: SchemaNode, path: readonly string[]): boolean {
  const parent = followPath(output, path.slice(0, -1));
  const alternatives = parent.found === 'schema' ? alternativesOf(parent.node) : undefined;
  if (alternatives === undefined) return true;
  const key = path.at(-1) ?? '';
  return alternatives.some((parts) => {
    const required = requiredNames(parts);
    const saysNothing = parts.every((part) => part.required === undefined) && alternatives.length === 1;
    return !saysNothing && !required.includes(key);
  });
}

/** Whether every value that may be given is one of those that are asked for, where only some are. */
function isChoiceWithin(given: SchemaNode, wanted: SchemaNode): boolean {
  const asked = alternativesOf(wanted) ?? [];
  if (asked.every((parts) => choicesOf(parts).length === 0)) return true;
  return (alternativesOf(given) ?? []).every((parts) => {
    const choices = choicesOf(parts);
    return choices.length > 0 && choices.every((choice) => asked.some((each) => isInChoices(choice, each)));
  });
}
