/**
 * The static proof of a plan: every problem at once, before anything is called. Linear in the size of the plan but for
 * references, which cost a look at the ancestors of their step.
 *
 * @module
 */
import type { Capability, ComponentInfo } from '@gomind/core';
import type { Diagnostic, PlanDiagnosticCode } from './diagnostic.ts';
import { analyseExpression, collectExpressions, stepOf } from './expressions/collect-references.ts';
import { bareCondition } from './expressions/evaluate-condition.ts';
import { type ReferencePath, printPath } from './expressions/parse-path.ts';
import { findClosest } from './find-closest.ts';
import { type OfferedCapabilities, indexCapabilities } from './offered-capabilities.ts';
import { checkInputs } from './validate-inputs.ts';
import { parsePlan } from './plan-codec.ts';
import type { PlanValidation, ValidatePlanOptions } from './plan-validation.ts';
import type { PlanStep, RoutingPlan } from './routing-plan.ts';
import { followPath } from './schema-types.ts';
import { StepGraph } from './step-graph.ts';
import { templatesOf } from './step-templates.ts';

/**
 * Proves a plan. Never throws.
 *
 * @param plan a RoutingPlan, or a plan in the wire form
 * @param offered the components that the plan may use; internal capabilities do not count
 */
export function validatePlan(
  plan: unknown,
  offered: readonly ComponentInfo[],
  options: ValidatePlanOptions = {},
): PlanValidation {
  return validate(plan, indexCapabilities(offered), options);
}

/**
 * Proves what can be proved of a plan without knowing any component: its form, graph and references. Never throws.
 *
 * @param plan a RoutingPlan, or a plan in the wire form
 */
export function validatePlanStructure(plan: unknown, options: ValidatePlanOptions = {}): PlanValidation {
  return validate(plan, undefined, options);
}

function validate(plan: unknown, offered: OfferedCapabilities, options: ValidatePlanOptions): PlanValidation {
  if (options.isTruncated === true) {
    const message = 'The reply that holds the plan was cut off, so the plan is refused as a whole.';
    return { ok: false, diagnostics: [{ code: 'PLAN_TRUNCATED', severity: 'error', message }], repairs: [] };
  }
  let parsed: ReturnType<typeof parsePlan>;
  try {
    parsed = parsePlan(plan, {
      ...(options.maxSteps === undefined ? {} : { maxSteps: options.maxSteps }),
      ...(options.areActionsOptional === undefined ? {} : { areActionsOptional: options.areActionsOptional }),
    });
  } catch {
    // Only an object that lies about itself (a getter that throws, a proxy) comes here.
    return {
      ok: false,
      diagnostics: [{ code: 'STEPS_NOT_ARRAY', severity: 'error', message: 'The plan cannot be read.' }],
      repairs: [],
    };
  }
  if (parsed.plan === undefined) return { ok: false, diagnostics: [...parsed.diagnostics], repairs: [] };
  const validator = new PlanValidator(parsed.plan, offered, options);
  const checked = validator.validate();
  const diagnostics = [...parsed.diagnostics, ...validator.diagnostics];
  const ok = diagnostics.every((diagnostic) => diagnostic.severity !== 'error');
  return ok ? { ok, plan: checked, diagnostics, repairs: validator.repairs } : { ok, diagnostics, repairs: [] };
}

interface Place {
  readonly step?: string;
  readonly path?: string;
  readonly suggestion?: string | undefined;
}

class PlanValidator {
  readonly diagnostics: Diagnostic[] = [];
  readonly repairs: Diagnostic[] = [];
  readonly #plan: RoutingPlan;
  readonly #options: ValidatePlanOptions;
  readonly #components: OfferedCapabilities;
  readonly #steps: ReadonlyMap<string, PlanStep>;
  #graph: StepGraph;

  constructor(plan: RoutingPlan, offered: OfferedCapabilities, options: ValidatePlanOptions) {
    this.#plan = plan;
    this.#options = options;
    this.#components = offered;
    this.#steps = new Map(plan.steps.map((step) => [step.name, step]));
    this.#graph = new StepGraph(plan.steps);
  }

