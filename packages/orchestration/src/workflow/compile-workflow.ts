/**
 * Compiles a workflow into a RoutingPlan: implied dependencies are made explicit, groups and branches are flattened into the
 * graph with one join step under the group's own name; a group that runs as a whole is one step with a plan of its own.
 *
 * @module
 */
import type { PlanStep, RoutingPlan } from '../plan/routing-plan.ts';
import { analyseExpression, referencedSteps, stepOf } from '../plan/expressions/collect-references.ts';
import { bareCondition } from '../plan/expressions/evaluate-condition.ts';
import { printPath } from '../plan/expressions/parse-path.ts';
import { answerAncestorQuestions } from '../plan/validation/ancestors.ts';
import { StepGraph } from '../plan/step-graph.ts';
import type { DocumentPath } from './yaml/locate.ts';
import { bothConditions, type Branch, branchesOf } from './branches.ts';
import { childrenOf, type IfStep, type SwitchStep, type WorkflowDefinition, type WorkflowStep } from './definition.ts';
import { isWholeGroup, namesInGraph } from './whole-group.ts';

/** A compiled plan and where each of its steps stands in the workflow. */
export interface CompiledWorkflow {
  readonly plan: RoutingPlan;
  /** Path in the file of each step of the plan, in the plan's order (for example `steps.2.parallel.0`). */
  readonly places: readonly DocumentPath[];
  /** By place in the plan: what is inside the groups that run as a whole. */
  readonly groups: ReadonlyMap<number, CompiledGroup>;
}

/** What is inside a group that runs as a whole. */
export interface CompiledGroup extends CompiledWorkflow {
  /** What its steps wait for and refer to outside of it. */
  readonly needs: Dependencies;
  /** By step of the plan: the steps around the group that it says it waits for. */
  readonly waitsOutside: ReadonlyMap<string, readonly string[]>;
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
  compiler.addSteps(workflow[part], { path: [key], ...nothingAround });
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
    groups: compiler.groups,
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

const nothingAround = { waitsFor: { declared: [], implied: [] }, condition: undefined };

/** Where a group stands that runs as a whole. */
interface Outside {
  readonly compiler: WorkflowCompiler;
  readonly group: string;
}

class WorkflowCompiler {
  readonly #flat: PlanStep[] = [];
  /** By place in the plan: the steps that a step refers to. */
  readonly #implied: (readonly string[])[] = [];
  readonly places: DocumentPath[] = [];
  readonly groups = new Map<number, CompiledGroup>();
  readonly #workflow: WorkflowDefinition;
  /** Steps of this graph; what refers to another part (a finally step to a result) waits for nobody. */
  readonly #names: ReadonlySet<string>;
  readonly #outside: Outside | undefined;
  readonly #needs = { declared: new Set<string>(), implied: new Set<string>() };
  readonly #waitsOutside = new Map<string, readonly string[]>();

  constructor(workflow: WorkflowDefinition, steps: readonly WorkflowStep[], outside?: Outside) {
    this.#workflow = workflow;
    this.#names = new Set(namesInGraph(steps));
    this.#outside = outside;
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
    if (isWholeGroup(step)) {
      this.#addWholeGroup(step, around, when);
      return;
    }
    const dependsOn = this.#dependenciesOf(step, around);
    if (step.kind === 'parallel') {
      this.addSteps(step.steps, { path: [...around.path, 'parallel'], waitsFor: dependsOn, condition: when });
      this.#addJoin(step, { children: step.steps, dependsOn, when, path: around.path });
    } else if (step.kind === 'if' || step.kind === 'switch')
      this.#addBranches(step, branchesOf(step), { ...around, waitsFor: dependsOn, condition: when });
    else
      this.#push(this.#simpleStep(step, dependsOn.declared, when), { path: around.path, implied: dependsOn.implied });
  }

  #addWholeGroup(step: WorkflowStep, around: Surroundings, when: string | undefined): void {
    const inside = childrenOf(step);
    const children = inside.flatMap(({ steps }) => steps);
    const inner = new WorkflowCompiler(this.#workflow, children, { compiler: this, group: step.name });
    const conditions = step.kind === 'if' || step.kind === 'switch' ? branchesOf(step) : [];
    for (const [at, { path, steps }] of inside.entries()) {
      const condition = conditions[at]?.condition;
      inner.addSteps(steps, { ...nothingAround, path: [...around.path, ...path], condition });
    }
    const group = inner.#toGroup(children);
    this.groups.set(this.#flat.length, group);
    const dependsOn = this.#dependenciesOf(step, around, group.needs);
    const config = { plan: group.plan, sees: group.needs.implied, ...configOf(step) };
    this.#push(
      {
        name: step.name,
        kind: 'group',
        inputs: {},
        dependsOn: dependsOn.declared,
        ...this.#settingsOf(step, { when, retry: step.retry, timeoutMs: step.timeoutMs }),
        config,
      },
      { path: around.path, implied: dependsOn.implied },
    );
  }

