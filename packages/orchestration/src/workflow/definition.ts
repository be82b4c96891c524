/**
 * A workflow as a typed value: what a file, the builder and `promote` make, and what is compiled into a RoutingPlan.
 *
 * @module
 */
import type { EffectClass, JsonSchema } from '@gomind/core';
import type { ForEach, OnError, StepRetry } from '../plan/routing-plan.ts';

/** Name of the component as which workflows are offered to planners. */
export const workflowsComponentName = 'workflows';

/** An input of a workflow: a JSON Schema with what files say beside it. */
export interface WorkflowInput {
  /** JSON Schema of the value. Empty: anything. */
  readonly schema: JsonSchema;
  /** Default: false. */
  readonly required: boolean;
  /** Used when no value is given. */
  readonly default?: unknown;
}

/** An output of a workflow: a value with expressions, and its schema if it is declared. */
export interface WorkflowOutput {
  readonly value: unknown;
  readonly schema?: JsonSchema;
}

/** Limits of a run (see the budgets of runs). */
export interface WorkflowBudget {
  readonly tokens?: number;
  /** US dollars. */
  readonly costUsd?: number;
  readonly modelCalls?: number;
  readonly toolCalls?: number;
  /** Milliseconds. */
  readonly timeMs?: number;
}

/** Runs of one group do not run at the same time. */
export interface ConcurrencyGroup {
  /** May hold expressions over `inputs`. */
  readonly group: string;
  /** What a new run does to the one that runs. Default: `wait`. */
  readonly policy: 'wait' | 'cancel';
}

/** Outputs of a step that are kept and used again for the same inputs. */
export interface StepCache {
  /** Milliseconds. */
  readonly ttlMs: number;
  /** May hold expressions. Default: the step's resolved inputs. */
  readonly key?: string;
}

/** What every kind of step may say. */
export interface WorkflowStepBase {
  readonly name: string;
  readonly description?: string;
  /** Steps it waits for, beside those that its expressions name. */
  readonly dependsOn: readonly string[];
  /** An object of values, or one expression that yields the object. */
  readonly inputs: Readonly<Record<string, unknown>> | string;
  /** CEL; the step is skipped when it is false. */
  readonly when?: string;
  readonly forEach?: ForEach;
  readonly retry?: StepRetry;
  /** Milliseconds for each attempt. */
  readonly timeoutMs?: number;
  readonly onError?: OnError;
  readonly effect?: EffectClass;
  /** Action (or step) that undoes this one. */
  readonly compensate?: unknown;
  readonly cache?: StepCache;
  /** The output is stored as an artifact and passed on by reference. Default: false. */
  readonly artifact?: boolean;
}

/** A call of a tool or an agent. */
export interface ComponentStep extends WorkflowStepBase {
  readonly kind: 'component';
  readonly componentType: 'tool' | 'agent';
  readonly component: string;
  /** Default: the component's only capability. */
  readonly action?: string;
}

/** A call of whatever component offers a capability when the step runs. */
export interface CapabilityStep extends WorkflowStepBase {
  readonly kind: 'capability';
  readonly capability: string;
}

/** Steps that run side by side; its output maps each child to its output. */
export interface ParallelStep extends WorkflowStepBase {
  readonly kind: 'parallel';
  readonly steps: readonly WorkflowStep[];
}

/** One branch or another; its output maps each step that ran to its output. */
export interface IfStep extends WorkflowStepBase {
  readonly kind: 'if';
  readonly condition: string;
  readonly then: readonly WorkflowStep[];
  readonly else: readonly WorkflowStep[];
}

/** One of several branches; its output maps each step that ran to its output. */
export interface SwitchStep extends WorkflowStepBase {
  readonly kind: 'switch';
  /** CEL, compared with the names of the cases as text. */
  readonly subject: string;
  readonly cases: Readonly<Record<string, readonly WorkflowStep[]>>;
  readonly default: readonly WorkflowStep[];
}

/** Another workflow, by registered name or file; its output is that workflow's outputs. */
export interface SubWorkflowStep extends WorkflowStepBase {
  readonly kind: 'workflow';
  readonly workflow: string;
}

