/**
 * Every `${...}` of a plan: well-formed, to a step that is there and has ended by then, to a field that its output has.
 *
 * @module
 */
import { answerAncestorQuestions } from './ancestors.ts';
import {
  analyseExpression,
  collectExpressions,
  type FoundExpression,
  stepOf,
} from '../expressions/collect-references.ts';
import { compileExpression } from '../expressions/compile-expression.ts';
import { bareCondition } from '../expressions/evaluate-condition.ts';
import { mayHoldExpressions } from '../expressions/may-hold-expressions.ts';
import { printPath, type ReferencePath } from '../expressions/parse-path.ts';
import { isReadable } from '../expressions/read-path.ts';
import { listNames, type PlanContext } from './plan-context.ts';
import type { PlanStep } from '../routing-plan.ts';
import { typesOf } from '../schemas/schema-reader.ts';
import { StepGraph } from '../step-graph.ts';
import { templatesOf } from './step-templates.ts';

interface Place {
  readonly step: string;
  readonly path: string;
}

/** A reference to a step that is no declared dependency. */
interface FarReference extends Place {
  readonly target: string;
  readonly reference: ReferencePath;
}

/** Dependencies that references imply, by step. */
export type ImpliedDependencies = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Checks all references of all steps.
 *
 * @param unreadable names of steps whose dependencies could not be read, so that nothing is said about what they may see
 * @returns the dependencies that have to be added, when the plan is to be mended so
 */
export function checkReferences(context: PlanContext, unreadable: ReadonlySet<string>): ImpliedDependencies {
  const checker = new ReferenceChecker(context);
  for (const [index, step] of context.plan.steps.entries()) checker.checkStep(step, `steps.${String(index)}`);
  return checker.judgeFarReferences(unreadable);
}

class ReferenceChecker {
  readonly #context: PlanContext;
  readonly #far: FarReference[] = [];

  constructor(context: PlanContext) {
    this.#context = context;
  }

  checkStep(step: PlanStep, path: string): void {
    const templates = templatesOf(step).filter(([, value]) => mayHoldExpressions(value));
    if (templates.length === 0 && step.when === undefined) return;
    const declared = new Set(step.dependsOn);
    for (const [part, value] of templates) {
      for (const found of collectExpressions(value)) {
        const place = { step: step.name, path: `${path}.${part}${found.at === '' ? '' : `.${found.at}`}` };
        this.#checkForm(found, place);
        for (const reference of found.paths) this.#checkReference(reference, place, declared);
      }
    }
    if (step.when !== undefined) this.#checkCondition(step.when, { step: step.name, path: `${path}.when` }, declared);
  }

