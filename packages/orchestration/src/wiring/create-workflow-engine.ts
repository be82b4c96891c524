/**
 * Puts a workflow engine together.
 *
 * @module
 */
import {
  type AIClient,
  type Clock,
  createStderrLogger,
  type Discovery,
  GomindError,
  type KeyValueStore,
  type Logger,
  redactingLogger,
  MemoryStorage,
  noopTelemetry,
  systemClock,
  type Telemetry,
  unconfiguredAIClient,
} from '@gomind/core';
import { ComponentCatalog } from '../capabilities/component-catalog.ts';
import { type ArtifactStore, noArtifactStore } from '../execution/artifact-store.ts';
import type { CircuitBreakers } from '../execution/circuit-breakers.ts';
import { ComponentClient } from '../execution/component-client.ts';
import { createComponentStepHandler } from '../execution/component-step.ts';
import { EventSignals } from '../execution/event-signals.ts';
import { createCallStepHandler, type ExecutePlanOptions } from '../execution/execute-plan.ts';
import { guardCalls } from '../execution/guarded-caller.ts';
import { guardModel } from '../execution/guarded-model.ts';
import { createJoinStepHandler } from '../execution/join-step.ts';
import { PlanExecutor } from '../execution/plan-executor.ts';
import { SharedConcurrency } from '../execution/shared-concurrency.ts';
import { createPlanStepHandler } from '../execution/plan-step.ts';
import { withStepExtras } from '../execution/step-extras.ts';
import type { StepHandler } from '../execution/step-handler.ts';
import { createWaitStepHandler } from '../execution/wait-step.ts';
import { basicRouter } from '../planning/basic-router/basic-router.ts';
import { createPlanner, type Planner } from '../planning/planner.ts';
import type { WorkflowDefinition } from '../workflow/definition.ts';
import { createAIRoutingStepHandler } from '../workflow/engine/ai-routing-step.ts';
import { ApprovalDesk, type ApprovalDecision, type ApprovalRequest } from '../workflow/engine/approval-desk.ts';
import { createSubWorkflowStepHandler } from '../workflow/engine/sub-workflow-step.ts';
import { type SecretProvider, splitReference, WorkflowEngine } from '../workflow/engine/workflow-engine.ts';
import { WorkflowRegistry } from '../workflow/workflow-registry.ts';
import { chooseModelCallStore } from './model-call-choice.ts';
import { type OrchestratorConfig, resolveConfig } from './orchestrator-config.ts';
import { chooseRecovery } from './recovery-choice.ts';
import { breakersFor, followRegistry, type ResilienceDependencies } from './resilience.ts';

/** What the application injects: a `discovery`, or a `call` of its own. */
export interface WorkflowEngineDependencies extends ResilienceDependencies {
  /** Where components are found. Stays the caller's. */
  readonly discovery?: Discovery;
  /** Makes every component call instead; the engine then knows no components. */
  readonly call?: ExecutePlanOptions['call'];
  /**
   * Plans `ai-routing` steps, and corrects inputs that a tool refused. Default: none, so the basic router plans and nobody
   * corrects. Stays the caller's.
   */
  readonly aiClient?: AIClient;
  /** Default: a planner on the aiClient. */
  readonly planner?: Planner;
  /** Workflows by name. Default: an empty registry. */
  readonly registry?: WorkflowRegistry;
  /** Finds sub-workflows that are not registered, for example in files. Default: none. */
  readonly loadWorkflow?: (reference: string) => Promise<WorkflowDefinition>;
  /** Default: none; a workflow that needs secrets is refused. */
  readonly secrets?: SecretProvider;
  /** Environment variables that workflows may read. Default: none. */
  readonly env?: Readonly<Record<string, string>>;
  /** Keeps outputs of steps with `cache`. Default: in memory. Stays the caller's. */
  readonly storage?: KeyValueStore;
  /** Default: none; steps that store artifacts fail. */
  readonly artifacts?: ArtifactStore;
  /** Decides approvals; without it they wait for `engine.decide()`. */
  readonly onApproval?: (request: ApprovalRequest) => Promise<ApprovalDecision>;
  readonly logger?: Logger;
  readonly telemetry?: Telemetry;
  readonly clock?: Clock;
}

/**
 * Makes an engine for workflows.
 *
 * @param dependencies a `discovery`, or a `call`
 * @param options settings that differ from the environment's and the defaults
 * @throws GomindError `CONFIG_INVALID`
 * @example
 * await using engine = createWorkflowEngine({ discovery });
 * const run = await engine.execute(workflow, { source: 'orders.csv' });
 */
