/**
 * Workflows that the requests of an orchestrator may use: offered to planners beside the registered components, and run in this
 * process, each inside the step that names it.
 *
 * @module
 */
import { type Clock, type ComponentInfo, type KeyValueStore, type Logger, MemoryStorage } from '@gomind/core';
import type { CapabilityProvider } from '../capabilities/capability-provider.ts';
import type { ComponentCatalog } from '../capabilities/component-catalog.ts';
import { offerBeside } from '../capabilities/offer-beside.ts';
import type { CircuitBreakers } from '../execution/breakers/circuit-breakers.ts';
import { EventSignals } from '../execution/kinds/event-signals.ts';
import { createJoinStepHandler } from '../execution/kinds/join-step.ts';
import { createPlanStepHandler } from '../execution/kinds/plan-step.ts';
import type { StepHandler } from '../execution/step-handler.ts';
import { createWaitStepHandler } from '../execution/kinds/wait-step.ts';
import type { StepRecovery } from '../recovery/failed-call.ts';
import { type WorkflowDefinition, workflowsComponentName } from '../workflow/definition.ts';
import type { AIRoutingStepOptions } from '../workflow/engine/ai-routing-step.ts';
import { WorkflowRegistry } from '../workflow/workflow-registry.ts';
import { createWorkflowHandlers, refuseApprovals, type WorkflowDependencies } from './workflow-handlers.ts';

/** Workflows that an application offers, and what they need. */
export interface OfferedWorkflows extends WorkflowDependencies {
  /**
   * Workflows that a plan may use as a step: those that fit a request are offered as capabilities of the component `workflows`.
   * They share the run's budget, limit of concurrency and cancellation. A registry may grow later. Default: none.
   */
  readonly workflows?: WorkflowRegistry | readonly WorkflowDefinition[];
  /** Announces the events that `wait` steps of workflows wait for. Default: none ever come. */
  readonly signals?: EventSignals;
  /** Keeps the outputs of workflow steps with `cache`, among others. */
  readonly storage?: KeyValueStore;
}

/** What the wiring has made already. */
export interface WorkflowChoiceParts {
  readonly catalog: ComponentCatalog;
  readonly breakers: CircuitBreakers;
  readonly componentHandler: StepHandler;
  readonly recovery: StepRecovery;
  readonly plan: AIRoutingStepOptions['plan'];
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How an orchestrator knows workflows. */
export interface WorkflowChoice {
  /** Of all steps that a plan may have. */
  readonly handlers: readonly StepHandler[];
  /** The component of workflows under its name. */
  lookup(name: string): ComponentInfo | undefined;
  /** A provider that offers the workflows that fit too. */
  offerBeside(provider: CapabilityProvider): CapabilityProvider;
}

/** Makes the workflows known that an application gives, if it gives any. */
export function chooseWorkflows(given: OfferedWorkflows, parts: WorkflowChoiceParts): WorkflowChoice {
  const { workflows } = given;
  if (workflows === undefined) {
    const { componentHandler, clock } = parts;
    const wait = createWaitStepHandler({ clock, signals: given.signals });
    const handlers = [componentHandler, createJoinStepHandler(), createPlanStepHandler(), wait];
    return { handlers, lookup: () => undefined, offerBeside: (provider) => provider };
  }
  const { catalog, breakers, clock, ...others } = parts;
  const registry = workflows instanceof WorkflowRegistry ? workflows : new WorkflowRegistry(workflows);
  const component = (): ComponentInfo => registry.asComponent(catalog.components());
  const { handlers } = createWorkflowHandlers({
    ...others,
    dependencies: { ...given, onApproval: given.onApproval ?? refuseApprovals },
    registry,
    components: () => breakers.availableFirst(catalog.components()),
    available: () => breakers.available(catalog.components()),
    storage: given.storage ?? new MemoryStorage({ clock }),
    signals: given.signals ?? new EventSignals(),
    clock,
  });
  return {
    handlers,
    lookup: (name) => (name === workflowsComponentName ? component() : undefined),
    offerBeside: (provider) => offerBeside(provider, component),
  };
}
