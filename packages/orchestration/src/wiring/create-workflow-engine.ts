/**
 * Puts a workflow engine together.
 *
 * @module
 */
import {
  type AIClient,
  checkOptions,
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
  variablesWithoutEffect,
} from '@gomind/core';
import { ComponentCatalog } from '../capabilities/component-catalog.ts';
import type { CircuitBreakers } from '../execution/breakers/circuit-breakers.ts';
import { ComponentClient } from '../execution/component/component-client.ts';
import { createComponentStepHandler } from '../execution/component/component-step.ts';
import { EventSignals } from '../execution/kinds/event-signals.ts';
import { createCallStepHandler, type ExecutePlanOptions } from '../execution/execute-plan.ts';
import { guardCalls } from '../execution/breakers/guarded-caller.ts';
import { guardModel } from '../execution/breakers/guarded-model.ts';
import { PlanExecutor } from '../execution/plan-executor.ts';
import { SharedConcurrency } from '../execution/slots/shared-concurrency.ts';
import type { StepHandler } from '../execution/step-handler.ts';
import type { Planner } from '../planning/planner.ts';
import type { ApprovalDecision, ApprovalRequest } from '../workflow/engine/approval-desk.ts';
import { noRecovery, type StepRecovery } from '../recovery/failed-call.ts';
import { WorkflowEngine } from '../workflow/engine/workflow-engine.ts';
import { WorkflowRegistry } from '../workflow/workflow-registry.ts';
import { chooseModelCallStore } from './model-call-choice.ts';
import { checkDependencies } from './check-dependencies.ts';
import { type OrchestratorConfig, resolveConfig } from './orchestrator-config.ts';
import { choosePlan } from './plan-choice.ts';
import { chooseRecovery } from './recovery-choice.ts';
import { breakersFor, followRegistry, type ResilienceDependencies } from './resilience.ts';
import { createWorkflowHandlers, type WorkflowDependencies } from './workflow-handlers.ts';

/** What the application injects: a `discovery`, or a `call` of its own. */
export interface WorkflowEngineDependencies extends ResilienceDependencies, WorkflowDependencies {
  /** Where components are found. Stays the caller's. */
  readonly discovery?: Discovery;
  /** Makes every component call instead; the engine then knows no components, and puts no `breaker` around the calls. */
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
  /** Keeps outputs of steps with `cache`. Default: in memory. Stays the caller's. */
  readonly storage?: KeyValueStore;
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
  checkOptions('createWorkflowEngine', dependencies, {});
  const config = resolveConfig(options);
  checkDependencies('createWorkflowEngine', dependencies, Object.keys(config));
  const { telemetry = noopTelemetry, clock = systemClock, registry = new WorkflowRegistry() } = dependencies;
  const logger =
    dependencies.logger === undefined
      ? createStderrLogger({ level: config.logLevel, fields: { service: config.name } })
      : redactingLogger(dependencies.logger);
  for (const { message } of variablesWithoutEffect(['GOMIND_EGRESS_ALLOW'])) logger.warn(message);
  const modelCalls = chooseModelCallStore(config.modelCalls, clock);
  const breakers = breakersFor(dependencies, { clock, logger, telemetry });
  const aiClient = guardModel(modelCalls.wrap(dependencies.aiClient ?? unconfiguredAIClient), breakers);
  const components = componentsFor(dependencies, { config, aiClient, breakers, logger, telemetry, clock });
  const signals = new EventSignals();
  const { handlers, ...shared } = createWorkflowHandlers({
    dependencies,
    registry,
    components: components.known,
    available: () => breakers.available(components.known() ?? []),
    componentHandler: components.handler,
    recovery: components.recovery,
    plan: choosePlan(config, { aiClient, planner: dependencies.planner, clock }),
    storage: dependencies.storage ?? new MemoryStorage({ clock }),
    signals,
    clock,
    logger,
  });
  const parts = { handlers, stepTimeoutMs: config.stepTimeoutMs, clock, logger, telemetry };
  const concurrency = new SharedConcurrency({ ...config, clock, telemetry });
  const executorFor = (maxConcurrency: number | undefined): PlanExecutor =>
    new PlanExecutor({ ...parts, concurrency, ...(maxConcurrency === undefined ? {} : { maxConcurrency }) });
  return new WorkflowEngine({
    ...shared,
    executorFor,
    registry,
    start: components.start,
    components: components.known,
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
}

interface EngineComponents {
  readonly handler: StepHandler;
  readonly recovery: StepRecovery;
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
      recovery: noRecovery,
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
  const recovery = chooseRecovery(config, aiClient, { breakers, clock });
  return {
    handler: createComponentStepHandler({
      caller: guardCalls(caller, breakers),
      resolve,
      onceCallable: (name, listener) => breakers.onceCallable(name, listener),
      recovery,
      clock,
      telemetry,
    }),
    recovery,
    start: () => catalog.start(),
    // A step that asks for a capability gets the first one that has it.
    known: () => breakers.availableFirst(catalog.components()),
    close: async () => {
      await catalog.close();
      await caller.close();
    },
  };
}