  /** What was added so far, as what a group holds; a child that was skipped, or that failed and may, is left out of its output. */
  #toGroup(children: readonly WorkflowStep[]): CompiledGroup {
    const outputs = children.map(({ name }) => [name, `\${${printPath({ root: 'steps', keys: [name, 'output'] })}}`]);
    const { declared, implied } = this.#needs;
    return {
      plan: { steps: this.steps(), outputs: Object.fromEntries(outputs) as Record<string, string> },
      places: this.places,
      groups: this.groups,
      needs: { declared: [...declared], implied: [...implied] },
      waitsOutside: this.#waitsOutside,
    };
  }

  /** Whether a step stands in a graph around this one, where it may be waited for. */
  #standsOutside(name: string): boolean {
    if (this.#names.has(name)) return false;
    for (let outside = this.#outside; outside !== undefined; outside = outside.compiler.#outside) {
      if (name === outside.group) return false;
      if (outside.compiler.#names.has(name)) return true;
    }
    return false;
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
    const { defaults } = this.#workflow;
    const retry = isRepeatable(step) ? (step.retry ?? defaults.retry) : undefined;
    const timeoutMs = step.timeoutMs ?? (isCall(step) ? defaults.timeoutMs : undefined);
    const config = configOf(step);
    return {
      name: step.name,
      ...(step.kind === 'component' ? {} : { kind: step.kind }),
      ...(step.kind === 'component' ? { component: step.component } : {}),
      ...(step.kind === 'component' && step.action !== undefined ? { action: step.action } : {}),
      inputs: typeof step.inputs === 'string' ? {} : step.inputs,
      ...(typeof step.inputs === 'string' ? { inputsFrom: step.inputs } : {}),
      dependsOn,
      ...this.#settingsOf(step, { when, retry, timeoutMs }),
      ...(config === undefined ? {} : { config }),
    };
  }

  #settingsOf(
    step: WorkflowStep,
    { when, retry, timeoutMs }: { readonly [Key in 'when' | 'retry' | 'timeoutMs']: PlanStep[Key] | undefined },
  ): Partial<PlanStep> {
    const failure = step.onError ?? this.#workflow.onError;
    return {
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(retry === undefined ? {} : { retry }),
      ...(when === undefined ? {} : { when }),
      ...(failure === undefined || failure === 'fail' ? {} : { onError: failure }),
      ...(step.forEach === undefined ? {} : { forEach: step.forEach }),
      ...(step.effect === undefined ? {} : { effect: step.effect }),
      ...(step.compensate === undefined ? {} : { compensate: step.compensate }),
    };
  }

  /** @param inside what the steps of a group need that runs as a whole */
  #dependenciesOf(step: WorkflowStep, around: Surroundings, inside?: Dependencies): Dependencies {
    const declared: string[] = [];
    const outside: string[] = [];
    for (const name of new Set([...step.dependsOn, ...around.waitsFor.declared, ...(inside?.declared ?? [])])) {
      (this.#standsOutside(name) ? outside : declared).push(name);
    }
    // What stands around a group that runs as a whole is waited for by the group.
    for (const name of outside) this.#needs.declared.add(name);
    if (outside.length > 0) this.#waitsOutside.set(step.name, outside);
    const referred = [
      ...referencedSteps([step.inputs, step.forEach?.items, configOf(step), step.cache?.key]),
      ...stepsOfCondition(step.when),
      ...stepsOfCondition(around.condition),
      ...(step.kind === 'if' ? stepsOfCondition(step.condition) : []),
      ...(step.kind === 'switch' ? stepsOfCondition(step.subject) : []),
      ...(inside?.implied ?? []),
    ];
    const implied = new Set(around.waitsFor.implied);
    for (const name of referred) {
      if (name !== step.name) (this.#names.has(name) ? implied : this.#needs.implied).add(name);
    }
    return { declared, implied: [...implied] };
  }
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
