/**
 * The static proof of a plan: every problem at once, before anything is called. Linear in the size of the plan and of the
 * schemas that it uses; see `ancestors.ts` for references to steps far away.
 *
 * @module
 */
import type { Capability, ComponentInfo } from '@gomind/core';
import { checkGraph } from './check-graph.ts';
import { checkOutputs, checkReferences, type ImpliedDependencies } from './check-references.ts';
import type { Diagnostic } from '../diagnostic.ts';
import { type OfferedCapabilities, indexCapabilities } from './offered-capabilities.ts';
import { readPlan } from '../plan-codec.ts';
import { type ContextAround, listNames, PlanContext } from './plan-context.ts';
import { PlanFindings } from './plan-findings.ts';
import type { PlanValidation, ValidatePlanOptions } from './plan-validation.ts';
import { maxNesting, type PlanStep, type RoutingPlan } from '../routing-plan.ts';
import { followPath } from '../schemas/follow-path.ts';
import { checkInputs } from './validate-inputs.ts';

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
  if (!Array.isArray(offered)) {
    const message = 'Nothing says which components are offered. Give the list of them as the second argument.';
    return { ok: false, diagnostics: [{ code: 'UNKNOWN_COMPONENT', severity: 'error', message }], repairs: [] };
  }
  return validate(plan, indexCapabilities(offered as readonly ComponentInfo[]), { ...options, nesting: 0 });
}

/**
 * Proves what can be proved of a plan without knowing any component: its form, graph and references. Never throws.
 *
 * @param plan a RoutingPlan, or a plan in the wire form
 */
export function validatePlanStructure(plan: unknown, options: ValidatePlanOptions = {}): PlanValidation {
  return validate(plan, undefined, { ...options, nesting: 0 });
}

type NestedOptions = ValidatePlanOptions & { readonly nesting: number; readonly around?: ContextAround | undefined };

function validate(plan: unknown, offered: OfferedCapabilities, options: NestedOptions): PlanValidation {
  if (options.isTruncated === true) {
    const message = 'The reply that holds the plan was cut off, so the plan is refused as a whole.';
    return { ok: false, diagnostics: [{ code: 'PLAN_TRUNCATED', severity: 'error', message }], repairs: [] };
  }
  const findings = new PlanFindings(options.locate);
  let read: ReturnType<typeof readPlan>;
  try {
    read = readPlan(plan, options);
  } catch {
    // Only an object that lies about itself (a getter that throws, a proxy) comes here.
    findings.report('STEPS_NOT_ARRAY', 'The plan cannot be read.', { path: 'steps' });
    return { ok: false, diagnostics: findings.diagnostics, repairs: [] };
  }
  findings.add(read.diagnostics);
  if (read.plan === undefined) return { ok: false, diagnostics: findings.diagnostics, repairs: [] };
  const context = new PlanContext(read.plan, offered, { options, findings, around: options.around });
  const proved = prove(context, { unread: read.diagnostics, nesting: options.nesting });
  const { diagnostics, repairs } = findings;
  return findings.isSound ? { ok: true, plan: proved, diagnostics, repairs } : { ok: false, diagnostics, repairs: [] };
}

function prove(
  context: PlanContext,
  { unread, nesting }: { readonly unread: readonly Diagnostic[]; readonly nesting: number },
): RoutingPlan {
  checkGraph(context);
  const implied = checkReferences(context, stepsWith('DEPENDS_ON_NOT_ARRAY', unread));
  const withoutInputs = new Set([...stepsWith('INPUTS_NOT_OBJECT', unread), ...stepsWith('PLAN_TOO_LARGE', unread)]);
  const steps = context.plan.steps.map((written, index) => {
    const path = `steps.${String(index)}`;
    const step = written.kind === undefined ? written : checkedKind(context, written, { path, nesting });
    const capability = findCapability(context, step, path);
    checkEffect(context, step, { capability, path });
    checkFallback(context, step, path);
    const inputs = withoutInputs.has(step.name) ? step.inputs : checkedInputs(context, step, { capability, path });
    return mended(step, inputs, implied);
  });
  checkOutputs(context);
  return { ...context.plan, steps };
}

/** A kind that is allowed; the plan inside a step is proved like the one around it, so that it calls nobody else. */
function checkedKind(
  context: PlanContext,
  step: PlanStep,
  { path, nesting }: { readonly path: string; readonly nesting: number },
): PlanStep {
  const { offered, options, findings, plan } = context;
  const { name, kind = 'component' } = step;
  const { kinds, maxSteps } = options;
  if (kinds?.includes(kind) === false) {
    const message = `Step "${name}" is of the kind "${kind}"; here, steps are ${kinds.join(', ')}.`;
    findings.report('BAD_STEP_KIND', message, { step: name, path: `${path}.kind` });
  }
  if (kind !== 'plan' && kind !== 'group') return step;
  if (nesting >= maxNesting) {
    const message = `The plan inside step "${name}" is nested deeper than ${String(maxNesting)} plans.`;
    findings.report('PLAN_TOO_LARGE', message, { step: name, path: `${path}.config.plan` });
    return step;
  }
  const { locate: _locate, visibleSteps: _visibleSteps, ...rules } = options;
  const left = maxSteps === undefined ? {} : { maxSteps: Math.max(1, maxSteps - plan.steps.length) };
  // A group sees what is around it.
  const around = kind === 'group' ? { context, step: name } : undefined;
  const inner = validate(step.config?.['plan'], offered, { ...rules, ...left, around, nesting: nesting + 1 });
  findings.adopt(inner, { step: name, path: `${path}.config.plan` });
  return inner.plan === undefined ? step : { ...step, config: { ...step.config, plan: inner.plan } };
}

