/**
 * The settings of an orchestrator: an explicit option beats an environment variable, which beats a default. Checked once.
 *
 * @module
 */
import {
  checkOptions,
  type Environment,
  findClosest,
  GomindError,
  loadZod,
  type LogLevel,
  readEnvDurationMs,
  readEnvBoolean,
  readEnvInteger,
  readEnvNumber,
  readEnvText,
  readLogLevel,
} from '@gomind/core';
import { dependencyNames } from './check-dependencies.ts';
import type { RunBudgetLimits } from '../plan/budget.ts';
import type { ModelCallStoreOptions } from '../llm/debug-store.ts';
import type { PlanningPromptOptions } from '../planning/planning-prompt.ts';

/** Settings of the record of model calls. */
export interface ModelCallSettings extends Omit<ModelCallStoreOptions, 'clock'> {
  /** Default: `GOMIND_LLM_DEBUG_ENABLED`, else false. */
  readonly enabled: boolean;
}

/** Settings of an orchestrator. */
export interface OrchestratorConfig {
  /** Name in spans and logs. Default: `GOMIND_AGENT_NAME`, else `orchestrator`. */
  readonly name: string;
  /**
   * Handlers at work at the same time in one run. `auto`: 10, and fewer while the event loop runs late or the heap is nearly
   * full. Default: `GOMIND_ORCHESTRATOR_MAX_CONCURRENCY`, else 10.
   */
  readonly maxConcurrency: number | 'auto';
  /** Handlers at work at the same time in all runs together; higher priorities come first. Default: none, no bound. */
  readonly maxTotalConcurrency: number | undefined;
  /** Connections to one component, all its instances together. Default: 10. */
  readonly maxConnections: number;
  /** Milliseconds for each call of a step. Default: `GOMIND_ORCHESTRATOR_STEP_TIMEOUT`, else 30,000. */
  readonly stepTimeoutMs: number;
  /** Milliseconds for a whole request. Default: 300,000. */
  readonly requestTimeoutMs: number;
  /** Milliseconds between two looks at the registry. Default: 10,000. */
  readonly catalogRefreshMs: number;
  /** Requests kept in the history. Default: 100. */
  readonly historySize: number;
  /** Longest request, in characters. Default: 16,384. */
  readonly maxRequestCharacters: number;
  /** Steps that a plan may have. Default: 50. */
  readonly maxPlanSteps: number;
  /** Steps in a row that a model's plan may have. Default: 10. */
  readonly maxPlanDepth: number;
  /** Steps that may wait for one step of a model's plan. Default: 20. */
  readonly maxPlanFanOut: number;
  /** Questions to the model after a rejected plan. Default: 2. */
  readonly maxPlanRepairs: number;
  /**
   * Whether a plan may leave out a parameter that an earlier step may return and no schema says. It is then looked for when the
   * step is called: by name, then by asking the model for its place. Default: false.
   */
  readonly allowLateBinding: boolean;
  /** Whether the basic router plans when there is no model or it fails. Default: true. */
  readonly basicRouterEnabled: boolean;
  /**
   * What one request may use up: tokens, money, model calls, tool calls, time; under `step` the same for each step. A request's
   * metadata may ask for less. Default: 10 model calls.
   */
  readonly budget: RunBudgetLimits;
  /** Whether plans and answers are kept. Default: `GOMIND_ORCHESTRATOR_CACHE_ENABLED`, else true. */
  readonly cacheEnabled: boolean;
  /** Milliseconds that a kept plan or answer is served. Default: `GOMIND_ORCHESTRATOR_CACHE_TTL`, else 300,000. */
  readonly cacheTtlMs: number;
  /** Milliseconds after that in which a kept plan is served when the model fails. Default: 3,600,000. */
  readonly cacheStaleTtlMs: number;
  /** Plans kept, templates kept, and answers kept. Default: 1,000. */
  readonly cacheMaxEntries: number;
  /** Whether a kept plan is served for the same words with other values. Default: true. */
  readonly cacheTemplatesEnabled: boolean;
  /**
   * Whether a model corrects inputs that a tool refused, and how often it is asked for one step. Default:
   * `GOMIND_SEMANTIC_RETRY_ENABLED`, else on; `GOMIND_SEMANTIC_RETRY_MAX_ATTEMPTS`, else 2.
   */
  readonly semanticRetry: { readonly enabled: boolean; readonly maxAttempts: number };
  /**
   * Whether the rest is planned again, once and without new effects, when a step of a model's plan failed for good. Default: true.
   */
  readonly replanEnabled: boolean;
  /** Likely next requests that may be planned ahead within an hour, each within `budget`. Default: 0, none. */
  readonly cachePrefetchPerHour: number;
  /** How the answer is written. Default: `model`. */
  readonly synthesis: 'model' | 'template' | 'join';
  /** Text with `${steps...}` expressions for the `template` strategy. Default: a plain paragraph. */
  readonly synthesisTemplate: string | undefined;
  /** Keeps what models were asked and answered, redacted, for `getModelCalls` and as events. Default: off, see {@link ModelCallSettings}. */
  readonly modelCalls: ModelCallSettings;
  /** Turns of a conversation that are kept as they were; older ones become a summary. Default: 6. */
  readonly conversationWindow: number;
  /** Milliseconds after its last request until a conversation is forgotten. Default: 86,400,000 (a day). */
  readonly conversationTtlMs: number;
  /** Persona, rules, examples and template of the planning prompt. Default: none. */
  readonly prompt: Omit<PlanningPromptOptions, 'now'>;
  /**
   * What chooses the capabilities that a plan may use. `auto`: the service when one is configured, else all while they are
   * fewer than `tieredMinTools`, else the model by tiers when that is enabled, else the search. Default: `auto`.
   */
  readonly capabilityProvider: 'auto' | 'all' | 'search' | 'tiered' | 'service';
  /** Base URL of a capability service. Default: `GOMIND_CAPABILITY_SERVICE_URL`, else none. */
  readonly capabilityServiceUrl: string | undefined;
  /** Path of the service's search. Default: `/search`. */
  readonly capabilityServicePath: string;
  /**
   * Capabilities that search and service offer at most. Default: `GOMIND_CAPABILITY_TOP_K`, else 20; a search then offers a third
   * of all when that is fewer (10 at least).
   */
  readonly capabilityTopK: number | undefined;
  /** Least cosine similarity where vectors are used. Default: `GOMIND_CAPABILITY_THRESHOLD`, else 0.7. */
  readonly capabilityThreshold: number;
  /**
   * Whether a model chooses from summaries before it plans, which costs a call. Default:
   * `GOMIND_TIERED_RESOLUTION_ENABLED`, else true when `GOMIND_TIERED_MIN_TOOLS` is set, else false.
   */
  readonly tieredResolutionEnabled: boolean;
  /** Capabilities from which on not all are offered. Default: `GOMIND_TIERED_MIN_TOOLS`, else 20. */
  readonly tieredMinTools: number;
  /** What the default logger writes to stderr. Default: `GOMIND_LOG_LEVEL`, else `warn`. */
  readonly logLevel: LogLevel;
}