/** A plan made while running, from a prompt and the inputs. */
export interface AIRoutingStep extends WorkflowStepBase {
  readonly kind: 'ai-routing';
  /** May hold expressions. Default: the step's description or name. */
  readonly prompt?: string;
  /** Components the plan may use. Default: all. */
  readonly components?: readonly string[];
}

/** Waits for a decision of a person. */
export interface ApprovalStep extends WorkflowStepBase {
  readonly kind: 'approval';
  /** May hold expressions. */
  readonly prompt?: string;
  readonly approvers?: readonly string[];
}

/** Waits for a duration, a time, or an event. */
export interface WaitStep extends WorkflowStepBase {
  readonly kind: 'wait';
  readonly wait: { readonly duration: unknown } | { readonly until: string } | { readonly event: string };
}

/** A step of a workflow. */
export type WorkflowStep =
  | ComponentStep
  | CapabilityStep
  | ParallelStep
  | IfStep
  | SwitchStep
  | SubWorkflowStep
  | AIRoutingStep
  | ApprovalStep
  | WaitStep;

/** One change between versions of a workflow. */
export type MigrationChange =
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'add'; readonly step: string }
  | { readonly kind: 'remove'; readonly step: string }
  | { readonly kind: 'map-input'; readonly input: string; readonly value: unknown };

/** How runs of an older version go on in this one. */
export interface WorkflowMigration {
  /** Version that it starts from. */
  readonly from: string;
  readonly changes: readonly MigrationChange[];
}

/** A whole workflow. */
export interface WorkflowDefinition {
  readonly name: string;
  /** As written; see `versions.ts` for how it is compared. */
  readonly version?: string;
  readonly description?: string;
  readonly inputs: Readonly<Record<string, WorkflowInput>>;
  readonly steps: readonly WorkflowStep[];
  readonly outputs: Readonly<Record<string, WorkflowOutput>>;
  /** Milliseconds for the whole run. */
  readonly timeoutMs?: number;
  readonly maxConcurrency?: number;
  /** For steps that do not say. Default: `fail`. */
  readonly onError?: 'fail' | 'continue';
  /** Steps that run after a failure. */
  readonly onFailure: readonly WorkflowStep[];
  /** Steps that run at the end, whatever happened. */
  readonly finally: readonly WorkflowStep[];
  readonly concurrency?: ConcurrencyGroup;
  /** Variables it reads; a value here is used when the application gives none. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Names of the secrets it may use. */
  readonly secrets: readonly string[];
  readonly budget?: WorkflowBudget;
  /** Kept for the server, which acts on them. */
  readonly triggers: readonly Readonly<Record<string, unknown>>[];
  /** For steps that do not say. */
  readonly defaults: { readonly retry?: StepRetry; readonly timeoutMs?: number };
  /** Range of versions whose runs may go on in this one. */
  readonly compatibleWith?: string;
  readonly migrations: readonly WorkflowMigration[];
}

/** What a workflow has that says nothing beyond its name. */
export const emptyWorkflow: Omit<WorkflowDefinition, 'name'> = {
  inputs: {},
  steps: [],
  outputs: {},
  onFailure: [],
  finally: [],
  env: {},
  secrets: [],
  triggers: [],
  defaults: {},
  migrations: [],
};

/**
 * The steps inside a step, if it holds some, with the keys that lead to them.
 *
 * @param step any step
 */
export function childrenOf(
  step: WorkflowStep,
): readonly { readonly path: readonly string[]; readonly steps: readonly WorkflowStep[] }[] {
  switch (step.kind) {
    case 'parallel':
      return [{ path: ['parallel'], steps: step.steps }];
    case 'if':
      return [
        { path: ['then'], steps: step.then },
        { path: ['else'], steps: step.else },
      ];
    case 'switch':
      return [
        ...Object.entries(step.cases).map(([name, steps]) => ({ path: ['cases', name], steps })),
        { path: ['default'], steps: step.default },
      ];
    default:
      return [];
  }
}
