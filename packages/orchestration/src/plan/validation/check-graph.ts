/**
 * The shape of a plan: dependencies that exist, no circles, bounded depth and fan-out.
 *
 * @module
 */
import type { PlanContext } from './plan-context.ts';

/** Checks dependencies, circles and bounds. */
export function checkGraph(context: PlanContext): void {
  checkDependencies(context);
  for (const cycle of context.graph.findCycles()) {
    const message = `Steps wait for each other in a circle: ${cycle.join(' -> ')}.`;
    context.findings.report('CYCLE', message, { step: cycle[0], path: pathOf(context, cycle[0] ?? '') });
  }
  checkBounds(context);
}

function checkDependencies(context: PlanContext): void {
  const { plan, steps, findings } = context;
  for (const [index, step] of plan.steps.entries()) {
    for (const dependency of step.dependsOn) {
      if (dependency !== step.name && steps.has(dependency)) continue;
      const place = { step: step.name, path: `steps.${String(index)}.depends_on` };
      if (dependency === step.name) {
        findings.report('SELF_DEPENDENCY', `Step "${step.name}" depends on itself.`, place);
      } else {
        const absent = context.options.explainAbsent?.(dependency);
        const why = absent === undefined ? 'which is no step of the plan' : `but ${absent.because}`;
        findings.report('MISSING_DEPENDENCY', `Step "${step.name}" depends on "${dependency}", ${why}.`, {
          ...place,
          suggestion: absent?.waitFor ?? findings.suggest(dependency, steps.keys()),
        });
      }
    }
  }
}

function checkBounds({ options, graph, steps, findings }: PlanContext): void {
  const { maxDepth = Number.POSITIVE_INFINITY, maxFanOut = Number.POSITIVE_INFINITY } = options;
  const depth = maxDepth === Number.POSITIVE_INFINITY ? 0 : graph.criticalPath();
  if (depth > maxDepth) {
    findings.report(
      'PLAN_TOO_LARGE',
      `The longest chain of steps has ${String(depth)} steps; at most ${String(maxDepth)} are allowed.`,
      { path: 'steps' },
    );
  }
  if (maxFanOut === Number.POSITIVE_INFINITY) return;
  for (const name of steps.keys()) {
    const fanOut = graph.dependantsOf(name).length;
    if (fanOut <= maxFanOut) continue;
    findings.report(
      'PLAN_TOO_LARGE',
      `${String(fanOut)} steps wait for "${name}"; at most ${String(maxFanOut)} are allowed.`,
      { step: name, path: 'steps' },
    );
  }
}

function pathOf({ plan }: PlanContext, name: string): string {
  return `steps.${String(plan.steps.findIndex((step) => step.name === name))}.depends_on`;
}
