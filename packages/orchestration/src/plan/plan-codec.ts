/**
 * Reads plans as models, files and people write them (snake_case or camelCase).
 *
 * @module
 */
import { parseDurationMs } from '@gomind/core';
import type { Diagnostic, PlanDiagnosticCode } from './diagnostic.ts';
import { distinct } from './distinct.ts';
import type { ForEach, OnError, PlanStep, RoutingPlan, StepRetry } from './routing-plan.ts';

/** A plan as far as it could be read, and everything that is wrong with its form. */
export interface ParsedPlan {
  /** Present when every step could be read. */
  readonly plan?: RoutingPlan;
  readonly diagnostics: readonly Diagnostic[];
}

/** Limits of {@link parsePlan}. */
export interface ParsePlanOptions {
  /** Default: 10,000. */
  readonly maxSteps?: number;
  /** Longest JSON text of one step's inputs. Default: 1 MiB. */
  readonly maxInputLength?: number;
  /** Whether a step may leave its action out: it is then its component's only capability. Default: false. */
  readonly areActionsOptional?: boolean;
}

type Entries = Readonly<Record<string, unknown>>;

const effects = ['pure', 'idempotent', 'compensable', 'irreversible'] as const;

/**
 * Reads a plan. Never throws for JSON.
 *
 * @param value parsed JSON
 */
export function parsePlan(value: unknown, options: ParsePlanOptions = {}): ParsedPlan {
  const { plan, diagnostics } = readPlan(value, options);
  const isReadable = plan !== undefined && diagnostics.every(({ severity }) => severity === 'warning');
  return isReadable ? { plan, diagnostics } : { diagnostics };
}

/**
 * Reads as much of a plan as can be read, so that what is wrong with the rest can be found in one go.
 *
 * @param value parsed JSON
 * @returns a plan with empty parts in place of those that could not be read; none when there is no list of steps, or too long a one
 */
export function readPlan(value: unknown, options: ParsePlanOptions = {}): ParsedPlan {
  const reader = new PlanReader(options);
  const maxSteps = options.maxSteps ?? 10_000;
  const top = asRecord(value);
  const steps = top?.['steps'];
  if (!Array.isArray(steps)) {
    reader.error('STEPS_NOT_ARRAY', 'A plan is an object with a list of steps: {"steps": [...]}.', { path: 'steps' });
    return { diagnostics: reader.diagnostics };
  }
  if (steps.length === 0) reader.error('EMPTY_PLAN', 'The plan has no steps.', { path: 'steps' });
  if (steps.length > maxSteps) {
    const message = `The plan has ${String(steps.length)} steps; at most ${String(maxSteps)} are allowed.`;
    reader.error('PLAN_TOO_LARGE', message, { path: 'steps' });
    return { diagnostics: reader.diagnostics };
  }
  const read = Array.from(steps as readonly unknown[], (step, index) => reader.readStep(step, index));
  reader.checkNames(read);
  const outputs = readOutputs(top?.['outputs'], reader);
  return {
    plan: {
      ...(typeof top?.['name'] === 'string' ? { name: top['name'] } : {}),
      ...(typeof top?.['version'] === 'string' ? { version: top['version'] } : {}),
      steps: read,
      ...(outputs === undefined ? {} : { outputs }),
    },
    diagnostics: reader.diagnostics,
  };
}

function readOutputs(value: unknown, reader: PlanReader): Entries | undefined {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) return Object.fromEntries(value.map((output, index) => [String(index), output as unknown]));
  const outputs = asRecord(value);
  // One reference alone is a result without a name.
  if (outputs === undefined && typeof value === 'string') return { result: value };
  if (outputs === undefined)
    reader.error('MALFORMED_REFERENCE', 'outputs must be an object of references.', { path: 'outputs' });
  return outputs;
}

function asRecord(value: unknown): Entries | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Entries) : undefined;
}

