/**
 * Compiles a workflow into a RoutingPlan: implied dependencies are made explicit, groups and branches are flattened into the
 * graph with one join step under the group's own name.
 *
 * @module
 */
import type { PlanStep, RoutingPlan } from '../plan/routing-plan.ts';
import { analyseExpression, referencedSteps, stepOf } from '../plan/expressions/collect-references.ts';
import { bareCondition } from '../plan/expressions/evaluate-condition.ts';
import { answerAncestorQuestions } from '../plan/validation/ancestors.ts';
import { StepGraph } from '../plan/step-graph.ts';
import type { DocumentPath } from './yaml/locate.ts';
import { childrenOf, type IfStep, type SwitchStep, type WorkflowDefinition, type WorkflowStep } from './definition.ts';

/** A compiled plan and where each of its steps stands in the workflow. */
export interface CompiledWorkflow {
  readonly plan: RoutingPlan;
  /** Path in the file of each step of the plan, in the plan's order (for example `steps.2.parallel.0`). */
  readonly places: readonly DocumentPath[];
}

/** A part of a workflow that is run as a plan of its own. */
export type WorkflowPart = 'steps' | 'onFailure' | 'finally';

/**
 * The plan of a workflow's steps.
 *
 * @param workflow any definition; whether the plan can run is for {@link checkWorkflow} to say
 */
export function compileWorkflow(workflow: WorkflowDefinition): RoutingPlan {
  return compilePart(workflow, 'steps').plan;
}

/**
 * The plan of one part of a workflow.
 *
 * @param part its steps, or those that run after a failure or at the end
 */
export function compilePart(workflow: WorkflowDefinition, part: WorkflowPart): CompiledWorkflow {
  const compiler = new WorkflowCompiler(workflow, workflow[part]);
  const key = part === 'onFailure' ? 'on_failure' : part;
  compiler.addSteps(workflow[part], { path: [key], waitsFor: { declared: [], implied: [] }, condition: undefined });
  return {
    plan: {
      name: workflow.name,
      ...(workflow.version === undefined ? {} : { version: workflow.version }),
      steps: compiler.steps(),
      ...(part === 'steps' && Object.keys(workflow.outputs).length > 0
        ? { outputs: Object.fromEntries(Object.entries(workflow.outputs).map(([name, { value }]) => [name, value])) }
        : {}),
    },
    places: compiler.places,
  };
}

/** What a step waits for: what it says, and what it refers to. */
interface Dependencies {
  readonly declared: readonly string[];
  readonly implied: readonly string[];
}

/** What a group passes on to the steps inside it. */
interface Surroundings {
  readonly path: DocumentPath;
  readonly waitsFor: Dependencies;
  readonly condition: string | undefined;
}

class WorkflowCompiler {
  readonly #flat: PlanStep[] = [];
  /** By place in the plan: the steps that a step refers to. */
  readonly #implied: (readonly string[])[] = [];
  readonly places: DocumentPath[] = [];
  readonly #workflow: WorkflowDefinition;
  /** Steps of this part; what refers to another part (a finally step to a result) waits for nobody. */
  readonly #names: ReadonlySet<string>;

  constructor(workflow: WorkflowDefinition, steps: readonly WorkflowStep[]) {
    this.#workflow = workflow;
    this.#names = new Set(withChildren(steps).map((step) => step.name));
  }

  /** The steps, each waiting for what it refers to where nothing that it declares leads there already. */
  steps(): PlanStep[] {
    const questions = this.#flat.flatMap((step, index) =>
      (this.#implied[index] ?? []).map((ancestor) => ({ ancestor, step: step.name })),
    );
    const answers = answerAncestorQuestions(new StepGraph(this.#flat), questions);
    const missing = new Map<string, string[]>();
    for (const [index, { ancestor, step }] of questions.entries()) {
      if (answers[index] === false) missing.set(step, [...(missing.get(step) ?? []), ancestor]);
    }
    return this.#flat.map((step) => {
      const added = missing.get(step.name);
      return added === undefined ? step : { ...step, dependsOn: [...step.dependsOn, ...added] };
    });
  }

