import { describe, expect, it } from 'vitest';
import { parseWorkflow } from './parse-workflow.ts';
import { WorkflowRegistry } from './workflow-registry.ts';

const workflow = (name: string, description: string, version = '1.0') =>
  parseWorkflow(
    `name: ${name}\nversion: "${version}"\ndescription: ${description}\ninputs: {city: {type: string, required: true}}\nsteps:\n  - name: look\n    tool: t\n    action: a\n    inputs: {city: "\${inputs.city}"}\n`,
  ).workflow ?? expect.fail();

describe('WorkflowRegistry', () => {
  const registry = new WorkflowRegistry([
    workflow('weather-report', 'Writes a report about the weather of a city', '1.0'),
    workflow('weather-report', 'Writes a report about the weather of a city', '2.1'),
    workflow('invoice', 'Sends an invoice to a customer'),
  ]);

  it('finds the newest version, or the newest in a range', () => {
    expect(registry.get('weather-report').version).toBe('2.1');
    expect(registry.get('weather-report', '^1.0').version).toBe('1.0');
    expect(registry.list().map(({ name, version }) => `${name} ${version ?? ''}`)).toEqual([
      'invoice 1.0',
      'weather-report 2.1',
    ]);
  });

  it('says what there is when there is no such workflow', () => {
    expect(() => registry.get('wether-report')).toThrow(/Did you mean "weather-report"/);
    expect(() => registry.get('weather-report', '^3')).toThrow(/Registered: 2\.1, 1\.0/);
  });

  it('replaces the same version', () => {
    const own = new WorkflowRegistry([workflow('a', 'first')]);
    own.register(workflow('a', 'second', '1.0.0'));
    expect(own.versionsOf('a').map(({ description }) => description)).toEqual(['second']);
  });

  it('finds workflows by what they do', () => {
    expect(registry.search('what will the weather be in Paris').map((match) => match.workflow.name)).toEqual([
      'weather-report',
    ]);
    expect(registry.search('bill the customer')[0]?.workflow.name).toBe('invoice');
    expect(registry.search('zzz')).toEqual([]);
  });

  it('offers workflows as capabilities with their inputs', () => {
    expect(registry.asComponent().capabilities.find(({ name }) => name === 'invoice')).toMatchObject({
      description: 'Sends an invoice to a customer',
      inputSchema: { required: ['city'], properties: { city: { type: 'string' } } },
    });
  });
});
