/**
 * The public names of `@gomind/orchestration`: from a request or a plan to a result.
 *
 * @module
 */

// Orchestrator
export { createOrchestrator, createSimpleOrchestrator } from './wiring/create-orchestrator.ts';
export type { OrchestratorDependencies } from './wiring/create-orchestrator.ts';
export type { ModelCallSettings, OrchestratorConfig } from './wiring/orchestrator-config.ts';
export { AIOrchestrator } from './orchestrator/ai-orchestrator.ts';
export type { AIOrchestratorParts, RequestOptions } from './orchestrator/ai-orchestrator.ts';
export type { ExecutionRecord } from './orchestrator/execution-history.ts';
export { createHealthHandler } from './orchestrator/health-handler.ts';
export type { HealthHandler } from './orchestrator/health-handler.ts';
export type { HealthStatus } from './orchestrator/health.ts';
export type { OrchestratorMetrics } from './orchestrator/orchestrator-metrics.ts';
export type {
  OrchestratorResponse,
  RequestMetadata,
  ResponseMetadata,
  ResponseMode,
  ResponseStatus,
} from './orchestrator/orchestrator-response.ts';

// Capabilities
export {
  createAutomaticCapabilityProvider,
  createDefaultCapabilityProvider,
} from './capabilities/capability-provider.ts';
export type { CapabilityProvider, OfferOptions } from './capabilities/capability-provider.ts';
export type { CatalogChange, CatalogChangeListener, InstanceListener } from './capabilities/catalog-changes.ts';
export { ComponentCatalog } from './capabilities/component-catalog.ts';
export type { CatalogStatus, ComponentCatalogOptions } from './capabilities/component-catalog.ts';
export { createSearchCapabilityProvider } from './capabilities/search-capability-provider.ts';
export type {
  CapabilityMatch,
  SearchCapabilityProvider,
  SearchCapabilityProviderOptions,
  SearchOptions,
} from './capabilities/search-capability-provider.ts';

export { createServiceCapabilityProvider } from './capabilities/service-capability-provider.ts';
export type { ServiceCapabilityProviderOptions } from './capabilities/service-capability-provider.ts';
export { createTieredCapabilityProvider } from './capabilities/tiered-capability-provider.ts';
export type { TieredCapabilityProviderOptions } from './capabilities/tiered-capability-provider.ts';
export type { ComponentSource } from './capabilities/offer.ts';
export type { Embed } from './capabilities/vector-index.ts';

// Planning
export { basicRouter } from './planning/basic-router/basic-router.ts';
export type { BasicRoute, BasicRouterOptions } from './planning/basic-router/basic-router.ts';
export { createPlanner } from './planning/planner.ts';
export type { Planner, PlannerOptions, PlanningOptions, PlanningResult } from './planning/planner.ts';
export type {
  PlanningExample,
  PlanningPromptInput,
  PlanningPromptOptions,
  PromptBuilder,
} from './planning/planning-prompt.ts';
export type { ComponentLookup } from './planning/tier-miss.ts';
export { RoutingCache } from './planning/routing-cache.ts';
export type { Obtained, ObtainOptions, RoutingCacheOptions } from './planning/routing-cache.ts';
export { createPlanCache } from './planning/memory-plan-cache.ts';
export type { PlanCacheOptions } from './planning/memory-plan-cache.ts';
export type { CachedPlanning, PlanCache, PlanCacheMetrics } from './planning/plan-cache.ts';
export type { PlanQuery } from './planning/plan-query.ts';

// Plans
export { parsePlan } from './plan/plan-codec.ts';
export { printPlan } from './plan/print-plan.ts';
export type { ParsedPlan } from './plan/plan-codec.ts';
export { estimatePlan } from './plan/estimate-plan.ts';
export type { EstimatePlanOptions, PlanEstimate } from './plan/estimate-plan.ts';
export { locateInJson } from './plan/validation/locate-in-json.ts';
export type { LocatePath, SourcePosition } from './plan/validation/plan-findings.ts';
export { validatePlan } from './plan/validation/validate-plan.ts';
export { wireMissingInputs } from './plan/validation/wire-inputs.ts';
export type { WiredPlan } from './plan/validation/wire-inputs.ts';
export type { AbsentStep, PlanValidation, ValidatePlanOptions } from './plan/validation/plan-validation.ts';
export { compileTemplate } from './plan/expressions/compile-template.ts';
export type { Template } from './plan/expressions/compile-template.ts';
export { resolveExpressions } from './plan/expressions/resolve-expressions.ts';
export type { ExpressionScope } from './plan/expressions/scope.ts';
export type { Diagnostic, PlanDiagnosticCode } from './plan/diagnostic.ts';
export type { ForEach, OnError, PlanStep, RoutingPlan, StepRetry } from './plan/routing-plan.ts';

