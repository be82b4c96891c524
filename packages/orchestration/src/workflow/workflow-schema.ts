/**
 * The form of a workflow file as a zod schema: it checks files, and the JSON Schema that editors use is made from it.
 * zod is loaded with the first file.
 *
 * @module
 */
import { type JsonSchema, loadZod } from '@gomind/core';
import type { z as Zod } from 'zod';

/** Where the published JSON Schema of workflow files stands. */
export const workflowSchemaId = 'https://gomind.dev/schemas/workflow.json';

let made: FileSchema | undefined;

/** A step as it stands in a file. */
export type StepFile = Readonly<Record<string, unknown>>;

/** A workflow as it stands in a file: its form is right, its meaning is not checked. */
export interface WorkflowFile {
  readonly name?: string | undefined;
  readonly steps?: readonly StepFile[] | undefined;
  readonly [key: string]: unknown;
}

/** The schema of workflow files, and the keys that each of its objects knows. */
export interface FileSchema {
  readonly schema: Zod.ZodType<WorkflowFile>;
  /** Keys by the object's own name: `workflow`, `step`, `retry`, ... */
  readonly keys: Readonly<Record<string, readonly string[]>>;
}

/** The schema of workflow files. */
export function workflowFileSchema(): FileSchema {
  made ??= makeSchema(loadZod().z);
  return made;
}

