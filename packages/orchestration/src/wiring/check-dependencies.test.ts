import { LocalDiscovery, noopLogger } from '@gomind/core';
import { describe, expect, it } from 'vitest';
import { parseWorkflow } from '../workflow/parse-workflow.ts';
import { createOrchestrator, createSimpleOrchestrator } from './create-orchestrator.ts';
import { createWorkflowEngine } from './create-workflow-engine.ts';

const discovery = new LocalDiscovery();
const refusal = (message: RegExp): unknown =>
  expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(message) as string });

describe('parts that are none', () => {
  it.each([
    [{ aiClient: 'gpt' }, /createOrchestrator.*aiClient must be an AIClient.*not "gpt"/],
    [{ aiClient: {} }, /aiClient .*generate/],
    [{ logger: console }, /logger must be a Logger .*child/],
    [{ clock: {} }, /clock must be/],
    [{ breaker: {} }, /breaker must be a function that makes a CircuitBreaker/],
    [{ planner: {}, synthesizer: 5 }, /planner must be .*; synthesizer must be/],
    [{ storage: {} }, /storage must be/],
    [{ workflows: 5 }, /workflows must be a list/],
  ])('are refused by an orchestrator, by name: %j', (dependencies, message) => {
    expect(() => createOrchestrator({ discovery, ...dependencies } as never)).toThrow(refusal(message));
  });

  it.each([
    [{ call: 5 }, /createWorkflowEngine.*call must be a function/],
    [{ secrets: { KEY: 'hunter2' } }, /secrets must be a SecretProvider/],
    [{ env: { DAYS: 5 } }, /env must be an object of texts/],
    [{ onApproval: true }, /onApproval must be a function, not true/],
    [{ registry: {} }, /registry must be a WorkflowRegistry/],
  ])('are refused by an engine, by name: %j', (dependencies, message) => {
    expect(() => createWorkflowEngine({ discovery, ...dependencies } as never)).toThrow(refusal(message));
  });

  it.each([
    ['a mistyped part', { aiclient: {} }, {}, /no "aiclient"; did you mean "aiClient"\?/],
    ['a setting among the parts', { maxConcurrency: 5 }, {}, /^maxConcurrency: settings are the second argument/],
    [
      'a mistyped setting',
      {},
      { maxConcurency: 5 },
      /maxConcurency: there is no such setting; did you mean "maxConcurrency"/,
    ],
    ['a part among the settings', {}, { logger: noopLogger }, /logger: this is a dependency; it goes into the first/],
    ['a setting nobody knows', {}, { colour: 'red' }, /colour: there is no such setting\./],
  ])('are told from names that have no meaning: %s', (_what, dependencies, settings, message) => {
    expect(() => createOrchestrator({ discovery, ...dependencies }, settings as never)).toThrow(refusal(message));
    expect(() => createWorkflowEngine({ discovery, ...dependencies }, settings as never)).toThrow(refusal(message));
  });

  it('may stand in an object that serves others too', async () => {
    await createOrchestrator({ discovery, database: {}, ports: [1] } as never).close();
  });

  it('are asked for in the form that the function takes them', () => {
    const swapped = { discovery } as never;
    expect(() => createSimpleOrchestrator(swapped)).toThrow(refusal(/^createSimpleOrchestrator needs a Discovery/));
  });

  it('are not repeated where they may be a key', () => {
    const key = 'sk-live-0123456789abcdef';
    expect(() => createSimpleOrchestrator(discovery, key as never)).toThrow(
      refusal(/^(?!.*0123456789).*a text of 24 characters/),
    );
  });

  it.each([
    ['no argument', () => createOrchestrator(undefined as never), /discovery/],
    ['no argument', () => createWorkflowEngine(undefined as never), /object, not undefined/],
    ['no settings', () => createOrchestrator({ discovery }, null as never), /configuration .*not null/],
    ['a list of settings', () => createWorkflowEngine({ discovery }, [] as never), /configuration .*not a list/],
    [
      'a limit in words',
      () => createOrchestrator({ discovery }, { maxConcurrency: 'many' as never }),
      /"auto" or a whole/,
    ],
    [
      'a template with a hole',
      () => createOrchestrator({ discovery }, { synthesis: 'template', synthesisTemplate: 'Hi ${steps.' }),
      /template of answers cannot be read: .*closing brace/,
    ],
    ['no web address', () => createOrchestrator({ discovery }, { capabilityServiceUrl: 'here' }), /such as http:/],
  ])('say what is accepted: %s', (_what, make, message) => {
    expect(make).toThrow(refusal(message));
  });
});

describe('arguments of a run that are none', () => {
  const parsed = parseWorkflow('name: a\nsteps: [{ name: a, tool: t, action: go }]');

  it.each([
    [null, /processRequest takes its options as an object/],
    [{ signal: 'stop' }, /signal must be an AbortSignal/],
    [{ onEvent: 5 }, /onEvent must be a function/],
  ])('are refused by a request: %j', async (options, message) => {
    await using orchestrator = createOrchestrator({ discovery, logger: noopLogger });
    await expect(orchestrator.processRequest('Go', {}, options as never)).rejects.toThrow(refusal(message));
  });

  it.each([
    ['nothing', undefined, {}, {}, /registered name, or as a definition/],
    ['an object that is no workflow', { name: 'a', steps: [{ name: 'a' }] }, {}, {}, /registered name/],
    ['all that the parser returns', parsed, {}, {}, /run its "workflow"/],
    ['no inputs', parsed.workflow, null, {}, /inputs of a workflow must be an object/],
    ['a list of inputs', parsed.workflow, [], {}, /inputs of a workflow must be an object/],
    ['no options', parsed.workflow, {}, null, /options as an object/],
    ['a signal that is none', parsed.workflow, {}, { signal: 'stop' }, /signal must be/],
  ])('are refused by an engine: %s', async (_what, workflow, inputs, options, message) => {
    await using engine = createWorkflowEngine({ call: () => Promise.resolve(1), logger: noopLogger });
    await expect(engine.execute(workflow as never, inputs as never, options as never)).rejects.toThrow(
      refusal(message),
    );
  });
});