/** Every setting that is given in the options or the environment, over the defaults. */
export function resolveConfig(
  options: Partial<OrchestratorConfig> = {},
  environment?: Environment,
): OrchestratorConfig {
  checkOptions('the configuration', options, {});
  const minTools = readEnvInteger('GOMIND_TIERED_MIN_TOOLS', { min: 1, max: 100_000 }, environment);
  const config: OrchestratorConfig = {
    name: readEnvText('GOMIND_AGENT_NAME', agentName, environment) ?? 'orchestrator',
    maxConcurrency: readMaxConcurrency(environment) ?? 10,
    maxTotalConcurrency: undefined,
    stepTimeoutMs: readEnvDurationMs('GOMIND_ORCHESTRATOR_STEP_TIMEOUT', environment) ?? 30_000,
    maxConnections: 10,
    requestTimeoutMs: 300_000,
    catalogRefreshMs: 10_000,
    historySize: 100,
    maxRequestCharacters: 16_384,
    maxPlanSteps: 50,
    maxPlanDepth: 10,
    maxPlanFanOut: 20,
    maxPlanRepairs: 2,
    allowLateBinding: false,
    basicRouterEnabled: true,
    budget: { modelCalls: 10 },
    cacheEnabled: readEnvBoolean('GOMIND_ORCHESTRATOR_CACHE_ENABLED', environment) ?? true,
    cacheTtlMs: readEnvDurationMs('GOMIND_ORCHESTRATOR_CACHE_TTL', environment) ?? 300_000,
    cacheStaleTtlMs: 3_600_000,
    cacheMaxEntries: 1_000,
    cacheTemplatesEnabled: true,
    cachePrefetchPerHour: 0,
    semanticRetry: {
      enabled: readEnvBoolean('GOMIND_SEMANTIC_RETRY_ENABLED', environment) ?? true,
      maxAttempts: readEnvInteger('GOMIND_SEMANTIC_RETRY_MAX_ATTEMPTS', { min: 0, max: 10 }, environment) ?? 2,
    },
    replanEnabled: true,
    synthesis: 'model',
    synthesisTemplate: undefined,
    modelCalls: { enabled: readEnvBoolean('GOMIND_LLM_DEBUG_ENABLED', environment) ?? false },
    conversationWindow: 6,
    conversationTtlMs: 86_400_000,
    prompt: {},
    capabilityProvider: 'auto',
    capabilityServiceUrl: readEnvText('GOMIND_CAPABILITY_SERVICE_URL', serviceUrl, environment),
    capabilityServicePath: '/search',
    capabilityTopK: readEnvInteger('GOMIND_CAPABILITY_TOP_K', { min: 1, max: 1_000 }, environment),
    capabilityThreshold: readEnvNumber('GOMIND_CAPABILITY_THRESHOLD', { min: -1, max: 1 }, environment) ?? 0.7,
    tieredResolutionEnabled: readEnvBoolean('GOMIND_TIERED_RESOLUTION_ENABLED', environment) ?? minTools !== undefined,
    tieredMinTools: minTools ?? 20,
    logLevel: readLogLevel(environment),
    ...definedOnly(options),
  };
  checkConfig(config);
  return config;
}

