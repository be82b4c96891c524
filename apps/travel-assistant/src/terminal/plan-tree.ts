/**
 * A plan as a small tree: each step under the dependency that it follows last in the plan, with what it waits for besides.
 *
 * @module
 */
import type { PlanStep, RoutingPlan } from '@gomind/orchestration';

/** What a tree line shows behind a step. */
export type StepNote = (step: PlanStep) => string;

const maxValueLength = 48;

/**
 * The lines of a plan's tree.
 *
 * @param plan a valid plan
 * @param note text behind each step, for example its state
 */
export function planTree(plan: RoutingPlan, note: StepNote = () => ''): string[] {
  const names = new Set(plan.steps.map((step) => step.name));
  const parentOf = (step: PlanStep): string | undefined => step.dependsOn.findLast((name) => names.has(name));
  const children = new Map<string | undefined, PlanStep[]>();
  for (const step of plan.steps) children.set(parentOf(step), [...(children.get(parentOf(step)) ?? []), step]);
  const lines: string[] = [];
  const draw = (step: PlanStep, indent: string, isLast: boolean): void => {
    const behind = note(step);
    lines.push(
      `${indent}${isLast ? '└─' : '├─'} ${stepLine(step, parentOf(step))}${behind === '' ? '' : `  ${behind}`}`,
    );
    drawAll(children.get(step.name) ?? [], `${indent}${isLast ? '   ' : '│  '}`);
  };
  const drawAll = (steps: readonly PlanStep[], indent: string): void => {
    for (const [index, step] of steps.entries()) draw(step, indent, index === steps.length - 1);
  };
  drawAll(children.get(undefined) ?? [], '');
  return lines;
}

function stepLine(step: PlanStep, parent: string | undefined): string {
  const inputs = Object.entries(step.inputs).map(([name, value]) => `${name}: ${shorten(value)}`);
  const others = step.dependsOn.filter((name) => name !== parent);
  const waits = others.length === 0 ? '' : `  (also after ${others.join(', ')})`;
  return `${step.name}  ${step.component ?? ''}.${step.action ?? ''}(${inputs.join(', ')})${waits}`;
}

/** References read as `quote.price`: the tree shows where they lead, and long lines would break its redrawing. */
function shorten(value: unknown): string {
  const written = typeof value === 'string' ? value : JSON.stringify(value);
  const text = written.replaceAll(/\$\{([^{}]*)\}/g, '$1').replaceAll(/\bsteps\.([\w-]+)\.output\b/g, '$1');
  return text.length > maxValueLength ? `${text.slice(0, maxValueLength - 3)}...` : text;
}
