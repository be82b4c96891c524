import type { ComponentInfo } from '@gomind/core';
import { describe, expect, it } from 'vitest';
import { compileWorkflow } from '../compile-workflow.ts';
import { parseWorkflow } from '../parse-workflow.ts';
import { bindTargets } from './bind-targets.ts';

const components: readonly ComponentInfo[] = [
  {
    id: 'bank-1',
    name: 'bank',
    type: 'tool',
    description: '',
    address: '127.0.0.1',
    port: 1,
    capabilities: [
      { name: 'pay', description: '' },
      { name: 'refund', description: '' },
    ],
  },
];

function bind(...steps: readonly string[]): unknown {
  const { workflow } = parseWorkflow(`name: w\nsteps: [${steps.join(', ')}]`);
  return bindTargets(compileWorkflow(workflow ?? expect.fail()), components);
}

describe('bindTargets', () => {
  it('tells at once of every step that cannot be called', () => {
    const act = () => bind('{name: a, tool: bnk}', '{name: b, tool: bank}', '{name: c, capability: repay}');
    expect(act).toThrow(
      expect.objectContaining({
        code: 'UNKNOWN_COMPONENT',
        message:
          'Step "a" calls "bnk", which is not registered. Did you mean "bank"? ' +
          'Step "b" names no action, and "bank" has several: pay, refund. ' +
          'Step "c" needs the capability "repay", which no component offers. Did you mean "pay"?',
        details: {
          step: 'a',
          diagnostics: [
            { code: 'UNKNOWN_COMPONENT', severity: 'error', step: 'a', message: expect.any(String) as string },
            { code: 'MISSING_ACTION', severity: 'error', step: 'b', message: expect.any(String) as string },
            { code: 'UNKNOWN_ACTION', severity: 'error', step: 'c', message: expect.any(String) as string },
          ],
        },
      }),
    );
  });

  it('tells of one as it is', () => {
    const act = () => bind('{name: a, tool: bank, action: pay}', '{name: b, tool: bank}');
    expect(act).toThrow(expect.objectContaining({ code: 'MISSING_ACTION', details: { step: 'b' } }));
  });
});