  addSteps(steps: readonly WorkflowStep[], around: Surroundings): void {
    for (const [index, step] of steps.entries()) this.#add(step, { ...around, path: [...around.path, index] });
  }

  #add(step: WorkflowStep, around: Surroundings): void {
    const when = bothConditions(around.condition, step.when);
    const dependsOn = this.#dependenciesOf(step, around);
    if (step.kind === 'parallel') {
      this.addSteps(step.steps, { path: [...around.path, 'parallel'], waitsFor: dependsOn, condition: when });
      this.#addJoin(step, { children: step.steps, dependsOn, when, path: around.path });
    } else if (step.kind === 'if')
      this.#addBranches(step, ifBranches(step), { ...around, waitsFor: dependsOn, condition: when });
    else if (step.kind === 'switch')
      this.#addBranches(step, switchBranches(step), { ...around, waitsFor: dependsOn, condition: when });
    else
      this.#push(this.#simpleStep(step, dependsOn.declared, when), { path: around.path, implied: dependsOn.implied });
  }

  /** Every branch is in the graph with its own condition; the join tells what the branch that ran gave. */
  #addBranches(step: IfStep | SwitchStep, branches: readonly Branch[], around: Surroundings): void {
    for (const branch of branches) {
      this.addSteps(branch.steps, {
        path: [...around.path, ...branch.path],
        waitsFor: around.waitsFor,
        condition: bothConditions(around.condition, branch.condition),
      });
    }
    const children = branches.flatMap((branch) => branch.steps);
    this.#addJoin(step, { children, dependsOn: around.waitsFor, when: around.condition, path: around.path });
  }

  #addJoin(
    step: WorkflowStep,
    join: {
      readonly children: readonly WorkflowStep[];
      readonly dependsOn: Dependencies;
      readonly when: string | undefined;
      readonly path: DocumentPath;
    },
  ): void {
    const children = join.children.map((child) => child.name);
    this.#push(
      {
        name: step.name,
        kind: 'join',
        inputs: {},
        dependsOn: [...new Set([...join.dependsOn.declared, ...children])],
        ...(join.when === undefined ? {} : { when: join.when }),
        ...(step.onError === undefined ? {} : { onError: step.onError }),
        config: { children },
      },
      { path: join.path, implied: join.dependsOn.implied },
    );
  }

  #push(step: PlanStep, { path, implied }: { readonly path: DocumentPath; readonly implied: readonly string[] }): void {
    this.#flat.push(step);
    this.#implied.push(implied);
    this.places.push(path);
  }

  #simpleStep(step: WorkflowStep, dependsOn: readonly string[], when: string | undefined): PlanStep {
    const { defaults, onError } = this.#workflow;
    const retry = step.retry ?? defaults.retry;
    const timeoutMs = step.timeoutMs ?? (isCall(step) ? defaults.timeoutMs : undefined);
    const failure = step.onError ?? onError;
    const config = configOf(step);
    return {
      name: step.name,
      ...(step.kind === 'component' ? {} : { kind: step.kind }),
      ...(step.kind === 'component' ? { component: step.component } : {}),
      ...(step.kind === 'component' && step.action !== undefined ? { action: step.action } : {}),
      inputs: typeof step.inputs === 'string' ? {} : step.inputs,
      ...(typeof step.inputs === 'string' ? { inputsFrom: step.inputs } : {}),
      dependsOn,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(retry === undefined || !isRepeatable(step) ? {} : { retry }),
      ...(when === undefined ? {} : { when }),
      ...(failure === undefined || failure === 'fail' ? {} : { onError: failure }),
      ...(step.forEach === undefined ? {} : { forEach: step.forEach }),
      ...(step.effect === undefined ? {} : { effect: step.effect }),
      ...(step.compensate === undefined ? {} : { compensate: step.compensate }),
      ...(config === undefined ? {} : { config }),
    };
  }

  #dependenciesOf(step: WorkflowStep, around: Surroundings): Dependencies {
    const declared = new Set([...step.dependsOn, ...around.waitsFor.declared]);
    const referred = [
      ...referencedSteps([step.inputs, step.forEach?.items, configOf(step), step.cache?.key]),
      ...stepsOfCondition(step.when),
      ...stepsOfCondition(around.condition),
      ...(step.kind === 'if' ? stepsOfCondition(step.condition) : []),
      ...(step.kind === 'switch' ? stepsOfCondition(step.subject) : []),
    ];
    const implied = new Set(around.waitsFor.implied);
    for (const name of referred) if (name !== step.name && this.#names.has(name)) implied.add(name);
    return { declared: [...declared], implied: [...implied] };
  }
}

