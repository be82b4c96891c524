/**
 * One request from its words to its answer: offer, plan, execute, synthesise. Each stage hands a value on.
 *
 * @module
 */
import { type ComponentInfo, GomindError, type Telemetry, toGomindError } from '@gomind/core';
import type { CapabilityProvider } from '../capabilities/capability-provider.ts';
import type { Budget } from '../execution/budget.ts';
import type { CircuitBreakers } from '../execution/breakers/circuit-breakers.ts';
import type { PlanExecutor } from '../execution/plan-executor.ts';
import type { ExecutionResult, RunError } from '../plan/execution-result.ts';
import type { RunState } from '../plan/events/fold-run.ts';
import type { RoutingPlan } from '../plan/routing-plan.ts';
import type { RunEventBody } from '../plan/events/run-event.ts';
import type { SynthesizedAnswer } from '../synthesis/citations.ts';
import type { Conversation } from '../synthesis/conversation.ts';
import type { ConversationMemory } from '../synthesis/conversation-memory.ts';
import { readAnswer } from '../synthesis/read-answer.ts';
import type { Synthesizer } from '../synthesis/synthesizer.ts';
import type { KeptAnswer } from './answer-cache.ts';
import {
  answerCacheFor,
  findAnswer,
  forgetPlan,
  habitOf,
  type LadderOutcome,
  type LadderRequest,
  type LadderRungs,
  planWithLadder,
} from './degradation-ladder.ts';
import type { OrchestratorResponse, RequestMetadata } from './orchestrator-response.ts';
import type { AnswerPhrases } from '../synthesis/answer-phrases.ts';
import { aboutLeftAlone, allLeftAlone, isAnyCallable, namesLeftOut, withoutOpenCircuits } from './left-alone.ts';
import type { PlanPrefetch } from './plan-prefetch.ts';
import { replanRest } from './replan-rest.ts';
import {
  type ResponseFrame,
  respondWithKeptAnswer,
  respondWithoutPlan,
  respondWithResult,
} from './response-builder.ts';

/** The stages of a request. */
export interface RequestStages {
  readonly provider: CapabilityProvider;
  /** The same one with its paid choices kept, for requests that may use caches. */
  readonly keptProvider: CapabilityProvider;
  readonly prefetch: PlanPrefetch;
  readonly ladder: LadderRungs;
  readonly executor: PlanExecutor;
  /** Who is left alone after failures is not offered. */
  readonly breakers: CircuitBreakers;
  /** Writes the answer; one on a model only for a plan that a model made. */
  readonly synthesizer: Synthesizer;
  /** Writes the answer when there is no model, or the first synthesizer failed. Never throws. */
  readonly plainSynthesizer: Synthesizer;
  /** The fixed words of answers that no model writes. */
  readonly phrases: (request: string) => AnswerPhrases;
  readonly memory: ConversationMemory;
  readonly telemetry: Telemetry;
  /** Whether the rest is planned again, once, when a step of a model's plan failed. */
  readonly isReplanEnabled: boolean;
  readonly maxRequestCharacters: number;
}

/** What one run brings along. */
export interface RequestRun {
  readonly runId: string;
  readonly request: string;
  readonly metadata: RequestMetadata;
  readonly signal: AbortSignal;
  readonly emit: (event: RunEventBody) => void;
  readonly budget: Budget;
  /** What every response of this request has in common, measured when it is asked for. */
  readonly frame: (mode: ResponseFrame['mode'], troubles: readonly RunError[]) => ResponseFrame;
  /** What the run's events say so far. */
  readonly state: () => RunState;
}

/**
 * Answers one request.
 *
 * @throws GomindError `EMPTY_REQUEST`, `LIMIT_EXCEEDED`, `NO_COMPONENTS`, `CANCELLED`, `RUN_TIMEOUT`; a failed step is no error but part of the response
 */
export async function runRequest(stages: RequestStages, run: RequestRun): Promise<OrchestratorResponse> {
  checkRequest(run.request, stages.maxRequestCharacters);
  const { signal, emit, budget } = run;
  const stopTelling = stages.breakers.onChange(emit);
  try {
    const conversation = await stages.memory.open(run.metadata);
    const response = await answerRequest(stages, { ...run, conversation: conversation.past });
    await conversation.add({ request: run.request, response: response.response }, { signal, emit, budget });
    return response;
  } finally {
    stopTelling();
  }
}

interface ConversationRun extends RequestRun {
  readonly conversation: Conversation | undefined;
}