/** Steps of which something could not be read: what follows from that is not reported too. */
function stepsWith(code: string, diagnostics: readonly Diagnostic[]): ReadonlySet<string> {
  return new Set(diagnostics.flatMap((found) => (found.code === code && found.step !== undefined ? [found.step] : [])));
}

function mended(step: PlanStep, inputs: PlanStep['inputs'], implied: ImpliedDependencies): PlanStep {
  const added = implied.get(step.name);
  if (added === undefined && inputs === step.inputs) return step;
  return { ...step, inputs, dependsOn: [...step.dependsOn, ...(added ?? [])] };
}

function findCapability(context: PlanContext, step: PlanStep, path: string): Capability | undefined {
  const { offered, findings } = context;
  if (offered === undefined || step.component === undefined) return undefined;
  const capabilities = offered.get(step.component);
  if (capabilities === undefined) {
    findings.report(
      'UNKNOWN_COMPONENT',
      `Step "${step.name}" calls the component "${step.component}", which is not offered. Offered: ${context.offeredNames}.`,
      { step: step.name, path: `${path}.component`, suggestion: findings.suggest(step.component, offered.keys()) },
    );
    return undefined;
  }
  if (step.action === undefined) return findOnlyCapability(context, step, { capabilities, path });
  const capability = capabilities.get(step.action);
  if (capability === undefined) {
    findings.report(
      'UNKNOWN_ACTION',
      `Step "${step.name}" calls "${step.action}", which "${step.component}" does not offer. It offers: ${listNames([...capabilities.keys()])}.`,
      { step: step.name, path: `${path}.action`, suggestion: findings.suggest(step.action, capabilities.keys()) },
    );
  }
  return capability;
}

/** A step that names no action means its component's only one. */
function findOnlyCapability(
  { options, findings }: PlanContext,
  step: PlanStep,
  { capabilities, path }: { readonly capabilities: ReadonlyMap<string, Capability>; readonly path: string },
): Capability | undefined {
  const [only, second] = capabilities.values();
  // Where actions must be named, reading the plan has found that already.
  if (second === undefined || options.areActionsOptional !== true) return only;
  const names = listNames([...capabilities.keys()]);
  const message = `Step "${step.name}" names no action, and "${step.component ?? ''}" has several: ${names}.`;
  findings.report('MISSING_ACTION', message, { step: step.name, path: `${path}.action` });
  return undefined;
}

interface Target {
  readonly capability: Capability | undefined;
  readonly path: string;
}

function checkEffect({ options, findings }: PlanContext, step: PlanStep, { capability, path }: Target): void {
  const { allowedEffects } = options;
  const effect = step.effect ?? capability?.effect ?? 'irreversible';
  if (allowedEffects === undefined || capability === undefined || allowedEffects.includes(effect)) return;
  findings.report(
    'EFFECT_NOT_ALLOWED',
    `Step "${step.name}" is ${effect}, but only ${allowedEffects.join(', ')} steps are allowed here.`,
    { step: step.name, path },
  );
}

function checkFallback({ steps, findings, options }: PlanContext, step: PlanStep, path: string): void {
  if (typeof step.onError !== 'object') return;
  const { fallback } = step.onError;
  if (steps.has(fallback) && fallback !== step.name) return;
  const absent = options.explainAbsent?.(fallback);
  const why = absent === undefined ? 'is no other step of the plan' : `cannot be one: ${absent.because}`;
  findings.report('MISSING_DEPENDENCY', `The fallback "${fallback}" of step "${step.name}" ${why}.`, {
    step: step.name,
    path: `${path}.on_error`,
    suggestion: absent?.waitFor ?? findings.suggest(fallback, steps.keys()),
  });
}

function checkedInputs(context: PlanContext, step: PlanStep, { capability, path }: Target): PlanStep['inputs'] {
  if (capability?.inputSchema === undefined) return step.inputs;
  return checkInputs(step, capability.inputSchema, {
    path,
    findings: context.findings,
    follow: (reference) => context.follow(reference),
    mayBindLate: (parameter) => mayBindLate(context, step, parameter),
  });
}

/** Whether no schema rules out that a direct dependency returns a field of that name. */
function mayBindLate(context: PlanContext, step: PlanStep, parameter: string): boolean {
  if (context.options.allowLateBinding !== true) return false;
  return step.dependsOn.some(
    (name) => context.steps.has(name) && followPath(context.outputOf(name), [parameter]).found === 'unknown',
  );
}