/** Keys that are read in both spellings. */
const camelCase = {
  depends_on: 'dependsOn',
  on_error: 'onError',
  for_each: 'forEach',
  max_attempts: 'maxAttempts',
  max_parallel: 'maxParallel',
  backoff_factor: 'backoffFactor',
  initial_wait: 'initialWait',
  max_wait: 'maxWait',
  timeout: 'timeout',
  inputs_from: 'inputsFrom',
} as const;

/** A key in snake_case or camelCase. */
function field(record: Entries, snake: keyof typeof camelCase): unknown {
  if (Object.hasOwn(record, snake)) return record[snake];
  const camel = camelCase[snake];
  return Object.hasOwn(record, camel) ? record[camel] : undefined;
}

const keysOfPlainCall: ReadonlySet<string> = new Set([
  'name',
  'component',
  'action',
  'inputs',
  'depends_on',
  'dependsOn',
]);

/** Whether a step says nothing but what it calls, with what, and what it waits for. */
function isPlainCall(step: Entries): boolean {
  for (const key in step) if (!keysOfPlainCall.has(key)) return false;
  return typeof step['inputs'] === 'object';
}

interface Place {
  readonly step?: string;
  readonly path: string;
}

class PlanReader {
  readonly diagnostics: Diagnostic[] = [];
  readonly #maxInputLength: number;
  readonly #areActionsOptional: boolean;

  constructor(options: ParsePlanOptions) {
    this.#maxInputLength = options.maxInputLength ?? 1_048_576;
    this.#areActionsOptional = options.areActionsOptional ?? false;
  }

  error(code: PlanDiagnosticCode, message: string, place: Place): void {
    this.diagnostics.push({ code, severity: 'error', message, ...place });
  }

  readStep(value: unknown, index: number): PlanStep {
    const path = `steps.${String(index)}`;
    const record = asRecord(value);
    if (record === undefined) {
      this.error('STEPS_NOT_ARRAY', `Step ${String(index + 1)} is no object.`, { path });
      return { name: '', inputs: {}, dependsOn: [] };
    }
    const name = typeof record['name'] === 'string' ? record['name'] : '';
    const place: Place = { step: name, path };
    if (name.trim() === '')
      this.error('EMPTY_NAME', `Step ${String(index + 1)} has no name.`, { path: `${path}.name` });
    const kind = record['kind'];
    const isComponent = kind === undefined || kind === 'component';
    const component = this.#readTarget(record['component'], isComponent, { ...place, what: 'component' });
    const needsAction = isComponent && !this.#areActionsOptional;
    const action = this.#readTarget(record['action'], needsAction, { ...place, what: 'action' });
    const inputs = this.#readInputs(record, place);
    const dependsOn = this.#readDependencies(field(record, 'depends_on'), place);
    // Most steps are such a call and nothing else, and putting the parts of any step together costs more than reading it.
    if (component !== undefined && action !== undefined && isPlainCall(record))
      return { name, component, action, inputs: inputs.inputs, dependsOn };
    return {
      name,
      ...(typeof kind === 'string' ? { kind } : {}),
      ...(component === undefined ? {} : { component }),
      ...(action === undefined ? {} : { action }),
      ...inputs,
      dependsOn,
      ...this.#readTimeout(record, place),
      ...this.#readRetry(record['retry'], place),
      ...this.#readWhen(record['when'], place),
      ...this.#readOnError(field(record, 'on_error'), place),
      ...this.#readForEach(field(record, 'for_each'), place),
      ...this.#readEffect(record['effect'], place),
      ...(record['compensate'] === undefined ? {} : { compensate: record['compensate'] }),
      ...(asRecord(record['config']) === undefined ? {} : { config: asRecord(record['config']) ?? {} }),
    };
  }

