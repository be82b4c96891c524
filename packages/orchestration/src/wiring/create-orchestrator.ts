/**
 * Puts an orchestrator together. The only room that knows all others; the application brings what implements the contracts.
 *
 * @module
 */
import {
  type AIClient,
  canonicalJson,
  type CircuitBreaker,
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
import type { CapabilityProvider } from '../capabilities/capability-provider.ts';
import { ComponentCatalog } from '../capabilities/component-catalog.ts';
import { ComponentClient } from '../execution/component/component-client.ts';
import { createComponentStepHandler } from '../execution/component/component-step.ts';
import { guardCalls } from '../execution/breakers/guarded-caller.ts';
import { guardModel } from '../execution/breakers/guarded-model.ts';
import { createModelParameterResolver } from '../execution/component/model-parameter-resolver.ts';
import { noParameterResolver, type ParameterResolver } from '../execution/component/parameter-resolver.ts';
import { PlanExecutor } from '../execution/plan-executor.ts';
import { AIOrchestrator } from '../orchestrator/ai-orchestrator.ts';
import { createAnswerCache, noAnswerCache } from '../orchestrator/answer-cache.ts';
import { HealthMonitor } from '../orchestrator/health.ts';
import { keepOffers } from '../orchestrator/offer-cache.ts';
import { createPlanPrefetch, noPlanPrefetch } from '../orchestrator/plan-prefetch.ts';
import { createPlanCache } from '../planning/memory-plan-cache.ts';
import { noPlanCache, type PlanCache } from '../planning/plan-cache.ts';
import { checkedPlanner } from '../planning/checked-planner.ts';
import { createPlanner, type Planner } from '../planning/planner.ts';
import type { PromptBuilder } from '../planning/planning-prompt.ts';
import { type PhraseBook, phraseBook } from '../synthesis/answer-phrases.ts';
import { createJoinSynthesizer } from '../synthesis/join-synthesizer.ts';
import { createConversationMemory } from '../synthesis/conversation-memory.ts';
import { createModelSummariser } from '../synthesis/conversation-summary.ts';
import { createModelSynthesizer } from '../synthesis/model-synthesizer.ts';
import type { Synthesizer } from '../synthesis/synthesizer.ts';
import { createTemplateSynthesizer } from '../synthesis/template-synthesizer.ts';
import { chooseProvider } from './capability-choice.ts';
import { checkDependencies } from './check-dependencies.ts';
import { chooseModelCallStore } from './model-call-choice.ts';
import { type OrchestratorConfig, resolveConfig } from './orchestrator-config.ts';
import { choosePlan } from './plan-choice.ts';
import { chooseRecovery } from './recovery-choice.ts';
import { breakersFor, followRegistry, type ResilienceDependencies } from './resilience.ts';
import { chooseWorkflows, type OfferedWorkflows } from './workflow-choice.ts';

/** What the application injects. Absent parts are objects that do nothing, or the in-process default. */
export interface OrchestratorDependencies extends ResilienceDependencies, OfferedWorkflows {
  /** Where components are found. Stays the caller's: `close()` of the orchestrator does not close it. */
  readonly discovery: Discovery;
  /** Default: none, so the basic router plans. Stays the caller's. */
  readonly aiClient?: AIClient;
  /** Default: as `config.capabilityProvider` says. */
  readonly capabilityProvider?: CapabilityProvider;
  /** Guards the capability service. Stays the caller's. Default: five failures open it for 30 s. */
  readonly circuitBreaker?: CircuitBreaker;
  /** Makes the planning prompt in the application's own way. Default: persona, rules and examples of `config.prompt`. */
  readonly promptBuilder?: PromptBuilder;
  /** Default: a planner on the aiClient. */
  readonly planner?: Planner;
  /** Default: the aiClient when `config.allowLateBinding` is on, else nobody. */
  readonly parameterResolver?: ParameterResolver;
  /** Default: as `config.synthesis` says. */
  readonly synthesizer?: Synthesizer;
  /** The fixed words of answers that no model writes. Default: the house's, in the language of the request. */
  readonly phrases?: PhraseBook;
  /** Where conversations are kept. Stays the caller's. Default: the process's memory, for at most 4,000 of them. */
  readonly storage?: KeyValueStore;
  /** Default: JSON lines to stderr at `config.logLevel`. */
  readonly logger?: Logger;
  readonly telemetry?: Telemetry;
  readonly clock?: Clock;
}

/**
 * Makes an orchestrator with every part under the caller's control.
 *
 * @param dependencies discovery is required, the rest has defaults
 * @param options settings that differ from the environment's and the defaults
 * @throws GomindError `CONFIG_INVALID`
 * @example
 * await using orchestrator = createOrchestrator({ discovery, aiClient, logger, telemetry }, { maxConcurrency: 20 });
 */
export function createOrchestrator(
  dependencies: OrchestratorDependencies,
  options: Partial<OrchestratorConfig> = {},
): AIOrchestrator {
  checkDiscovery((dependencies as OrchestratorDependencies | null | undefined)?.discovery);
  const config = resolveConfig(options);
  checkDependencies('createOrchestrator', dependencies, Object.keys(config));
  const phrases = phraseBook(dependencies.phrases);
  const { discovery, telemetry = noopTelemetry, clock = systemClock } = dependencies;
  const modelCalls = chooseModelCallStore(config.modelCalls, clock);
  const logger =
    dependencies.logger === undefined
      ? createStderrLogger({ level: config.logLevel, fields: { service: config.name } })
      : redactingLogger(dependencies.logger);
  for (const { message } of variablesWithoutEffect(['GOMIND_EGRESS_ALLOW'])) logger.warn(message);

  const catalog = new ComponentCatalog({ discovery, refreshIntervalMs: config.catalogRefreshMs, clock, logger });
  const breakers = breakersFor(dependencies, { clock, logger, telemetry });
  followRegistry(breakers, catalog);
  const aiClient = guardModel(modelCalls.wrap(dependencies.aiClient ?? unconfiguredAIClient), breakers);
  const caller = new ComponentClient({
    resolve: (name) => catalog.instances(name),
    maxConnections: config.maxConnections,
    // The catalog itself remembers that the registry is away, and says so in health.
    onUnreachable: () => void catalog.refresh().catch(() => undefined),
    clock,
    telemetry,
    logger,
  });
  const recovery = chooseRecovery(config, aiClient, { breakers, clock });
  const componentHandler = createComponentStepHandler({
    caller: guardCalls(caller, breakers),
    resolve: (name) => catalog.instances(name),
    onceCallable: (name, listener) => breakers.onceCallable(name, listener),
    parameterResolver: dependencies.parameterResolver ?? resolverFor(config, { aiClient, clock }),
    recovery,
    clock,
    telemetry,
  });
  const workflows = chooseWorkflows(dependencies, {
    ...{ catalog, breakers, componentHandler, recovery, clock, logger },
    plan: choosePlan(config, { aiClient, planner: dependencies.planner, clock }),
  });
  const executor = new PlanExecutor({
    handlers: workflows.handlers,
    maxConcurrency: config.maxConcurrency,
    ...(config.maxTotalConcurrency === undefined ? {} : { maxTotalConcurrency: config.maxTotalConcurrency }),
    stepTimeoutMs: config.stepTimeoutMs,
    clock,
    logger,
    telemetry,
  });
  const planner =
    dependencies.planner === undefined
      ? createPlanner({
          aiClient,
          clock,
          prompt: config.prompt,
          ...(dependencies.promptBuilder === undefined ? {} : { promptBuilder: dependencies.promptBuilder }),
          lookup: (name) => workflows.lookup(name) ?? (breakers.isOpen(name) ? undefined : catalog.instances(name)[0]),
          maxRepairs: config.maxPlanRepairs,
          maxSteps: config.maxPlanSteps,
          maxDepth: config.maxPlanDepth,
          maxFanOut: config.maxPlanFanOut,
          allowLateBinding: config.allowLateBinding,
        })
      : checkedPlanner(dependencies.planner);

  const plans = planCacheFor(config, aiClient, clock);
  catalog.onChange(({ type, component }) => {
    if (type !== 'component.up') plans.dropComponent(component);
  });
  const answers = config.cacheEnabled ? createAnswerCache({ ...boundsOf(config), clock }) : noAnswerCache;

  const { circuitBreaker } = dependencies;
  const chosen =
    dependencies.capabilityProvider ??
    chooseProvider(config, { catalog, aiClient, circuitBreaker, clock, logger, telemetry });
  const kept = config.cacheEnabled
    ? keepOffers(chosen, { components: () => catalog.components(), ...boundsOf(config), clock })
    : chosen;
  const health = new HealthMonitor({ discovery, catalog, aiClient, breakers, provider: chosen, clock });
  const [provider, keptProvider] = [workflows.offerBeside(chosen), workflows.offerBeside(kept)];
  const perHour = config.cacheEnabled && aiClient.isConfigured !== false ? config.cachePrefetchPerHour : 0;
  const prefetch =
    perHour === 0
      ? noPlanPrefetch
      : createPlanPrefetch({
          ...{ plans, planner, provider: keptProvider, perHour, budget: config.budget, clock, logger },
          maxEntries: config.cacheMaxEntries,
        });

  return new AIOrchestrator({
    name: config.name,
    catalog,
    health,
    clock,
    logger,
    telemetry,
    historySize: config.historySize,
    requestTimeoutMs: config.requestTimeoutMs,
    modelCalls,
    budget: config.budget,
    stages: {
      provider,
      keptProvider,
      prefetch,
      ladder: {
        aiClient,
        planner,
        plans,
        answers,
        isBasicRouterEnabled: config.basicRouterEnabled,
        onModelOutcome: (error) => {
          health.recordModelOutcome(error);
        },
        now: () => new Date(clock.now()),
      },
      executor,
      breakers,
      isReplanEnabled: config.replanEnabled,
      synthesizer: dependencies.synthesizer ?? synthesizerFor(config, { aiClient, clock, phrases }),
      plainSynthesizer: plainSynthesizer(config, phrases),
      phrases,
      memory: createConversationMemory({
        storage:
          dependencies.storage ?? new MemoryStorage({ clock, maxEntries: maxConversations, whenFull: 'forget-oldest' }),
        window: config.conversationWindow,
        ttlMs: config.conversationTtlMs,
        ...(aiClient.isConfigured === false ? {} : { summarise: createModelSummariser(aiClient, { clock }) }),
        logger,
        clock,
      }),
      telemetry,
      maxRequestCharacters: config.maxRequestCharacters,
    },
    onClose: async () => {
      await prefetch.close();
      // What cleans up after cancelled runs still makes calls.
      await executor.idle();
      await caller.close();
      await breakers.close();
    },
  });
}

/**
 * Makes an orchestrator with nothing to configure: registry in, answers out.
 *
 * @param discovery where components are found, for example `new LocalDiscovery()`
 * @param aiClient the model; without one the basic router plans
 * @throws GomindError `CONFIG_INVALID` for an environment variable that cannot be read
 * @example
 * const orchestrator = createSimpleOrchestrator(discovery);
 * console.log((await orchestrator.processRequest('What time is it in Tokyo?')).response);
 */
export function createSimpleOrchestrator(discovery: Discovery, aiClient?: AIClient): AIOrchestrator {
  if (!isDiscovery(discovery)) {
    throw new GomindError({
      code: 'CONFIG_INVALID',
      message:
        'createSimpleOrchestrator needs a Discovery as its first argument, for example new LocalDiscovery(); ' +
        'an AIClient may come second. With other parts, use createOrchestrator({ discovery, ... }).',
    });
  }
  return createOrchestrator(aiClient === undefined ? { discovery } : { discovery, aiClient });
}

function boundsOf(config: OrchestratorConfig): { readonly ttlMs: number; readonly maxEntries: number } {
  return { ttlMs: config.cacheTtlMs, maxEntries: config.cacheMaxEntries };
}

function planCacheFor(config: OrchestratorConfig, aiClient: AIClient, clock: Clock): PlanCache {
  if (!config.cacheEnabled) return noPlanCache;
  return createPlanCache({
    ...boundsOf(config),
    staleTtlMs: config.cacheStaleTtlMs,
    allowLateBinding: config.allowLateBinding,
    hasTemplates: config.cacheTemplatesEnabled,
    context: canonicalJson([aiClient.provider, config.prompt]),
    clock,
  });
}

function resolverFor(
  config: OrchestratorConfig,
  model: { readonly aiClient: AIClient; readonly clock: Clock },
): ParameterResolver {
  const isAsked = config.allowLateBinding && model.aiClient.isConfigured !== false;
  return isAsked ? createModelParameterResolver(model) : noParameterResolver;
}

/** What a process keeps by itself, at most some 50 MB. */
const maxConversations = 4_000;

function synthesizerFor(
  config: OrchestratorConfig,
  parts: { readonly aiClient: AIClient; readonly clock: Clock; readonly phrases: PhraseBook },
): Synthesizer {
  const { aiClient, clock, phrases } = parts;
  const isPlain = config.synthesis !== 'model' || aiClient.isConfigured === false;
  return isPlain ? plainSynthesizer(config, phrases) : createModelSynthesizer(aiClient, { clock, phrases });
}

function plainSynthesizer({ synthesis, synthesisTemplate }: OrchestratorConfig, phrases: PhraseBook): Synthesizer {
  if (synthesis === 'join') return createJoinSynthesizer({ phrases });
  return createTemplateSynthesizer({
    phrases,
    ...(synthesisTemplate === undefined ? {} : { template: synthesisTemplate }),
  });
}

function isDiscovery(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'discover' in value;
}

/** JavaScript callers are not held by types, and the Go original took its configuration first. */
function checkDiscovery(discovery: unknown): void {
  if (isDiscovery(discovery)) return;
  throw new GomindError({
    code: 'CONFIG_INVALID',
    message:
      'createOrchestrator needs { discovery } as its first argument, for example { discovery: new LocalDiscovery() }; ' +
      'the configuration comes second.',
  });
}