// Workflows
export { compileWorkflow } from './workflow/compile-workflow.ts';
export { parseWorkflow } from './workflow/parse-workflow.ts';
export type { ParsedWorkflow, ParseWorkflowOptions } from './workflow/parse-workflow.ts';
export { printWorkflow, workflowToFile } from './workflow/print-workflow.ts';
export { printWorkflowTypeScript } from './workflow/typescript/print-workflow-typescript.ts';
export { workflowJsonSchema, workflowSchemaId } from './workflow/workflow-schema.ts';
export { formatDiagnostic } from './workflow/yaml/diagnostics.ts';
export { canContinue, compareVersions, isInRange, parseVersion } from './workflow/versions.ts';
export type { Continuation, Version } from './workflow/versions.ts';
export { planToWorkflow } from './workflow/plan-to-workflow.ts';
export type { PlanToWorkflowOptions } from './workflow/plan-to-workflow.ts';
export { promoteRun } from './workflow/promote-run.ts';
export type { PromotableRun, PromoteOptions } from './workflow/promote-run.ts';
export { recordedCalls, ReplayCalls } from './workflow/replay.ts';
export type { RecordedCall } from './workflow/replay.ts';
export { WorkflowRegistry } from './workflow/workflow-registry.ts';
export { workflowsComponentName } from './workflow/definition.ts';
export type { WorkflowMatch } from './workflow/workflow-registry.ts';
export { workflow, WorkflowBuilder } from './workflow/builder/workflow-builder.ts';
export type { Branches, CasesOf, Group } from './workflow/builder/workflow-builder.ts';
export { action, agentNamed, laterStep, toolNamed } from './workflow/builder/step-target.ts';
export type { StepTarget, UntypedTarget } from './workflow/builder/step-target.ts';
export type {
  ApprovalOptions,
  Binding,
  BuilderScope,
  DeclaredInputs,
  GroupOptions,
  InputDeclaration,
  LaterStep,
  NamedStep,
  ListGroupOptions,
  StepOptions,
  StepReference,
  WholeGroupOptions,
} from './workflow/builder/builder-types.ts';
export { cel, elementOf, text } from './workflow/builder/reference.ts';
export type { Bindable, Reference } from './workflow/builder/reference.ts';
export type {
  AIRoutingStep,
  ApprovalStep,
  CapabilityStep,
  ComponentStep,
  ConcurrencyGroup,
  IfStep,
  MigrationChange,
  ParallelStep,
  StepCache,
  SubWorkflowStep,
  SwitchStep,
  WaitStep,
  WorkflowBudget,
  WorkflowDefinition,
  WorkflowInput,
  WorkflowMigration,
  WorkflowOutput,
  WorkflowStep,
  WorkflowStepBase,
} from './workflow/definition.ts';

export { createWorkflowEngine } from './wiring/create-workflow-engine.ts';
export type { WorkflowEngineDependencies } from './wiring/create-workflow-engine.ts';
export type { WorkflowDependencies } from './wiring/workflow-handlers.ts';
export type { LoadWorkflow } from './workflow/engine/workflow-digest.ts';
export type { OfferedWorkflows } from './wiring/workflow-choice.ts';
export { WorkflowEngine } from './workflow/engine/workflow-engine.ts';
export type { SecretProvider } from './workflow/engine/workflow-scope.ts';
export type { WorkflowEngineParts, WorkflowRun, WorkflowRunOptions } from './workflow/engine/workflow-engine.ts';
export type { ApprovalDecision, ApprovalRequest } from './workflow/engine/approval-desk.ts';
export { createFileArtifactStore } from './execution/artifact-store.ts';
export type { ArtifactReference, ArtifactStore } from './execution/artifact-store.ts';

