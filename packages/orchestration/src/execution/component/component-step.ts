/**
 * The kind of step that calls a component.
 *
 * @module
 */
import {
  type Capability,
  type Clock,
  compileJsonSchema,
  type ComponentInfo,
  describeIssues,
  type EffectClass,
  GomindError,
  type JsonSchema,
  type JsonSchemaCheck,
  noopTelemetry,
  systemClock,
  type Telemetry,
} from '@gomind/core';
import type { PlanStep } from '../../plan/routing-plan.ts';
import { bindInputs } from './bind-inputs.ts';
import { noParameterResolver, type ParameterResolver } from './parameter-resolver.ts';
import { roundDigits } from './parse-exactly.ts';
import { analyzeError } from '../../recovery/analyze-error.ts';
import { noRecovery, type StepRecovery } from '../../recovery/failed-call.ts';
import type { ComponentCaller } from './component-client.ts';
import { failedCallOf } from './failed-component-call.ts';
import { captureContent } from '../../observation/capture-content.ts';
import { observeToolCall } from './observe-tool-call.ts';
import type { StepContext, StepHandler } from '../step-handler.ts';

/** What component steps need. */
export interface ComponentStepOptions {
  readonly caller: ComponentCaller;
  /** The live instances of a component. */
  resolve(component: string): readonly ComponentInfo[];
  /** Calls in all for a step without a `retry` of its own. Default: 3. */
  readonly maxAttempts?: number;
  /** Asked where a required parameter stands that names alone do not tell. Default: nobody. */
  readonly parameterResolver?: ParameterResolver;
  /**
   * Calls the listener once when a component whose circuit was open may be called again, so that a step that waits for its next
   * probe goes on; returns what ends the wait. Default: it waits for its time.
   */
  readonly onceCallable?: (component: string, listener: () => void) => () => void;
  /** Finds another way when a call failed for good. Default: there is none. */
  readonly recovery?: StepRecovery;
  readonly clock?: Clock;
  readonly telemetry?: Telemetry;
}

/**
 * Makes the handler of component steps: inputs bound to the schema, effect class, call, check of the output.
 *
 * @param options who calls, and who is there to be called
 */
export function createComponentStepHandler(options: ComponentStepOptions): StepHandler {
  const {
    caller,
    telemetry = noopTelemetry,
    clock = systemClock,
    maxAttempts = 3,
    parameterResolver: resolver = noParameterResolver,
    recovery = noRecovery,
  } = options;
  const capabilityOf = (step: PlanStep): Capability | undefined =>
    options.resolve(step.component ?? '')[0]?.capabilities.find((capability) => capability.name === step.action);
  const effectOf = (step: PlanStep): EffectClass => step.effect ?? capabilityOf(step)?.effect ?? 'irreversible';

  return {
    kind: 'component',
    isToolCall: true,
    maxAttempts: () => maxAttempts,
    mayRetry: (error, step) => {
      // An open circuit is waited for only where the plan asks for retries; else another component is better, or a clear no.
      if (GomindError.isInstance(error, 'CIRCUIT_OPEN') && step.retry === undefined) return false;
      return analyzeError(error, { effect: effectOf(step) }) === 'retry';
    },
    countsAsAttempt: (error) => !isRefusedByProbe(error),
    onceOver: (error, step, listener) =>
      GomindError.isInstance(error, 'CIRCUIT_OPEN')
        ? options.onceCallable?.(step.component ?? '', listener)
        : undefined,
    recover: (failed, step) => {
      const called = { capability: capabilityOf(step), effect: effectOf(step) };
      return recovery.recover(failedCallOf(failed, step, called));
    },
    run: (step, context) =>
      observeToolCall({ telemetry, clock }, { step, context }, async (span) => {
        const inputs = await bindInputs(step, context, { schema: capabilityOf(step)?.inputSchema, resolver });
        captureContent(span, 'gen_ai.tool.call.arguments', inputs);
        const output = await call(caller, step, { context, inputs, effect: effectOf(step) });
        checkOutput(output, step, capabilityOf(step)?.outputSchema);
        captureContent(span, 'gen_ai.tool.call.result', output);
        return output;
      }),
  };
}

/**
 * Who comes while another call probes was not let in, and is told when that one must have ended. Many that wait for the same
 * circuit wake together; without this all but one would have lost an attempt.
 */
function isRefusedByProbe(error: unknown): boolean {
  if (!GomindError.isInstance(error, 'CIRCUIT_OPEN')) return false;
  const { state, retryAfterMs } = error.details;
  // "At once" would let it ask without an end.
  return state === 'half-open' && typeof retryAfterMs === 'number' && retryAfterMs > 0;
}

function isRepeatable(effect: EffectClass): boolean {
  return effect === 'pure' || effect === 'idempotent';
}

async function call(
  caller: ComponentCaller,
  step: PlanStep,
  {
    context,
    inputs,
    effect,
  }: {
    readonly context: StepContext;
    readonly inputs: StepContext['inputs'];
    readonly effect: EffectClass;
  },
): Promise<unknown> {
  return caller.call({
    component: step.component ?? '',
    action: step.action ?? '',
    inputs,
    step: context.stepName,
    runId: context.runId,
    signal: context.signal,
    idempotencyKey: context.idempotencyKey,
    deadlineMs: context.deadlineMs,
    priority: context.priority,
    isRepeatable: isRepeatable(effect),
  });
}

/** Compiled once for each schema object that the catalog holds. */
const checks = new WeakMap<JsonSchema, JsonSchemaCheck>();

function checkOutput(output: unknown, step: PlanStep, schema: JsonSchema | undefined): void {
  if (schema === undefined) return;
  let check = checks.get(schema);
  if (check === undefined) {
    check = compileJsonSchema(schema);
    checks.set(schema, check);
  }
  const result = check.check(output);
  if (result.ok || check.check(roundDigits(output)).ok) return;
  throw new GomindError({
    code: 'COMPONENT_BAD_RESPONSE',
    message: `The answer of ${step.component ?? ''}.${step.action ?? ''} does not keep its own schema: ${describeIssues(result.issues)}`,
    details: { issues: result.issues },
  });
}