async function answerRequest(stages: RequestStages, run: ConversationRun): Promise<OrchestratorResponse> {
  const provider = run.metadata.cache === false ? stages.provider : stages.keptProvider;
  const found = await provider.offer(wordsToSearch(run), {
    signal: run.signal,
    emit: run.emit,
    budget: run.budget,
    metadata: run.metadata,
  });
  checkOffer(found);
  const offered = stages.breakers.available(found);
  const leftAlone = namesLeftOut(found, offered);
  // An answer was kept when everybody was there.
  const keptAnswer = (): KeptAnswer | undefined => findAnswer({ ...run, offered: found }, stages.ladder);
  if (!isAnyCallable(offered)) {
    const trouble = allLeftAlone(leftAlone);
    const kept = keptAnswer();
    if (kept !== undefined) return repeatAnswer(run, kept, { troubles: [trouble] });
    const frame = run.frame('basic-router', []);
    return respondWithoutPlan(frame, { status: 'degraded', answer: trouble.message, error: trouble });
  }

  const start: LadderRequest = { ...run, offered };
  const planned = await stages.telemetry.withSpan(
    'plan',
    { attributes: { 'gen_ai.operation.name': 'plan', 'gomind.run.id': run.runId } },
    () => planWithLadder(start, stages.ladder),
  );
  if (planned.kind === 'refusal') {
    const kept = leftAlone.length === 0 ? undefined : keptAnswer();
    if (kept !== undefined) return repeatAnswer(run, kept, { troubles: planned.troubles });
    return refuse(run, planned, { offered, leftAlone, phrases: stages.phrases });
  }
  if (planned.kind === 'answer') return repeatAnswer(run, planned.answer, { troubles: planned.troubles });

  const habit = habitOf(start);
  if (habit !== undefined) stages.prefetch.after(habit);
  const { mode } = planned;
  const reason = [planned.reason, aboutLeftAlone(leftAlone)].filter((text) => text !== undefined).join(' ');
  let { plan } = planned;
  const source = mode === 'cached-answer' ? 'cached-plan' : mode;
  run.emit({ type: 'plan.created', plan, source, ...(reason === '' ? {} : { reason }) });
  const { runId, signal, emit, budget } = run;
  const priority = run.metadata.priority ?? 'normal';
  const execution = { runId, signal, emit, budget, priority, origin: { request: run.request, offered } };
  let result = await stages.executor.execute(plan, execution);
  // What a component refuses for good, the same plan would run into again.
  if (result.errors.some(({ isRetryable }) => !isRetryable)) forgetPlan(start, stages.ladder);
  if (stages.isReplanEnabled && !planned.isDegraded) {
    run.signal.throwIfAborted();
    ({ plan, result } = await replanRest(
      { plan, result },
      {
        planner: withoutOpenCircuits(stages.ladder.planner, stages.breakers),
        executor: stages.executor,
        request: run.request,
        offered,
        planning: { signal, emit, budget, conversation: run.conversation },
        execution,
      },
    ));
  }
  run.signal.throwIfAborted();
  const kept = isOutOfReach(result) ? keptAnswer() : undefined;
  if (kept !== undefined) return repeatAnswer(run, kept, { troubles: planned.troubles, plan });
  const response = await respond(stages, run, { planned, plan, result });
  const { answers, query } = answerCacheFor(start, stages.ladder);
  answers.keep(query, response);
  return response;
}

/** A follow-up ("and in Tokyo?") names only what changes, so it is searched for together with the request before it. */
function wordsToSearch({ request, conversation }: ConversationRun): string {
  const before = conversation?.turns.at(-1)?.request;
  return before === undefined ? request : `${before}\n${request}`;
}

function checkRequest(request: string, maxCharacters: number): void {
  if (request.trim() === '') {
    throw new GomindError({
      code: 'EMPTY_REQUEST',
      message: 'The request is empty. Say in a sentence what should be done.',
    });
  }
  if (request.length > maxCharacters) {
    throw new GomindError({
      code: 'LIMIT_EXCEEDED',
      message: `The request has ${String(request.length)} characters; at most ${String(maxCharacters)} are accepted. Shorten it, or pass large data by reference.`,
      details: { limit: maxCharacters, actual: request.length },
    });
  }
}