// Execution
export { executePlan } from './execution/execute-plan.ts';
export type { ComponentCall, ExecutePlanOptions } from './execution/execute-plan.ts';
export { createBudget } from './execution/budget.ts';
export type { Budget, BudgetOptions } from './execution/budget.ts';
export { readBudgetLimits } from './execution/budget-limits.ts';
export type {
  BudgetAmounts,
  BudgetLimits,
  BudgetRequest,
  CallBudget,
  Reservation,
  RunBudgetLimits,
} from './plan/budget.ts';
export { PlanExecutor } from './execution/plan-executor.ts';
export type { ExecuteOptions, PlanExecutorOptions } from './execution/plan-executor-options.ts';
export type { FailedStep, NestedPlanOptions, StepContext, StepHandler } from './execution/step-handler.ts';
export { createJoinStepHandler } from './execution/kinds/join-step.ts';
export { createPlanStepHandler } from './execution/kinds/plan-step.ts';
export { createWaitStepHandler } from './execution/kinds/wait-step.ts';
export type { WaitStepOptions } from './execution/kinds/wait-step.ts';
export { EventSignals } from './execution/kinds/event-signals.ts';
export { expandInto } from './execution/run/expand-into.ts';
export type { PlanExpansion } from './execution/run/expand-into.ts';
export { ComponentClient } from './execution/component/component-client.ts';
export type {
  ComponentCaller,
  ComponentClientOptions,
  ComponentRequest,
} from './execution/component/component-client.ts';
export { createComponentStepHandler } from './execution/component/component-step.ts';
export type { ComponentStepOptions } from './execution/component/component-step.ts';
export { createModelParameterResolver } from './execution/component/model-parameter-resolver.ts';
export type { ModelParameterResolverOptions } from './execution/component/model-parameter-resolver.ts';
export type { ParameterQuestion, ParameterResolver } from './execution/component/parameter-resolver.ts';
export type { InputCorrection } from './plan/coerce-inputs.ts';
export type {
  ErrorInfo,
  ExecutionResult,
  ItemError,
  RunError,
  StepResult,
  StepStatus,
} from './plan/execution-result.ts';
export { foldRun, RunFold } from './plan/events/fold-run.ts';
export type { RunProgress, RunState, StepState } from './plan/events/fold-run.ts';
export type { PlanSource, RunEnd, RunEvent, RunEventBody, StreamGap } from './plan/events/run-event.ts';
export type { RunViews } from './plan/events/run-views.ts';
export { RunJournal } from './runs/run-journal.ts';
export type { RunJournalOptions } from './runs/run-journal.ts';
export type { JournalReader, ReadOptions } from './runs/journal-reader.ts';

// Recovery
export { analyzeError } from './recovery/analyze-error.ts';
export type { CallFacts, Remedy } from './recovery/analyze-error.ts';
export { createSemanticRetry } from './recovery/semantic-retry.ts';
export type { SemanticRetry, SemanticRetryOptions } from './recovery/semantic-retry.ts';
export { createStepRecovery } from './recovery/step-recovery.ts';
export type { CallAttempt, FailedCall, Recovery, RunOrigin, StepRecovery } from './recovery/failed-call.ts';

// What a model says
export type { ModelCall } from './plan/model-call.ts';
export { createModelCallStore, noModelCallStore } from './llm/debug-store.ts';
export type { ModelCallStore, ModelCallStoreOptions } from './llm/debug-store.ts';
export { extractJson } from './llm/extract-json.ts';
export type { ExtractJsonResult, ExtractJsonOptions } from './llm/extract-json.ts';

// Synthesis
export type { AnswerPhrases, PhraseBook } from './synthesis/answer-phrases.ts';
export { phrasesFor } from './synthesis/answer-phrases.ts';
export type { JoinSynthesizerOptions } from './synthesis/join-synthesizer.ts';
export { createJoinSynthesizer } from './synthesis/join-synthesizer.ts';
export { createModelSynthesizer } from './synthesis/model-synthesizer.ts';
export { createTemplateSynthesizer } from './synthesis/template-synthesizer.ts';
export type { TemplateSynthesizerOptions } from './synthesis/template-synthesizer.ts';
export { createConversationMemory } from './synthesis/conversation-memory.ts';
export type {
  ConversationMemory,
  ConversationMemoryOptions,
  OpenConversation,
} from './synthesis/conversation-memory.ts';
export type { Conversation, ConversationTurn } from './synthesis/conversation.ts';
export { createModelSummariser, summariseByExtract } from './synthesis/conversation-summary.ts';
export type { Summariser, SummaryOptions } from './synthesis/conversation-summary.ts';
export type { ModelSynthesizerOptions } from './synthesis/model-synthesizer.ts';
export type { Citation, SynthesizedAnswer } from './synthesis/citations.ts';
export type { SynthesisInput, SynthesisOptions, Synthesizer } from './synthesis/synthesizer.ts';