  validate(): RoutingPlan {
    this.#checkDependencies();
    this.#checkShape();
    const steps = this.#plan.steps.map((step, index) => this.#checkStep(step, index));
    this.#checkOutputs();
    return { ...this.#plan, steps };
  }

  #report(code: PlanDiagnosticCode, message: string, place: Place & { readonly isWarning?: boolean } = {}): void {
    const { isWarning = false, suggestion, ...where } = place;
    this.diagnostics.push({
      code,
      severity: isWarning ? 'warning' : 'error',
      message,
      ...where,
      ...(suggestion === undefined ? {} : { suggestion }),
    });
  }

  #checkDependencies(): void {
    for (const [index, step] of this.#plan.steps.entries()) {
      for (const dependency of step.dependsOn) {
        const place = { step: step.name, path: `steps.${String(index)}.depends_on` };
        if (dependency === step.name) {
          this.#report('SELF_DEPENDENCY', `Step "${step.name}" depends on itself.`, place);
        } else if (!this.#steps.has(dependency)) {
          const suggestion = findClosest(dependency, this.#steps.keys());
          this.#report(
            'MISSING_DEPENDENCY',
            `Step "${step.name}" depends on "${dependency}", which is no step of the plan.`,
            { ...place, suggestion },
          );
        }
      }
    }
  }

  #checkShape(): void {
    const cycle = this.#graph.findCycle();
    const isSelfDependency = cycle?.length === 2;
    if (cycle !== undefined && !isSelfDependency) {
      this.#report('CYCLE', `Steps wait for each other in a circle: ${cycle.join(' -> ')}.`, { step: cycle[0] ?? '' });
    }
    const { maxDepth, maxFanOut } = this.#options;
    const depth = maxDepth === undefined || cycle !== undefined ? 0 : this.#graph.criticalPath();
    if (maxDepth !== undefined && depth > maxDepth) {
      this.#report(
        'PLAN_TOO_LARGE',
        `The longest chain of steps has ${String(depth)} steps; at most ${String(maxDepth)} are allowed.`,
      );
    }
    if (maxFanOut === undefined) return;
    for (const name of this.#steps.keys()) {
      const fanOut = this.#graph.dependantsOf(name).length;
      if (fanOut > maxFanOut) {
        this.#report(
          'PLAN_TOO_LARGE',
          `${String(fanOut)} steps wait for "${name}"; at most ${String(maxFanOut)} are allowed.`,
          { step: name },
        );
      }
    }
  }

  #checkStep(step: PlanStep, index: number): PlanStep {
    const path = `steps.${String(index)}`;
    const capability = this.#findCapability(step, path);
    this.#checkEffect(step, capability, path);
    const implied = this.#checkReferences(step, path);
    this.#checkTargets(step, path);
    let inputs = step.inputs;
    if (capability?.inputSchema !== undefined) {
      const checked = checkInputs(step, capability.inputSchema, {
        path,
        typeOf: (reference) => this.#schemaOf(reference),
        mayBindLate: (parameter) => this.#mayBindLate(step, parameter),
      });
      this.diagnostics.push(...checked.diagnostics);
      this.repairs.push(...checked.repairs);
      inputs = checked.inputs;
    }
    if (implied.length === 0 && inputs === step.inputs) return step;
    return { ...step, inputs, dependsOn: [...step.dependsOn, ...implied] };
  }

  #findCapability(step: PlanStep, path: string): Capability | undefined {
    if (this.#components === undefined || step.component === undefined) return undefined;
    const place = { step: step.name };
    const capabilities = this.#components.get(step.component);
    if (capabilities === undefined) {
      const suggestion = findClosest(step.component, this.#components.keys());
      const known = [...this.#components.keys()].slice(0, 20).join(', ');
      this.#report(
        'UNKNOWN_COMPONENT',
        `Step "${step.name}" calls the component "${step.component}", which is not offered. Offered: ${known}.`,
        { ...place, path: `${path}.component`, suggestion },
      );
      return undefined;
    }
    if (step.action === undefined) return this.#onlyCapability(step, capabilities, path);
    const capability = capabilities.get(step.action);
    if (capability === undefined) {
      const suggestion = findClosest(step.action, capabilities.keys());
      this.#report(
        'UNKNOWN_ACTION',
        `Step "${step.name}" calls "${step.action}", which "${step.component}" does not offer. It offers: ${[...capabilities.keys()].slice(0, 20).join(', ')}.`,
        { ...place, path: `${path}.action`, suggestion },
      );
    }
    return capability;
  }

  #onlyCapability(step: PlanStep, capabilities: ReadonlyMap<string, Capability>, path: string): Capability | undefined {
    const [only, second] = capabilities.values();
    if (second === undefined) return only;
    this.#report(
      'MISSING_ACTION',
      `Step "${step.name}" names no action, and "${step.component ?? ''}" has several: ${[...capabilities.keys()].slice(0, 20).join(', ')}.`,
      { step: step.name, path: `${path}.action` },
    );
    return undefined;
  }

  #checkEffect(step: PlanStep, capability: Capability | undefined, path: string): void {
    const { allowedEffects } = this.#options;
    const effect = step.effect ?? capability?.effect ?? 'irreversible';
    if (allowedEffects === undefined || capability === undefined || allowedEffects.includes(effect)) return;
    this.#report(
      'EFFECT_NOT_ALLOWED',
      `Step "${step.name}" is ${effect}, but only ${allowedEffects.join(', ')} steps are allowed here.`,
      { step: step.name, path },
    );
  }

  /** Checks every expression of a step; returns the dependencies that have to be added. */
  #checkReferences(step: PlanStep, path: string): string[] {
    const implied = new Set<string>();
    for (const [part, value] of templatesOf(step)) {
      for (const found of collectExpressions(value)) {
        const place = { step: step.name, path: `${path}.${part}${found.at === '' ? '' : `.${found.at}`}` };
        const problem = found.problem ?? (found.paths.length === 0 ? 'it refers to no input and no step' : undefined);
        if (problem !== undefined) {
          this.#report(
            'MALFORMED_REFERENCE',
            `Step "${step.name}", ${place.path}: \${${found.source}} cannot be used: ${problem}.`,
            place,
          );
        }
        for (const reference of found.paths) this.#checkReference(step, reference, { place, implied });
      }
    }
    if (step.when !== undefined) {
      const place = { step: step.name, path: `${path}.when` };
      const condition = analyseExpression(bareCondition(step.when));
      if (condition.problem !== undefined) {
        const message = `The condition of step "${step.name}" cannot be read: ${condition.problem}.`;
        this.#report('CONDITION_TYPE', message, place);
      }
      for (const reference of condition.paths) this.#checkReference(step, reference, { place, implied });
    }
    return [...implied];
  }

  #checkReference(
    step: PlanStep,
    reference: ReferencePath,
    context: { readonly place: { readonly step: string; readonly path: string }; readonly implied: Set<string> },
  ): void {
    const { place, implied } = context;
    const name = stepOf(reference);
    const text = `\${${printPath(reference)}}`;
    if (name === undefined) {
      if (reference.root === 'steps')
        this.#report('MALFORMED_REFERENCE', `Step "${step.name}" refers to ${text}, which names no step.`, place);
      return;
    }
    if (!this.#steps.has(name)) {
      if (this.#options.visibleSteps?.includes(name) === true) return;
      const suggestion = findClosest(name, this.#steps.keys());
      this.#report('DANGLING_REFERENCE', `Step "${step.name}" refers to ${text}, but the plan has no step "${name}".`, {
        ...place,
        suggestion,
      });
      return;
    }
    if (!this.#isVisible(step, name, text, { place, implied })) return;
    const member = reference.keys[1];
    if (member !== 'output' && member !== 'status' && member !== 'error') {
      const suggestion = `\${steps.${name}.output${member === undefined ? '' : `.${String(member)}`}}`;
      this.#report(
        'MALFORMED_REFERENCE',
        `Step "${step.name}" refers to ${text}; behind a step's name come output, status or error.`,
        { ...place, suggestion },
      );
      return;
    }
    this.#checkOutputField(reference, { step: step.name, path: place.path });
  }

  /** A step sees what it waits for, directly or through others. */
  #isVisible(
    step: PlanStep,
    name: string,
    text: string,
    context: { readonly place: { readonly step: string; readonly path: string }; readonly implied: Set<string> },
  ): boolean {
    const { place, implied } = context;
    if (name === step.name) {
      this.#report('FORWARD_REFERENCE', `Step "${step.name}" refers to its own output ${text}.`, place);
      return false;
    }
    if (step.dependsOn.includes(name) || implied.has(name) || this.#graph.isAncestor(name, step.name)) return true;
    if (this.#graph.isAncestor(step.name, name)) {
      this.#report(
        'FORWARD_REFERENCE',
        `Step "${step.name}" refers to ${text}, but "${name}" runs only after it.`,
        place,
      );
      return false;
    }
    const isMended = this.#options.addImpliedDependencies === true;
    this.#report(
      'UNDECLARED_REFERENCE',
      `Step "${step.name}" refers to ${text} without depending on "${name}". Add it to depends_on.`,
      { ...place, isWarning: isMended },
    );
    if (isMended) {
      this.repairs.push(...this.diagnostics.slice(-1));
      implied.add(name);
      this.#graph = new StepGraph(
        this.#plan.steps.map((other) =>
          other.name === step.name ? { ...other, dependsOn: [...other.dependsOn, ...implied] } : other,
        ),
      );
    }
    return true;
  }

  #checkOutputField(reference: ReferencePath, place: { readonly step?: string; readonly path: string }): void {
    const name = stepOf(reference);
    if (name === undefined || reference.keys[1] !== 'output') return;
    const walk = followPath(this.#outputSchemaOf(name), reference.keys.slice(2));
    if (walk.found !== 'missing') return;
    const suggestion = findClosest(walk.field, walk.known);
    this.#report(
      'UNKNOWN_OUTPUT_FIELD',
      `\${${printPath(reference)}}: the output of "${name}" has no field "${walk.field}"${walk.known.length === 0 ? '' : `; it has ${walk.known.slice(0, 20).join(', ')}`}.`,
      { ...place, suggestion, isWarning: !walk.isClosed },
    );
  }

  #outputSchemaOf(name: string): Capability['outputSchema'] {
    const step = this.#steps.get(name);
    if (step?.component === undefined || step.action === undefined || step.forEach !== undefined) return undefined;
    return this.#components?.get(step.component)?.get(step.action)?.outputSchema;
  }

  #schemaOf(reference: ReferencePath): Capability['outputSchema'] {
    const name = stepOf(reference);
    if (name === undefined || reference.keys[1] !== 'output') return undefined;
    const walk = followPath(this.#outputSchemaOf(name), reference.keys.slice(2));
    return walk.found === 'schema' ? walk.schema : undefined;
  }

  /** Whether no schema rules out that a direct dependency returns a field of that name. */
  #mayBindLate(step: PlanStep, parameter: string): boolean {
    if (this.#options.allowLateBinding !== true) return false;
    return step.dependsOn.some((name) => {
      if (!this.#steps.has(name)) return false;
      return followPath(this.#outputSchemaOf(name), [parameter]).found === 'unknown';
    });
  }

  #checkTargets(step: PlanStep, path: string): void {
    if (typeof step.onError !== 'object') return;
    const { fallback } = step.onError;
    if (this.#steps.has(fallback) && fallback !== step.name) return;
    const suggestion = findClosest(fallback, this.#steps.keys());
    this.#report(
      'MISSING_DEPENDENCY',
      `The fallback "${fallback}" of step "${step.name}" is no other step of the plan.`,
      { step: step.name, path: `${path}.on_error`, suggestion },
    );
  }

  #checkOutputs(): void {
    for (const [name, value] of Object.entries(this.#plan.outputs ?? {})) {
      const path = `outputs.${name}`;
      for (const { paths, problem } of collectExpressions(value)) {
        if (problem !== undefined) this.#report('MALFORMED_REFERENCE', `Output "${name}": ${problem}.`, { path });
        for (const reference of paths) {
          const step = stepOf(reference);
          if (step !== undefined && !this.#steps.has(step)) {
            const suggestion = findClosest(step, this.#steps.keys());
            this.#report(
              'DANGLING_OUTPUT',
              `Output "${name}" refers to \${${printPath(reference)}}, but the plan has no step "${step}".`,
              { path, suggestion },
            );
          } else this.#checkOutputField(reference, { path });
        }
      }
    }
  }
}
