/**
 * Runs what workflows are made of: the kinds of steps that files know, and workflows as the capabilities of one component in this
 * process. The same for the workflow engine and for the requests of an orchestrator.
 *
 * @module
 */
import { type Clock, type ComponentInfo, GomindError, type KeyValueStore, type Logger } from '@gomind/core';
import { type ArtifactStore, noArtifactStore } from '../execution/artifact-store.ts';
import type { EventSignals } from '../execution/kinds/event-signals.ts';
import { createJoinStepHandler } from '../execution/kinds/join-step.ts';
import { createPlanStepHandler } from '../execution/kinds/plan-step.ts';
import { withStepExtras } from '../execution/step-extras.ts';
import type { StepHandler } from '../execution/step-handler.ts';
import { createWaitStepHandler } from '../execution/kinds/wait-step.ts';
import type { StepRecovery } from '../recovery/failed-call.ts';
import { type AIRoutingStepOptions, createAIRoutingStepHandler } from '../workflow/engine/ai-routing-step.ts';
import { ApprovalDesk, type ApprovalDecision, type ApprovalRequest } from '../workflow/engine/approval-desk.ts';
import { ConcurrencyGroups } from '../workflow/engine/concurrency-groups.ts';
import { causeOfGroup } from '../workflow/engine/group-cause.ts';
import { createGroupStepHandler } from '../workflow/engine/group-step.ts';
import { causeOfSubWorkflow, createSubWorkflowStepHandler } from '../workflow/engine/sub-workflow-step.ts';
import { createWorkflowDigest, type LoadWorkflow } from '../workflow/engine/workflow-digest.ts';
import { causeOfWorkflowsComponent, createWorkflowsComponentHandler } from '../workflow/engine/workflows-component.ts';
import type { ScopeSources, SecretProvider } from '../workflow/engine/workflow-scope.ts';
import { splitReference, type WorkflowRegistry } from '../workflow/workflow-registry.ts';

/** What workflows may need from the application. */
export interface WorkflowDependencies {
  /**
   * Finds sub-workflows that are not registered, for example in files. `from` is the workflow whose step names it, the very object
   * that was run, registered or loaded. Default: none.
   */
  readonly loadWorkflow?: LoadWorkflow;
  /** Default: none; a workflow that needs secrets is refused. */
  readonly secrets?: SecretProvider;
  /** Environment variables that workflows may read. Default: none. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default: none; steps that store artifacts fail. */
  readonly artifacts?: ArtifactStore;
  /** Decides approvals. */
  readonly onApproval?: (request: ApprovalRequest) => Promise<ApprovalDecision>;
}

/** What the wiring has made already. */
export interface WorkflowHandlerParts {
  readonly dependencies: WorkflowDependencies;
  readonly registry: WorkflowRegistry;
  /** Undefined when the application makes the calls itself. */
  readonly components: () => readonly ComponentInfo[] | undefined;
  /** Those that `ai-routing` steps may use now. */
  readonly available: () => readonly ComponentInfo[];
  /** Runs the calls of components. */
  readonly componentHandler: StepHandler;
  readonly recovery: StepRecovery;
  /** Plans `ai-routing` steps. */
  readonly plan: AIRoutingStepOptions['plan'];
  readonly storage: KeyValueStore;
  readonly signals: EventSignals;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The handlers, and what they share with whoever runs workflows. */
export interface WorkflowHandlers {
  readonly handlers: readonly StepHandler[];
  readonly approvals: ApprovalDesk;
  readonly groups: ConcurrencyGroups;
  readonly sources: ScopeSources;
}

/** Makes the handlers. */
export function createWorkflowHandlers(parts: WorkflowHandlerParts): WorkflowHandlers {
  const { dependencies, registry, components, storage, signals, clock, logger } = parts;
  const extras = { cache: storage, artifacts: dependencies.artifacts ?? noArtifactStore, logger };
  const sources: ScopeSources = {
    secrets: dependencies.secrets ?? { get: () => undefined },
    env: dependencies.env ?? {},
  };
  const groups = new ConcurrencyGroups();
  const approvals = new ApprovalDesk({
    clock,
    onRequest: (request) => {
      decideBy(dependencies.onApproval, request, approvals);
    },
  });
  const nested = { components, sources, groups, clock };
  const load = loaderOf(registry, dependencies.loadWorkflow);
  const digest = createWorkflowDigest({ load, sources });
  const asComponent = (): ComponentInfo => registry.asComponent(components());
  return {
    approvals,
    groups,
    sources,
    handlers: [
      withStepExtras(parts.componentHandler, extras),
      withStepExtras(
        createWorkflowsComponentHandler({ ...nested, registry, asComponent, recovery: parts.recovery }),
        extras,
        causeOfWorkflowsComponent(digest),
      ),
      withStepExtras(createSubWorkflowStepHandler({ ...nested, load }), extras, causeOfSubWorkflow(digest)),
      withStepExtras(createGroupStepHandler({ components }), extras, causeOfGroup(digest)),
      createJoinStepHandler(),
      createPlanStepHandler(),
      createWaitStepHandler({ clock, signals }),
      approvals.stepHandler(),
      createAIRoutingStepHandler({ components: parts.available, workflows: asComponent, plan: parts.plan }),
    ],
  };
}

function loaderOf(registry: WorkflowRegistry, loadWorkflow: WorkflowDependencies['loadWorkflow']): LoadWorkflow {
  return async (reference, from) => {
    const [name, range] = splitReference(reference);
    const registered = registry.find(name, range);
    if (registered !== undefined) return registered;
    // The registry's own refusal names what there is.
    return loadWorkflow === undefined ? registry.get(name, range) : loadWorkflow(reference, from);
  };
}

function decideBy(decide: WorkflowDependencies['onApproval'], request: ApprovalRequest, approvals: ApprovalDesk): void {
  if (decide === undefined) return;
  const refuse = (error: unknown): ApprovalDecision => ({
    decision: 'rejected',
    comment: `Nobody could decide: ${error instanceof Error ? error.message : String(error)}`,
  });
  // Whatever it is that the application gave: what it throws at once, or returns at once, counts as well.
  Promise.resolve()
    .then(() => decide(request))
    .then(checkDecision)
    .catch(refuse)
    .then((decision) => {
      approvals.decide(request.id, decision);
    })
    // The run may have ended meanwhile; then nobody waits for the decision.
    .catch(() => undefined);
}

function checkDecision(decision: ApprovalDecision | undefined): ApprovalDecision {
  if (decision?.decision === 'approved' || decision?.decision === 'rejected') return decision;
  throw new GomindError({
    code: 'CONFIG_INVALID',
    message: 'onApproval must return { decision: "approved" } or { decision: "rejected" }',
  });
}

/** Decides approvals where there is nobody to decide them. */
export function refuseApprovals(): Promise<ApprovalDecision> {
  return Promise.reject(
    new GomindError({ code: 'CONFIG_INVALID', message: 'no onApproval was given, so nobody can be asked' }),
  );
}