export function createWorkflowEngine(
  dependencies: WorkflowEngineDependencies,
  options: Partial<OrchestratorConfig> = {},
): WorkflowEngine {
  const config = resolveConfig(options);
  const { telemetry = noopTelemetry, clock = systemClock, registry = new WorkflowRegistry() } = dependencies;
  const logger =
    dependencies.logger === undefined
      ? createStderrLogger({ level: config.logLevel, fields: { service: config.name } })
      : redactingLogger(dependencies.logger);
  const modelCalls = chooseModelCallStore(config.modelCalls, clock);
  const breakers = breakersFor(dependencies, { clock, logger, telemetry });
  const aiClient = guardModel(modelCalls.wrap(dependencies.aiClient ?? unconfiguredAIClient), breakers);
  const components = componentsFor(dependencies, { config, aiClient, breakers, logger, telemetry, clock });
  const signals = new EventSignals();
  const storage = dependencies.storage ?? new MemoryStorage({ clock });
  const extras = { cache: storage, artifacts: dependencies.artifacts ?? noArtifactStore, logger };
  const approvals = new ApprovalDesk({
    clock,
    onRequest: (request) => {
      decideBy(dependencies.onApproval, request, engine);
    },
  });
  const handlers: readonly StepHandler[] = [
    withStepExtras(components.handler, extras),
    createJoinStepHandler(),
    createPlanStepHandler(),
    createWaitStepHandler({ clock, signals }),
    approvals.stepHandler(),
    withStepExtras(
      createSubWorkflowStepHandler({
        load: loaderOf(registry, dependencies.loadWorkflow),
        components: components.known,
      }),
      extras,
    ),
    createAIRoutingStepHandler({
      components: () => breakers.available(components.known() ?? []),
      plan: planFor(dependencies, { config, aiClient, clock }),
    }),
  ];
  const parts = { handlers, stepTimeoutMs: config.stepTimeoutMs, clock, logger, telemetry };
  const concurrency = new SharedConcurrency({ ...config, clock });
  const executorFor = (maxConcurrency: number | undefined): PlanExecutor =>
    new PlanExecutor({ ...parts, concurrency, ...(maxConcurrency === undefined ? {} : { maxConcurrency }) });
  const engine: WorkflowEngine = new WorkflowEngine({
    executorFor,
    registry,
    start: components.start,
    components: components.known,
    secrets: dependencies.secrets ?? { get: () => undefined },
    env: dependencies.env ?? {},
    approvals,
    signals,
    breakers,
    modelCalls,
    // The default is meant for one request; what a file may use up, the file says.
    budget: options.budget ?? {},
    clock,
    logger,
    telemetry,
    onClose: async () => {
      await components.close();
      await breakers.close();
    },
  });
  return engine;
}

interface EngineComponents {
  readonly handler: StepHandler;
  readonly start: () => Promise<void>;
  readonly known: () => ReturnType<ComponentCatalog['components']> | undefined;
  readonly close: () => Promise<void>;
}

function componentsFor(
  { discovery, call }: WorkflowEngineDependencies,
  parts: {
    readonly config: OrchestratorConfig;
    readonly aiClient: AIClient;
    readonly breakers: CircuitBreakers;
    readonly logger: Logger;
    readonly telemetry: Telemetry;
    readonly clock: Clock;
  },
): EngineComponents {
  if (call !== undefined) {
    return {
      handler: createCallStepHandler({ call }),
      start: () => Promise.resolve(),
      known: () => undefined,
      close: () => Promise.resolve(),
    };
  }
  if (discovery === undefined) {
    throw new GomindError({
      code: 'CONFIG_INVALID',
      message:
        'createWorkflowEngine needs { discovery } (for example new LocalDiscovery()) or { call } to make calls with.',
    });
  }
  const { config, aiClient, breakers, logger, telemetry, clock } = parts;
  const catalog = new ComponentCatalog({ discovery, refreshIntervalMs: config.catalogRefreshMs, clock, logger });
  followRegistry(breakers, catalog);
  const resolve = (name: string): ReturnType<ComponentCatalog['instances']> => catalog.instances(name);
  const onUnreachable = (): void => void catalog.refresh().catch(() => undefined);
  const caller = new ComponentClient({
    resolve,
    maxConnections: config.maxConnections,
    onUnreachable,
    clock,
    telemetry,
    logger,
  });
  return {
    handler: createComponentStepHandler({
      caller: guardCalls(caller, breakers),
      resolve,
      recovery: chooseRecovery(config, aiClient, { breakers, clock }),
      clock,
      telemetry,
    }),
    start: () => catalog.start(),
    // A step that asks for a capability gets the first one that has it.
    known: () => breakers.availableFirst(catalog.components()),
    close: async () => {
      await catalog.close();
      await caller.close();
    },
  };
}

function loaderOf(
  registry: WorkflowRegistry,
  loadWorkflow: WorkflowEngineDependencies['loadWorkflow'],
): (reference: string) => Promise<WorkflowDefinition> {
  return async (reference) => {
    const [name, range] = splitReference(reference);
    const registered = registry.find(name, range);
    if (registered !== undefined) return registered;
    // The registry's own refusal names what there is.
    return loadWorkflow === undefined ? registry.get(name, range) : loadWorkflow(reference);
  };
}

function planFor(
  dependencies: WorkflowEngineDependencies,
  {
    config,
    aiClient,
    clock,
  }: { readonly config: OrchestratorConfig; readonly aiClient: AIClient; readonly clock: Clock },
): Planner['plan'] {
  const planner =
    dependencies.planner ??
    createPlanner({
      aiClient,
      clock,
      prompt: config.prompt,
      maxRepairs: config.maxPlanRepairs,
      maxSteps: config.maxPlanSteps,
      maxDepth: config.maxPlanDepth,
      maxFanOut: config.maxPlanFanOut,
    });
  const isModelThere = dependencies.planner !== undefined || aiClient.isConfigured !== false;
  return async (request, offered, options) => {
    if (isModelThere) return planner.plan(request, offered, options);
    const route = basicRouter(request, offered, { now: new Date(clock.now()) });
    return route.plan === undefined
      ? { ok: false, reason: route.reason ?? 'No capability fits.' }
      : { ok: true, plan: route.plan };
  };
}

function decideBy(
  decide: WorkflowEngineDependencies['onApproval'],
  request: ApprovalRequest,
  engine: WorkflowEngine,
): void {
  if (decide === undefined) return;
  const refuse = (error: unknown): ApprovalDecision => ({
    decision: 'rejected',
    comment: `Nobody could decide: ${error instanceof Error ? error.message : String(error)}`,
  });
  decide(request)
    .catch(refuse)
    .then((decision) => {
      engine.decide(request.id, decision);
    })
    // The run may have ended meanwhile; then nobody waits for the decision.
    .catch(() => undefined);
}