/** The JSON Schema (draft 2020-12) of workflow files, with descriptions for editors. */
export function workflowJsonSchema(): JsonSchema {
  const { z } = loadZod();
  const json = z.toJSONSchema(workflowFileSchema().schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  return { $id: workflowSchemaId, title: 'GoMind workflow', ...json };
}

function makeSchema(z: typeof Zod): FileSchema {
  const duration = z
    .union([z.string(), z.number()])
    .describe('A duration: "250ms", "30s", "5m", "1h30m", or milliseconds.');
  const text = z.string();
  const list = z.array(z.string());
  const anything = z.unknown();
  const record = z.record(z.string(), z.unknown());
  const retry = z
    .strictObject({
      max_attempts: z.number().optional().describe('Calls in all, the first one included (1 to 1,000,000).'),
      backoff: z.enum(['fixed', 'linear', 'exponential']).optional().describe('How waits grow. Default: exponential.'),
      backoff_factor: z.number().optional().describe('Growth of the exponential wait. Default: 2.'),
      initial_wait: duration.optional().describe('The wait before the second call. Default: 100ms.'),
      max_wait: duration.optional().describe('The longest wait. Default: 10s.'),
      jitter: z.boolean().optional().describe('Whether waits are spread. Default: true.'),
    })
    .describe('When and how a failed call is made again.');
  const fallback = z.strictObject({ fallback: text.describe('Name of the step that runs instead.') });
  const forEach = z.strictObject({
    items: z.union([text, z.array(anything)]).describe('A list, or an expression that yields one.'),
    max_parallel: z.number().optional().describe('Items at work at the same time. Default: the limit of the run.'),
    on_error: z
      .enum(['fail', 'continue'])
      .optional()
      .describe('What a failed item means: fail ends the step, continue leaves null in its place.'),
  });
  const cache = z.strictObject({
    ttl: duration.optional().describe('How long the output is kept. Default: 5m.'),
    key: text.optional().describe('What stands for the inputs; may hold expressions. Default: the inputs themselves.'),
  });
  const onErrorStep = z
    .union([z.enum(['fail', 'continue']), fallback])
    .describe('What a failure means: fail the run, go on, or run another step instead.');
  const step = z.strictObject({
    name: text
      .optional()
      .describe('Letters, digits, "_", "-" and spaces; unique. A child of "parallel" may leave it out.'),
    description: text.optional().describe('For people, and what a plan is made for where there is no prompt.'),
    type: z
      .enum([
        'tool',
        'agent',
        'capability',
        'workflow',
        'parallel',
        'conditional',
        'switch',
        'ai-routing',
        'approval',
        'wait',
      ])
      .optional()
      .describe('The kind of step, where it does not follow from the other keys.'),
    tool: text.optional().describe('Name of the tool to call.'),
    agent: text.optional().describe('Name of the agent to call.'),
    capability: text.optional().describe('Call whatever component offers this capability.'),
    action: text.optional().describe('Capability of the component. Default: its only one.'),
    workflow: text.optional().describe('Registered name or file of a workflow to run as this step.'),
    prompt: text.optional().describe('What a plan is to be made for (ai-routing), or what is asked (approval).'),
    components: list.optional().describe('Components that an ai-routing step may use. Default: all.'),
    approvers: list.optional().describe('Who may decide an approval. Default: anybody who may decide approvals.'),
    duration: duration.optional().describe('How long a wait step waits.'),
    until: text.optional().describe('The time (ISO 8601) until which a wait step waits; may be an expression.'),
    event: text.optional().describe('The event that a wait step waits for.'),
    get parallel() {
      return z.array(step).optional().describe('Steps that run side by side; the output maps each to its output.');
    },
    if: z
      .union([text, z.boolean()])
      .optional()
      .describe('A condition (CEL): "then" runs when it is true, else "else".'),
    get then() {
      return z.array(step).optional().describe('Steps that run when the condition is true.');
    },
    get else() {
      return z.array(step).optional().describe('Steps that run when it is false.');
    },
    switch: text.optional().describe('An expression whose value chooses one of "cases".'),
    get cases() {
      return z.record(z.string(), z.array(step)).optional().describe('Steps by the value that chooses them.');
    },
    get default() {
      return z.array(step).optional().describe('Steps of a switch that run when no case fits.');
    },
    inputs: z
      .union([record, text])
      .optional()
      .describe('Values for the call; ${...} refers to inputs and earlier steps.'),
    depends_on: z
      .union([list, text])
      .optional()
      .describe('Steps that must settle first, beside those that inputs refer to.'),
    when: z.union([text, z.boolean()]).optional().describe('Condition (CEL); the step is skipped when it is false.'),
    for_each: z
      .union([text, z.array(anything), forEach])
      .optional()
      .describe('Runs the step once for each item; ${item} and ${index} stand for it.'),
    retry: retry.optional(),
    timeout: duration.optional().describe('For each attempt; what takes longer is aborted. Default: 30s.'),
    on_error: onErrorStep.optional(),
    effect: z
      .enum(['pure', 'idempotent', 'compensable', 'irreversible'])
      .optional()
      .describe('What repeating the call would do. Default: what the capability says.'),
    compensate: z.union([text, record]).optional().describe('Undoes this step when the run fails later.'),
    cache: z
      .union([z.boolean(), duration, cache])
      .optional()
      .describe('Keeps the output and uses it again for the same inputs.'),
    artifact: z.boolean().optional().describe('Stores the output as an artifact and passes it on by reference.'),
  });
  const steps = z.array(step);
  const input = z
    .union([
      text,
      z.looseObject({
        type: z.union([text, list]).optional().describe('string, number, integer, boolean, array, object or null.'),
        required: z.union([z.boolean(), list]).optional().describe('Whether it must be given. Default: false.'),
        default: anything.optional().describe('The value when none is given.'),
        schema: record
          .optional()
          .describe('The JSON Schema apart, where its own "required" or "default" is needed too.'),
        description: text.optional().describe('What it is for.'),
        enum: z.array(anything).optional().describe('The values that are accepted.'),
      }),
    ])
    .describe('A JSON Schema, with "required" and "default".');
  const migrationStep = z.strictObject({
    rename: text.optional().describe('The old and the new name: old -> new.'),
    add: text.optional().describe('A step that is new in this version.'),
    remove: text.optional().describe('A step that this version no longer has.'),
  });
  const concurrency = z.strictObject({
    group: text.describe('Name of the group; may hold expressions over inputs.'),
    policy: z.enum(['wait', 'cancel']).optional().describe('What a new run does to the one at work. Default: wait.'),
  });
  const budget = z.strictObject({
    tokens: z.number().optional().describe('Tokens of models, input and output.'),
    cost_usd: z.number().optional().describe('US dollars for models.'),
    model_calls: z.number().optional().describe('Questions to models, repeated ones included.'),
    tool_calls: z.number().optional().describe('Calls of components, repeated ones included.'),
    time: duration.optional().describe('From the start to the end of the run.'),
  });
  const defaults = z.strictObject({
    retry: retry.optional(),
    timeout: duration.optional().describe('For each attempt.'),
  });
  const migration = z.strictObject({
    from: z.union([text, z.number()]).describe('The version that it starts from.'),
    steps: z.array(migrationStep).optional().describe('Changes of steps since then.'),
    inputs: record.optional().describe('New values of inputs; ${inputs.x} is the old one.'),
  });
  const workflow = z.strictObject({
    $schema: text.optional().describe('Where the schema of this file stands, for editors.'),
    name: text.optional().describe('Name of the workflow.'),
    version: z.union([text, z.number()]).optional().describe('Its version, for example 2.0.1.'),
    description: text.optional().describe('What it is for; people and planners read it.'),
    inputs: z.record(z.string(), input.nullable()).optional().describe('What the workflow is given.'),
    steps: steps.optional().describe('What it does. Steps run as soon as what they wait for is there.'),
    outputs: z
      .record(z.string(), anything)
      .optional()
      .describe('What it returns: an expression, or {value, type, description}.'),
    timeout: duration.optional().describe('For the whole run.'),
    max_concurrency: z.number().optional().describe('Calls at the same time. Default: 10.'),
    on_error: z.enum(['fail', 'continue']).optional().describe('For steps that do not say. Default: fail.'),
    on_failure: steps.optional().describe('Steps that run after a failure.'),
    finally: steps.optional().describe('Steps that run at the end, whatever happened.'),
    concurrency: z.union([text, concurrency]).optional().describe('Runs of one group do not run at the same time.'),
    env: z
      .union([list, z.record(z.string(), z.union([text, z.number(), z.boolean()]).nullable())])
      .optional()
      .describe('Variables it reads, with values for when the application gives none.'),
    secrets: list.optional().describe('Names of the secrets it may use.'),
    budget: budget.optional().describe('What a run may use up.'),
    triggers: z
      .union([z.array(z.union([text, record])), record])
      .optional()
      .describe('What starts it (the server acts on them).'),
    defaults: defaults.optional().describe('For steps that do not say.'),
    compatible_with: z
      .union([text, z.number()])
      .optional()
      .describe('Versions whose runs may go on in this one, for example ">=1.5".'),
    migration: z
      .union([migration, z.array(migration)])
      .optional()
      .describe('How runs of older versions go on in this one.'),
  });
  return {
    schema: workflow,
    keys: {
      workflow: Object.keys(workflow.shape),
      step: Object.keys(step.shape),
      retry: Object.keys(retry.shape),
      for_each: Object.keys(forEach.shape),
      on_error: Object.keys(fallback.shape),
      cache: Object.keys(cache.shape),
      concurrency: Object.keys(concurrency.shape),
      budget: Object.keys(budget.shape),
      defaults: Object.keys(defaults.shape),
      migration: Object.keys(migration.shape),
      migration_step: Object.keys(migrationStep.shape),
    },
  };
}
