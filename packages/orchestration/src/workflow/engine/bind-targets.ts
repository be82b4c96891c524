/**
 * Decides whom the steps of a plan call, at the time it starts: an action that was left out is the component's only one, and
 * `capability` steps call whoever offers the capability.
 *
 * @module
 */
import { type ComponentInfo, findClosest, GomindError } from '@gomind/core';
import type { PlanStep, RoutingPlan } from '../../plan/routing-plan.ts';
import type { GroupConfig } from './group-step.ts';

/**
 * A plan whose steps name component and action.
 *
 * @param plan a compiled workflow
 * @param components the components that are there; undefined when the application makes the calls itself and knows
 * @throws GomindError `UNKNOWN_COMPONENT`, `MISSING_ACTION`, `UNKNOWN_ACTION` naming every step that cannot be called
 */
export function bindTargets(plan: RoutingPlan, components: readonly ComponentInfo[] | undefined): RoutingPlan {
  const problems: GomindError[] = [];
  const steps = plan.steps.map((step) => {
    try {
      return bindStep(step, components);
    } catch (error) {
      if (!GomindError.isInstance(error)) throw error;
      problems.push(error);
      return step;
    }
  });
  const [first, second] = problems;
  if (first === undefined) return { ...plan, steps };
  if (second === undefined) throw first;
  throw new GomindError({
    code: first.code,
    message: problems
      .map(({ message }) => message)
      .slice(0, 10)
      .join(' '),
    details: {
      ...first.details,
      diagnostics: problems.map(({ code, message, details }) => ({
        code,
        severity: 'error',
        message,
        step: details['step'],
      })),
    },
  });
}

function bindStep(step: PlanStep, components: readonly ComponentInfo[] | undefined): PlanStep {
  if (step.kind === 'group') {
    const { plan } = step.config as unknown as GroupConfig;
    return { ...step, config: { ...step.config, plan: bindTargets(plan, components) } };
  }
  if (step.kind === 'capability') return bindCapability(step, components);
  if (step.kind !== undefined || step.action !== undefined || components === undefined) return step;
  const known = components.find((component) => component.name === step.component);
  if (known === undefined) throw unknownComponent(step, components);
  const [only, second] = known.capabilities.filter((capability) => capability.internal !== true);
  if (only !== undefined && second === undefined) return { ...step, action: only.name };
  const names = known.capabilities
    .map(({ name }) => name)
    .slice(0, 20)
    .join(', ');
  throw new GomindError({
    code: 'MISSING_ACTION',
    message: `Step "${step.name}" names no action, and "${known.name}" has ${names === '' ? 'none' : `several: ${names}`}.`,
    details: { step: step.name },
  });
}

function bindCapability(step: PlanStep, components: readonly ComponentInfo[] | undefined): PlanStep {
  const { kind: _kind, config: { capability: wanted, ...config } = {}, ...rest } = step;
  const capability = String(wanted);
  const bound = (component: string): PlanStep => ({
    ...rest,
    component,
    action: capability,
    ...(Object.keys(config).length === 0 ? {} : { config }),
  });
  if (components === undefined) return bound('');
  const offering = components.find((component) => component.capabilities.some(({ name }) => name === capability));
  if (offering !== undefined) return bound(offering.name);
  const suggestion = findClosest(
    capability,
    components.flatMap((component) => component.capabilities.map(({ name }) => name)),
  );
  throw new GomindError({
    code: 'UNKNOWN_ACTION',
    message: `Step "${step.name}" needs the capability "${capability}", which no component offers.${hint(suggestion)}`,
    details: { step: step.name },
  });
}

function unknownComponent(step: PlanStep, components: readonly ComponentInfo[]): GomindError {
  const wanted = step.component ?? '';
  return new GomindError({
    code: 'UNKNOWN_COMPONENT',
    message: `Step "${step.name}" calls "${wanted}", which is not registered.${hint(
      findClosest(
        wanted,
        components.map(({ name }) => name),
      ),
    )}`,
    details: { step: step.name },
  });
}

function hint(suggestion: string | undefined): string {
  return suggestion === undefined ? '' : ` Did you mean "${suggestion}"?`;
}
