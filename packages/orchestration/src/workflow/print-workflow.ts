/**
 * Prints a workflow as YAML. What is printed reads back to an equal definition.
 *
 * @module
 */
import { createRequire } from 'node:module';
import type { ForEach, StepRetry } from '../plan/routing-plan.ts';
import { requireDefinition } from './check-definition.ts';
import { printDuration } from './print-duration.ts';
import type {
  MigrationChange,
  WorkflowDefinition,
  WorkflowInput,
  WorkflowMigration,
  WorkflowOutput,
  WorkflowStep,
} from './definition.ts';
import { outputSchemaKeys } from './read-workflow.ts';

const require = createRequire(import.meta.url);

type Entries = Record<string, unknown>;

/**
 * A workflow as YAML text, with the editor's schema line on top.
 *
 * @param workflow any definition
 * @throws GomindError `CONFIG_INVALID` for what is none
 */
export function printWorkflow(workflow: WorkflowDefinition): string {
  requireDefinition(workflow);
  const { Document, isScalar, visit } = require('yaml') as typeof import('yaml');
  const document = new Document(workflowToFile(workflow), {
    aliasDuplicateObjects: false,
    version: '1.2',
    schema: 'core',
  });
  visit(document, {
    Pair: (_index, { key }) => {
      // Bare, it would merge when it is read.
      if (isScalar(key) && key.value === '<<') key.type = 'QUOTE_DOUBLE';
    },
  });
  return document.toString({ lineWidth: 0 });
}

/**
 * A workflow as the plain value that stands in a file.
 *
 * @param workflow any definition
 */
export function workflowToFile(workflow: WorkflowDefinition): Entries {
  const { budget, defaults } = workflow;
  return defined({
    name: workflow.name,
    version: workflow.version,
    description: workflow.description,
    compatible_with: workflow.compatibleWith,
    inputs: nonEmpty(mapValues(workflow.inputs, printInput)),
    env: nonEmpty(mapValues(workflow.env, (value) => value ?? null)),
    secrets: nonEmptyList(workflow.secrets),
    triggers: nonEmptyList(workflow.triggers),
    timeout: printDuration(workflow.timeoutMs),
    max_concurrency: workflow.maxConcurrency,
    on_error: workflow.onError,
    concurrency: workflow.concurrency,
    budget:
      budget &&
      defined({
        tokens: budget.tokens,
        cost_usd: budget.costUsd,
        model_calls: budget.modelCalls,
        tool_calls: budget.toolCalls,
        time: printDuration(budget.timeMs),
      }),
    defaults: nonEmpty(defined({ retry: printRetry(defaults.retry), timeout: printDuration(defaults.timeoutMs) })),
    steps: workflow.steps.map(printStep),
    on_failure: nonEmptyList(workflow.onFailure.map(printStep)),
    finally: nonEmptyList(workflow.finally.map(printStep)),
    outputs: nonEmpty(mapValues(workflow.outputs, printOutput)),
    migration: nonEmptyList(workflow.migrations.map(printMigration)),
  });
}

/** An input as it is declared in a file; the builder takes the same form. */
export function printInput(input: WorkflowInput): Entries {
  const { schema, required } = input;
  // Beside the declaration's own words, these would be taken for them.
  const isApart = [...(required ? ['required'] : []), 'default', 'schema'].some((key) => Object.hasOwn(schema, key));
  return {
    ...(isApart ? { schema } : schema),
    ...(required ? { required } : {}),
    ...(Object.hasOwn(input, 'default') ? { default: input.default } : {}),
  };
}

function printOutput({ value, schema }: WorkflowOutput): unknown {
  const looksDeclared = typeof value === 'object' && value !== null && Object.hasOwn(value, 'value');
  if (schema === undefined) return looksDeclared ? { value } : value;
  const keys = Object.keys(schema);
  return keys.length > 0 && keys.every((key) => outputSchemaKeys.has(key)) ? { value, ...schema } : { value, schema };
}

function printStep(step: WorkflowStep): Entries {
  const { forEach, cache } = step;
  return defined({
    name: step.name,
    description: step.description,
    ...printKind(step),
    when: step.when,
    for_each: forEach && printForEach(forEach),
    inputs: typeof step.inputs === 'string' ? step.inputs : nonEmpty({ ...step.inputs }),
    depends_on: nonEmptyList(step.dependsOn),
    retry: printRetry(step.retry),
    timeout: printDuration(step.timeoutMs),
    on_error: step.onError,
    effect: step.effect,
    compensate: step.compensate,
    cache: cache && defined({ ttl: printDuration(cache.ttlMs), key: cache.key }),
    artifact: step.artifact,
  });
}

function printForEach({ items, maxParallel, onError }: ForEach): unknown {
  return maxParallel === undefined && onError === undefined
    ? items
    : defined({ items, max_parallel: maxParallel, on_error: onError });
}

function printKind(step: WorkflowStep): Entries {
  switch (step.kind) {
    case 'component':
      return { [step.componentType]: step.component, action: step.action };
    case 'capability':
      return { capability: step.capability };
    case 'parallel':
      return { parallel: step.steps.map(printStep) };
    case 'if':
      return { if: step.condition, then: step.then.map(printStep), else: nonEmptyList(step.else.map(printStep)) };
    case 'switch':
      return {
        switch: step.subject,
        cases: mapValues(step.cases, (steps) => steps.map(printStep)),
        default: nonEmptyList(step.default.map(printStep)),
      };
    case 'workflow':
      return { workflow: step.workflow };
    case 'ai-routing':
      return { type: step.kind, prompt: step.prompt, components: step.components };
    case 'approval':
      return { type: step.kind, prompt: step.prompt, approvers: step.approvers };
    case 'wait':
      return { type: step.kind, ...step.wait };
  }
}

function printRetry(retry: StepRetry | undefined): Entries | undefined {
  return (
    retry &&
    defined({
      max_attempts: retry.maxAttempts,
      backoff: retry.backoff,
      backoff_factor: retry.backoffFactor,
      initial_wait: printDuration(retry.initialWaitMs),
      max_wait: printDuration(retry.maxWaitMs),
      jitter: retry.jitter,
    })
  );
}

function printMigration({ from, changes }: WorkflowMigration): Entries {
  const inputs = changes.filter((change) => change.kind === 'map-input');
  return defined({
    from,
    steps: nonEmptyList(changes.flatMap(printChange)),
    inputs: nonEmpty(Object.fromEntries(inputs.map(({ input, value }) => [input, value]))),
  });
}

function printChange(change: MigrationChange): Entries[] {
  switch (change.kind) {
    case 'rename':
      return [{ rename: `${change.from} -> ${change.to}` }];
    case 'add':
      return [{ add: change.step }];
    case 'remove':
      return [{ remove: change.step }];
    case 'map-input':
      return [];
  }
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, print: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, print(value)]));
}

function defined(record: Entries): Entries {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}

function nonEmpty(record: Entries): Entries | undefined {
  return Object.keys(record).length === 0 ? undefined : record;
}

function nonEmptyList<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}