  checkNames(steps: readonly PlanStep[]): void {
    const seen = new Set<string>();
    for (const [index, step] of steps.entries()) {
      if (step.name.trim() === '') continue;
      const place = { step: step.name, path: `steps.${String(index)}.name` };
      if (seen.has(step.name))
        this.error('DUPLICATE_STEP', `The step name "${step.name}" is used more than once.`, place);
      if (!/^[\p{L}\p{N}_\- ]{1,128}$/u.test(step.name)) {
        this.error(
          'EMPTY_NAME',
          `The step name ${JSON.stringify(step.name.slice(0, 128))} may have letters, digits, "_", "-" and spaces only (1 to 128).`,
          place,
        );
      }
      seen.add(step.name);
    }
  }

  #readTarget(
    value: unknown,
    isRequired: boolean,
    place: Place & { readonly what: 'component' | 'action' },
  ): string | undefined {
    const { what, step, path } = place;
    if (typeof value === 'string' && value.trim() !== '') return value;
    if (isRequired || value !== undefined) {
      const code = what === 'component' ? 'MISSING_COMPONENT' : 'MISSING_ACTION';
      this.error(code, `Step "${step ?? ''}" names no ${what}.`, {
        ...(step === undefined ? {} : { step }),
        path: `${path}.${what}`,
      });
    }
    return undefined;
  }

  #readInputs(record: Entries, place: Place): { inputs: Entries; inputsFrom?: string } {
    const value = record['inputs'];
    const from = field(record, 'inputs_from');
    const whole = typeof value === 'string' && value.trim().startsWith('${') ? value : from;
    const inputsFrom = typeof whole === 'string' ? { inputsFrom: whole } : {};
    if (whole === value && typeof value === 'string') return { inputs: {}, ...inputsFrom };
    if (value === undefined && !Object.hasOwn(record, 'inputs')) return { inputs: {}, ...inputsFrom };
    const inputs = asRecord(value);
    const inputPlace = { ...place, path: `${place.path}.inputs` };
    if (inputs === undefined) {
      this.error('INPUTS_NOT_OBJECT', `The inputs of step "${place.step ?? ''}" must be an object.`, inputPlace);
      return { inputs: {} };
    }
    if (textLength(inputs) > this.#maxInputLength) {
      this.error(
        'PLAN_TOO_LARGE',
        `The inputs of step "${place.step ?? ''}" are larger than ${String(this.#maxInputLength)} characters; pass large data by reference.`,
        inputPlace,
      );
      return { inputs: {} };
    }
    return { inputs, ...inputsFrom };
  }

  #readDependencies(value: unknown, place: Place): string[] {
    if (value === undefined || value === null) return [];
    if (Array.isArray(value) && value.every((dependency) => typeof dependency === 'string'))
      return [...distinct(value)];
    this.error('DEPENDS_ON_NOT_ARRAY', `depends_on of step "${place.step ?? ''}" must be a list of step names.`, {
      ...place,
      path: `${place.path}.depends_on`,
    });
    return [];
  }

  #readTimeout(record: Entries, place: Place): { timeoutMs?: number } {
    const value = field(record, 'timeout') ?? record['timeoutMs'];
    if (value === undefined) return {};
    const timeoutMs = parseDurationMs(value);
    if (timeoutMs !== undefined && timeoutMs > 0) return { timeoutMs };
    this.error(
      'BAD_TIMEOUT',
      `The timeout of step "${place.step ?? ''}" must be a duration above 0 such as "30s", "5m", "250ms" or milliseconds.`,
      { ...place, path: `${place.path}.timeout` },
    );
    return {};
  }

  #readRetry(value: unknown, place: Place): { retry?: StepRetry } {
    if (value === undefined) return {};
    const record = asRecord(value);
    const maxAttempts = record === undefined ? undefined : field(record, 'max_attempts');
    const backoff = record?.['backoff'];
    const isValid =
      record !== undefined &&
      typeof maxAttempts === 'number' &&
      Number.isInteger(maxAttempts) &&
      maxAttempts >= 1 &&
      maxAttempts <= 1_000_000 &&
      (backoff === undefined || backoff === 'fixed' || backoff === 'linear' || backoff === 'exponential');
    if (!isValid) {
      this.error(
        'BAD_RETRY',
        `The retry of step "${place.step ?? ''}" needs max_attempts from 1 to 1,000,000 (the first call counts) and a backoff of fixed, linear or exponential.`,
        { ...place, path: `${place.path}.retry` },
      );
      return {};
    }
    const factor = field(record, 'backoff_factor');
    const initialWaitMs = parseDurationMs(field(record, 'initial_wait') ?? record['initialWaitMs']);
    const maxWaitMs = parseDurationMs(field(record, 'max_wait') ?? record['maxWaitMs']);
    return {
      retry: {
        maxAttempts,
        ...(backoff === undefined ? {} : { backoff }),
        ...(typeof factor === 'number' && factor >= 1 ? { backoffFactor: factor } : {}),
        ...(initialWaitMs === undefined ? {} : { initialWaitMs }),
        ...(maxWaitMs === undefined ? {} : { maxWaitMs }),
        ...(typeof record['jitter'] === 'boolean' ? { jitter: record['jitter'] } : {}),
      },
    };
  }

  #readWhen(value: unknown, place: Place): { when?: string } {
    if (value === undefined || value === null) return {};
    if (typeof value === 'string' && value.trim() !== '') return { when: value };
    if (typeof value === 'boolean') return { when: String(value) };
    this.error('CONDITION_TYPE', `The condition of step "${place.step ?? ''}" must be text.`, {
      ...place,
      path: `${place.path}.when`,
    });
    return {};
  }

  #readOnError(value: unknown, place: Place): { onError?: OnError } {
    if (value === undefined || value === null) return {};
    if (value === 'fail' || value === 'continue') return { onError: value };
    const fallback = asRecord(value)?.['fallback'];
    if (typeof fallback === 'string') return { onError: { fallback } };
    this.error('BAD_RETRY', `on_error of step "${place.step ?? ''}" must be fail, continue or {"fallback": "step"}.`, {
      ...place,
      path: `${place.path}.on_error`,
    });
    return {};
  }

  #readForEach(value: unknown, place: Place): { forEach?: ForEach } {
    if (value === undefined || value === null) return {};
    const record = asRecord(value);
    const items = record === undefined ? value : record['items'];
    const maxParallel = record === undefined ? undefined : field(record, 'max_parallel');
    const onError = record === undefined ? undefined : field(record, 'on_error');
    const hasItems = Array.isArray(items) || typeof items === 'string';
    const isCount =
      maxParallel === undefined ||
      (typeof maxParallel === 'number' && Number.isInteger(maxParallel) && maxParallel >= 1);
    const isPolicy = onError === undefined || onError === 'fail' || onError === 'continue';
    if (hasItems && isCount && isPolicy) {
      return {
        forEach: {
          items,
          ...(maxParallel === undefined ? {} : { maxParallel }),
          ...(onError === undefined ? {} : { onError }),
        },
      };
    }
    this.error(
      'BAD_STEP_KIND',
      `for_each of step "${place.step ?? ''}" must be a list, a reference, or {"items": ..., "max_parallel": 3, "on_error": "fail" or "continue"}.`,
      { ...place, path: `${place.path}.for_each` },
    );
    return {};
  }

  #readEffect(value: unknown, place: Place): { effect?: (typeof effects)[number] } {
    if (value === undefined) return {};
    const effect = effects.find((known) => known === value);
    if (effect !== undefined) return { effect };
    this.error('BAD_STEP_KIND', `The effect of step "${place.step ?? ''}" must be ${effects.join(', ')}.`, {
      ...place,
      path: `${place.path}.effect`,
    });
    return {};
  }
}

/** Length of a value's JSON text; what JSON cannot hold counts as too long. */
function textLength(value: unknown): number {
  try {
    return JSON.stringify(value).length;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