  #checkForm({ problem, paths, source }: FoundExpression, place: Place): void {
    const reason = problem ?? (paths.length === 0 ? 'it refers to no input and no step' : undefined);
    if (reason === undefined) return;
    this.#context.findings.report(
      'MALFORMED_REFERENCE',
      `Step "${place.step}", ${place.path}: \${${source}} cannot be used: ${reason}.`,
      place,
    );
  }

  #checkCondition(when: string, place: Place, declared: ReadonlySet<string>): void {
    const { findings } = this.#context;
    const source = bareCondition(when);
    const { paths, problem, isPath } = analyseExpression(source);
    if (problem !== undefined) {
      findings.report('CONDITION_TYPE', `The condition of step "${place.step}" cannot be read: ${problem}.`, place);
      return;
    }
    const [only] = paths;
    const walk = isPath && only !== undefined ? this.#context.follow(only) : undefined;
    const types = walk?.found === 'schema' ? typesOf(walk.node.schema, walk.node.root) : undefined;
    if (types?.has('boolean') === false || !compileExpression(source).mayBeBoolean()) {
      const actual = types === undefined ? 'something else' : [...types].join(' or ');
      const severity = walk?.found === 'schema' && !walk.isClosed ? 'warning' : 'error';
      const message = `The condition of step "${place.step}" must be true or false, but ${when} is ${actual}. Compare it with something.`;
      findings.report('CONDITION_TYPE', message, { ...place, severity });
    }
    for (const reference of paths) this.#checkReference(reference, place, declared);
  }

  #checkReference(reference: ReferencePath, place: Place, declared: ReadonlySet<string>): void {
    const { findings, steps } = this.#context;
    if (reference.root !== 'steps') return;
    const name = stepOf(reference);
    if (name === undefined) {
      const message = `Step "${place.step}" refers to \${${printPath(reference)}}, which names no step.`;
      findings.report('MALFORMED_REFERENCE', message, place);
      return;
    }
    if (!isReadable(name)) {
      const message = `Step "${place.step}" refers to \${${printPath(reference)}}, but expressions read nothing named "${name}". Give that step another name.`;
      findings.report('MALFORMED_REFERENCE', message, place);
      return;
    }
    const isOutside = !steps.has(name);
    if (isOutside && !this.#context.seesOutside(name)) {
      const { because, suggestion } = this.#context.describeAbsent(name);
      const message = `Step "${place.step}" refers to \${${printPath(reference)}}, but ${because}.`;
      findings.report('DANGLING_REFERENCE', message, { ...place, suggestion });
      return;
    }
    if (name === place.step) {
      const message = `Step "${place.step}" refers to its own output \${${printPath(reference)}}.`;
      findings.report('FORWARD_REFERENCE', message, place);
    } else if (!isOutside && !declared.has(name))
      this.#far.push({ step: place.step, path: place.path, target: name, reference });
    const member = reference.keys[1];
    if (member === 'output') checkOutputField(this.#context, reference, place);
    else if (member !== 'status' && member !== 'error') {
      const suggestion = `\${steps.${name}.output${member === undefined ? '' : `.${String(member)}`}}`;
      const message = `Step "${place.step}" refers to \${${printPath(reference)}}; behind a step's name come output, status or error.`;
      findings.report('MALFORMED_REFERENCE', message, { ...place, suggestion });
    }
  }

  /** A step sees what it waits for, directly or through others. */
  judgeFarReferences(unreadable: ReadonlySet<string>): ImpliedDependencies {
    const { graph, findings, options } = this.#context;
    const implied = new Map<string, Set<string>>();
    // What lies on or behind a circle has no order to be judged by; the circle itself is reported.
    const ordered = new Set(graph.topologicalOrder());
    const judged = this.#far.filter(
      ({ step, target }) => ordered.has(step) && ordered.has(target) && !unreadable.has(step),
    );
    const isSeen = answerAncestorQuestions(
      graph,
      judged.map(({ step, target }) => ({ ancestor: target, step })),
    );
    const unseen = judged.filter((_reference, index) => isSeen[index] !== true);
    const isLater = answerAncestorQuestions(
      graph,
      unseen.map(({ step, target }) => ({ ancestor: step, step: target })),
    );
    for (const [index, { step, path, target, reference }] of unseen.entries()) {
      const text = `\${${printPath(reference)}}`;
      if (isLater[index] === true) {
        const message = `Step "${step}" refers to ${text}, but "${target}" runs only after it.`;
        findings.report('FORWARD_REFERENCE', message, { step, path });
        continue;
      }
      const targets = implied.get(step) ?? new Set<string>();
      const isMended = options.addImpliedDependencies === true;
      if (targets.has(target) && isMended) continue;
      const message = `Step "${step}" refers to ${text} without depending on "${target}". Add it to depends_on.`;
      findings.report('UNDECLARED_REFERENCE', message, {
        step,
        path,
        severity: isMended ? 'warning' : 'error',
        isMended,
      });
      implied.set(step, targets.add(target));
    }
    if (options.addImpliedDependencies !== true || implied.size === 0) return new Map();
    this.#refuseNewCircles(implied);
    return implied;
  }

  /** Steps that refer to each other cannot be mended. */
  #refuseNewCircles(implied: ImpliedDependencies): void {
    const { graph, plan, findings } = this.#context;
    const mended = new StepGraph(
      plan.steps.map(({ name }) => ({
        name,
        dependsOn: [...graph.dependenciesOf(name), ...(implied.get(name) ?? [])],
      })),
    );
    const known = new Set(graph.findCycles().map((cycle) => cycle.join('\n')));
    for (const cycle of mended.findCycles()) {
      if (known.has(cycle.join('\n'))) continue;
      const message = `Steps refer to each other in a circle: ${cycle.join(' -> ')}.`;
      findings.report('CYCLE', message, { step: cycle[0], path: 'steps' });
    }
  }
}

/** Checks the references that make up the plan's result. */
export function checkOutputs(context: PlanContext): void {
  const { plan, steps, findings } = context;
  for (const [name, value] of Object.entries(plan.outputs ?? {})) {
    const path = `outputs.${name}`;
    for (const { paths, problem } of collectExpressions(value)) {
      if (problem !== undefined) findings.report('MALFORMED_REFERENCE', `Output "${name}": ${problem}.`, { path });
      for (const reference of paths) {
        const step = stepOf(reference);
        if (step === undefined || steps.has(step)) {
          checkOutputField(context, reference, { path });
          continue;
        }
        const { because, suggestion } = context.describeAbsent(step);
        const message = `Output "${name}" refers to \${${printPath(reference)}}, but ${because}.`;
        findings.report('DANGLING_OUTPUT', message, { path, suggestion });
      }
    }
  }
}

function checkOutputField(
  context: PlanContext,
  reference: ReferencePath,
  place: { readonly step?: string; readonly path: string },
): void {
  const walk = context.follow(reference);
  if (walk.found !== 'missing') return;
  const fields = walk.known.length === 0 ? '' : `; it has ${listNames(walk.known)}`;
  context.findings.report(
    'UNKNOWN_OUTPUT_FIELD',
    `\${${printPath(reference)}}: the output of "${stepOf(reference) ?? ''}" has no field "${walk.field}"${fields}.`,
    {
      ...place,
      suggestion: context.findings.suggest(walk.field, walk.known),
      severity: walk.isClosed ? 'error' : 'warning',
    },
  );
}