const agentName = { test: (value: string): boolean => value.length <= 128, accepted: 'text of 1 to 128 characters' };
const serviceUrl = {
  test: (value: string): boolean => /^https?:$/.test(URL.parse(value)?.protocol ?? ''),
  accepted: 'a URL such as http://capability-service:8080',
};

const concurrency = {
  test: (value: string): boolean => value === 'auto' || (/^\d+$/.test(value) && +value >= 1 && +value <= 10_000),
  accepted: '"auto" or a whole number from 1 to 10000',
};

function readMaxConcurrency(environment: Environment | undefined): number | 'auto' | undefined {
  const value = readEnvText('GOMIND_ORCHESTRATOR_MAX_CONCURRENCY', concurrency, environment);
  return value === undefined || value === 'auto' ? value : Number(value);
}

/** `{ name: undefined }` means "not given", not "no name". */
function definedOnly(options: Partial<OrchestratorConfig>): Partial<OrchestratorConfig> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** @throws GomindError `CONFIG_INVALID` naming every setting that cannot be used */
function checkConfig(config: OrchestratorConfig): void {
  // zod is heavy to load; whoever only imports the package does not pay for it.
  const { z } = loadZod();
  const count = z.int().min(0).optional();
  const amount = z.number().min(0).optional();
  const limits = { tokens: count, costUsd: amount, modelCalls: count, toolCalls: count, timeMs: amount };
  const schema = z.strictObject({
    name: z.string().min(1).max(128),
    maxConcurrency: z.union([z.literal('auto'), z.int().min(1).max(10_000)], {
      error: 'must be "auto" or a whole number from 1 to 10,000',
    }),
    maxTotalConcurrency: z.int().min(1).max(1_000_000).optional(),
    maxConnections: z.int().min(1).max(10_000),
    stepTimeoutMs: z.number().positive(),
    requestTimeoutMs: z.number().positive(),
    catalogRefreshMs: z.number().min(100),
    historySize: z.int().min(0).max(100_000),
    maxRequestCharacters: z.int().min(1).max(1_048_576),
    maxPlanSteps: z.int().min(1).max(100_000),
    maxPlanDepth: z.int().min(1).max(100_000),
    maxPlanFanOut: z.int().min(1).max(100_000),
    maxPlanRepairs: z.int().min(0).max(10),
    allowLateBinding: z.boolean(),
    basicRouterEnabled: z.boolean(),
    budget: z.strictObject({ ...limits, step: z.strictObject(limits).optional() }),
    cacheEnabled: z.boolean(),
    cacheTtlMs: z.number().positive(),
    cacheStaleTtlMs: z.number().min(0),
    cacheMaxEntries: z.int().min(1).max(1_000_000),
    cacheTemplatesEnabled: z.boolean(),
    cachePrefetchPerHour: z.int().min(0).max(10_000),
    semanticRetry: z.strictObject({ enabled: z.boolean(), maxAttempts: z.int().min(0).max(10) }),
    replanEnabled: z.boolean(),
    synthesis: z.enum(['model', 'template', 'join']),
    synthesisTemplate: z.string().max(65_536).optional(),
    modelCalls: z.strictObject({
      enabled: z.boolean(),
      maxRuns: z.int().min(1).max(100_000).optional(),
      maxCallsPerRun: z.int().min(1).max(10_000).optional(),
      maxTextLength: z.int().min(100).max(1_048_576).optional(),
      secrets: z.array(z.string()).optional(),
      fields: z.array(z.string()).optional(),
    }),
    conversationWindow: z.int().min(1).max(100),
    conversationTtlMs: z.number().positive(),
    prompt: z.strictObject({
      persona: z.string().optional(),
      rules: z.array(z.string()).optional(),
      examples: z
        .array(z.strictObject({ request: z.string(), answer: z.record(z.string(), z.unknown()) }))
        .max(50)
        .optional(),
      template: z.string().max(65_536).optional(),
    }),
    capabilityProvider: z.enum(['auto', 'all', 'search', 'tiered', 'service']),
    capabilityServiceUrl: z
      .url({ protocol: /^https?$/, error: 'must be a URL such as http://capability-service:8080' })
      .optional(),
    capabilityServicePath: z.string().max(1_024),
    capabilityTopK: z.int().min(1).max(1_000).optional(),
    capabilityThreshold: z.number().min(-1).max(1),
    tieredResolutionEnabled: z.boolean(),
    tieredMinTools: z.int().min(1).max(100_000),
    logLevel: z.enum(['debug', 'info', 'warn', 'error']),
  });
  const checked = schema.safeParse(config);
  if (checked.success) return;
  const problems = checked.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' && issue.path.length === 0
      ? issue.keys.map((key) => unknownSetting(key, Object.keys(schema.shape)))
      : [`${issue.path.join('.') || 'config'}: ${issue.message}`],
  );
  throw new GomindError({
    code: 'CONFIG_INVALID',
    message: `The configuration cannot be used. ${problems.join('; ')}.`,
    details: { problems },
  });
}

function unknownSetting(name: string, known: readonly string[]): string {
  if (dependencyNames.includes(name)) return `${name}: this is a dependency; it goes into the first argument`;
  const closest = findClosest(name, known);
  return `${name}: there is no such setting${closest === undefined ? '' : `; did you mean "${closest}"?`}`;
}