interface Branch {
  readonly path: DocumentPath;
  readonly condition: string;
  readonly steps: readonly WorkflowStep[];
}

function ifBranches(step: IfStep): Branch[] {
  const condition = bareCondition(step.condition);
  return [
    { path: ['then'], condition, steps: step.then },
    { path: ['else'], condition: `!(${condition})`, steps: step.else },
  ];
}

function switchBranches(step: SwitchStep): Branch[] {
  const subject = `string(${bareCondition(step.subject)})`;
  const names = Object.keys(step.cases);
  return [
    ...Object.entries(step.cases).map(([name, steps]) => ({
      path: ['cases', name],
      condition: `${subject} == ${JSON.stringify(name)}`,
      steps,
    })),
    { path: ['default'], condition: `!(${subject} in ${JSON.stringify(names)})`, steps: step.default },
  ];
}

function bothConditions(outer: string | undefined, inner: string | undefined): string | undefined {
  if (outer === undefined || inner === undefined) return outer ?? inner;
  return `(${bareCondition(outer)}) && (${bareCondition(inner)})`;
}

/** Whether a step's handler calls somebody: waiting and deciding are not retried, and have their own times. */
function isCall(step: WorkflowStep): boolean {
  return step.kind !== 'wait' && step.kind !== 'approval';
}

/** The steps of a workflow have retries of their own; what has happened there must not happen twice. */
function isRepeatable(step: WorkflowStep): boolean {
  return isCall(step) && step.kind !== 'workflow';
}

function configOf(step: WorkflowStep): Readonly<Record<string, unknown>> | undefined {
  const own = kindConfigOf(step);
  const config = {
    ...own,
    ...(step.cache === undefined ? {} : { cache: step.cache }),
    ...(step.artifact === true ? { artifact: true } : {}),
  };
  return Object.keys(config).length === 0 ? undefined : config;
}

function kindConfigOf(step: WorkflowStep): Readonly<Record<string, unknown>> {
  switch (step.kind) {
    case 'capability':
      return { capability: step.capability };
    case 'workflow':
      return { workflow: step.workflow };
    case 'ai-routing':
      return {
        prompt: step.prompt ?? step.description ?? step.name,
        ...(step.components === undefined ? {} : { components: step.components }),
      };
    case 'approval':
      return {
        prompt: step.prompt ?? step.description ?? step.name,
        ...(step.approvers === undefined ? {} : { approvers: step.approvers }),
      };
    case 'wait':
      return step.wait;
    default:
      return {};
  }
}

/** The steps that a condition or another bare expression looks at. */
function stepsOfCondition(condition: string | undefined): string[] {
  if (condition === undefined) return [];
  return analyseExpression(bareCondition(condition)).paths.flatMap((path) => stepOf(path) ?? []);
}

/** Steps and everything inside them. */
export function withChildren(steps: readonly WorkflowStep[]): WorkflowStep[] {
  return steps.flatMap((step) => [step, ...withChildren(childrenOf(step).flatMap((child) => child.steps))]);
}
