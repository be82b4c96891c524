import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { arbitraryWorkflow } from '../../test/arbitrary-workflow.ts';
import { workflow } from './builder/workflow-builder.ts';
import { parseWorkflow } from './parse-workflow.ts';
import { printWorkflow } from './print-workflow.ts';

const key = fc.oneof(fc.stringMatching(/^[a-z][a-z0-9_-]{0,8}$/), fc.constantFrom('größe', '1', 'class', 'a b', '<<'));
const text = fc
  .string({ maxLength: 20, unit: 'grapheme' })
  .filter((value) => !value.includes('${') && !/[\uD800-\uDFFF\u0085\u2028\u2029\uFEFF]/u.test(value));
const value = fc.jsonValue({ maxDepth: 2 }).filter((candidate) => {
  const json = JSON.stringify(candidate);
  return !json.includes('__proto__') && !json.includes('${') && !/[\uD800-\uDFFF]/.test(json) && !json.includes('\\ud');
});

describe('printWorkflow', () => {
  it('prints what reads back to the same definition', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(arbitraryWorkflow({ text, value, key }), (definition) => {
        const { workflow: read, diagnostics } = parseWorkflow(printWorkflow(definition));
        expect(diagnostics.filter((diagnostic) => diagnostic.severity === 'error')).toEqual([]);
        expect(read).toEqual(definition);
      }),
      { numRuns: 200 },
    );
  });

  it('keeps what a required input asks of its own fields', () => {
    const built = workflow('order')
      .input(z.object({ customer: z.object({ name: z.string() }) }))
      .wait('pause', { duration: '1s' })
      .build();
    expect(built.inputs['customer']).toMatchObject({ required: true, schema: { required: ['name'] } });
    expect(parseWorkflow(printWorkflow(built)).workflow).toEqual(built);
  });
});
