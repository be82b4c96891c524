import { defineTool, LocalDiscovery, noopLogger, serve } from '@gomind/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { executePlan } from '../execution/execute-plan.ts';
import { extractJson } from '../llm/extract-json.ts';
import { validatePlan } from '../plan/validation/validate-plan.ts';
import { parseWorkflow } from '../workflow/parse-workflow.ts';
import { printWorkflow } from '../workflow/print-workflow.ts';
import { WorkflowRegistry } from '../workflow/workflow-registry.ts';
import { createOrchestrator } from './create-orchestrator.ts';
import { createWorkflowEngine } from './create-workflow-engine.ts';

const source = 'name: hello\nsteps: [{ name: greet, tool: greeter, inputs: { name: Ada } }]';
const plan = { steps: [{ name: 'greet', component: 'greeter', action: 'greet', inputs: { name: 'Ada' } }] };
const refusal = (message: RegExp): unknown =>
  expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(message) as string });

describe('what never throws', () => {
  it.each([undefined, null, 5, {}, Promise.resolve(source)])('parseWorkflow says that it reads text: %j', (text) => {
    expect(parseWorkflow(text as never)).toMatchObject({
      ok: false,
      diagnostics: [{ code: 'YAML_SYNTAX', message: expect.stringContaining('Read the file first') as string }],
    });
  });

  it.each([undefined, null, {}, 'greeter'])('validatePlan asks for the components: %j', (offered) => {
    expect(validatePlan(plan, offered as never)).toMatchObject({
      ok: false,
      diagnostics: [{ code: 'UNKNOWN_COMPONENT', message: expect.stringContaining('second argument') as string }],
    });
  });

  it.each([undefined, null, 5, {}])('extractJson says that this is no text: %j', (text) => {
    expect(extractJson(text as never)).toMatchObject({ ok: false, diagnostics: [{ code: 'MODEL_INVALID_JSON' }] });
  });
});

describe('what is taken for a workflow', () => {
  const discovery = new LocalDiscovery();

  it('is told from what parseWorkflow returns', async () => {
    const parsed = parseWorkflow(source) as never;
    await using engine = createWorkflowEngine({ discovery, logger: noopLogger });
    await expect(engine.execute(parsed)).rejects.toThrow(refusal(/run its "workflow"/));
    expect(() => printWorkflow(parsed)).toThrow(refusal(/use its "workflow"/));
    expect(() => new WorkflowRegistry([parsed])).toThrow(refusal(/use its "workflow"/));
  });

  it.each([source, '{"name":"hello","steps":[]}', 'name: hello'])('is told from the text of one: %j', async (text) => {
    await using engine = createWorkflowEngine({ discovery, logger: noopLogger });
    await expect(engine.execute(text)).rejects.toThrow(refusal(/the text of a workflow.*parseWorkflow\(text\)/));
  });

  it('is told from nothing', () => {
    expect(() => printWorkflow(undefined as never)).toThrow(refusal(/^A workflow is the "workflow" of parseWorkflow/));
    expect(() => new WorkflowRegistry({ name: 'hello' } as never)).toThrow(refusal(/begins with a list/));
  });
});

describe('what an application gives to call or to guard with', () => {
  it.each([undefined, {}, { call: 'greeter' }])('is asked for by executePlan: %j', async (options) => {
    await expect(executePlan(plan, options as never)).rejects.toThrow(refusal(/^executePlan needs \{ call \}/));
  });

  it('is told from a breaker that is none', async () => {
    const discovery = new LocalDiscovery();
    const greeter = defineTool({
      name: 'greeter',
      description: 'Greets people',
      capabilities: {
        greet: {
          description: 'Greet a person by name',
          input: z.object({ name: z.string() }),
          handler: ({ name }) => `Hello, ${name}!`,
        },
      },
    });
    await using _served = await serve(greeter, { registry: discovery, logger: noopLogger });
    await using orchestrator = createOrchestrator({ discovery, logger: noopLogger, breaker: () => undefined as never });
    const { status, errors } = await orchestrator.processRequest('Greet "Ada"');
    expect(status).toBe('failed');
    expect(errors).toEqual([refusal(/"breaker" made no CircuitBreaker for "greeter".*passThroughBreaker/)]);
  });
});