function checkOffer(found: readonly ComponentInfo[]): void {
  if (isAnyCallable(found)) return;
  throw new GomindError({
    code: 'NO_COMPONENTS',
    message:
      'No component with a callable capability is registered, so nothing can be planned. Start a tool with ' +
      'serve(tool, { registry }) on the same registry, or check REDIS_URL and GOMIND_NAMESPACE.',
  });
}

const maxShown = 12;

/** The helpful answer at the ladder's end. */
function refuse(
  run: RequestRun,
  planned: Extract<LadderOutcome, { kind: 'refusal' }>,
  who: {
    readonly offered: readonly ComponentInfo[];
    readonly leftAlone: readonly string[];
    readonly phrases: (request: string) => AnswerPhrases;
  },
): OrchestratorResponse {
  const names = who.offered.map((component) => component.name);
  const phrases = who.phrases(run.request);
  const more = names.length > maxShown ? ` ${phrases.more.replace('{count}', String(names.length - maxShown))}` : '';
  const shown = `${phrases.components} ${names.slice(0, maxShown).join(', ')}${more}.`;
  // A model says in the language of the request why it cannot plan; the basic router only in English.
  const opening = planned.mode === 'basic-router' ? phrases.noPlan : undefined;
  return respondWithoutPlan(run.frame(planned.mode, planned.troubles), {
    status: planned.isDegraded ? 'degraded' : 'failed',
    answer: [opening, planned.reason, shown, aboutLeftAlone(who.leftAlone)]
      .filter((text) => text !== undefined)
      .join('\n'),
    error: {
      code: 'NO_PLAN',
      message: planned.reason,
      isRetryable: false,
    },
  });
}

/** Whether nothing came back, and only because components are away: a "no" of theirs is an answer too, and a newer one. */
function isOutOfReach({ steps, errors }: ExecutionResult): boolean {
  const hasOutput = Object.values(steps).some((step) => step.status === 'completed');
  return (
    !hasOutput && errors.length > 0 && errors.every(({ code, isRetryable }) => isRetryable || code === 'CIRCUIT_OPEN')
  );
}

/** What was answered before, told again because nothing else works. */
function repeatAnswer(
  run: RequestRun,
  kept: KeptAnswer,
  failed: { readonly troubles: readonly RunError[]; readonly plan?: RoutingPlan },
): OrchestratorResponse {
  const { troubles, plan } = failed;
  run.emit({ type: 'synthesis.started', strategy: 'cached-answer' });
  run.emit({ type: 'synthesis.delta', text: kept.answer });
  return respondWithKeptAnswer(run.frame('cached-answer', troubles), { kept, state: run.state(), plan });
}

async function respond(
  stages: RequestStages,
  run: ConversationRun,
  outcome: {
    readonly planned: Extract<LadderOutcome, { kind: 'plan' }>;
    readonly plan: RoutingPlan;
    readonly result: ExecutionResult;
  },
): Promise<OrchestratorResponse> {
  const { planned, plan, result } = outcome;
  const input = { request: run.request, plan, result, conversation: run.conversation };
  // What ended the run as a whole is no step's failure.
  const troubles = [...planned.troubles, ...result.errors.filter(({ step }) => step === undefined)];
  const hasOutput = Object.values(result.steps).some((step) => step.status === 'completed');
  let { isDegraded } = planned;
  let answer: string | SynthesizedAnswer | undefined;
  // A model is paid only for what it can put into words: not when none could plan, and not when every step failed.
  const { strategy } = stages.synthesizer;
  const isAsked = !planned.isDegraded || strategy !== 'model';
  if (isAsked && hasOutput) {
    run.emit({ type: 'synthesis.started', strategy });
    try {
      const { signal, emit, budget } = run;
      answer = readAnswer(await stages.synthesizer.synthesize(input, { signal, emit, budget }), strategy);
    } catch (error) {
      if (run.signal.aborted) throw error;
      const trouble = toGomindError(error, { code: 'SYNTHESIS_FAILED', message: 'Writing the answer failed' });
      troubles.push(trouble.toJSON());
      isDegraded = true;
      const metric = { kind: 'counter', unit: '{fallback}' } as const;
      stages.telemetry.recordMetric('gomind.fallback.used', 1, { to: 'plain-answer' }, metric);
    }
  }
  if (answer === undefined) {
    run.emit({ type: 'synthesis.started', strategy: stages.plainSynthesizer.strategy });
    answer = await stages.plainSynthesizer.synthesize(input);
  }
  return respondWithResult(run.frame(planned.mode, troubles), { plan, state: run.state(), answer, isDegraded });
}
