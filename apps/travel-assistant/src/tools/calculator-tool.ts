/**
 * Arithmetic.
 *
 * @module
 */
import { defineTool } from '@gomind/core';
import { z } from 'zod';
import { formatNumber } from '../terminal/format.ts';
import { evaluateArithmetic } from './arithmetic.ts';

/** Calculates. */
export const calculatorTool = defineTool({
  name: 'calculator-tool',
  description: 'Calculates with numbers.',
  capabilities: {
    calculate: {
      description: 'Calculate the value of an arithmetic expression with + - * / % ^ and brackets.',
      effect: 'pure',
      tags: ['arithmetic', 'math', 'compute'],
      input: z.object({
        expression: z
          .string()
          .min(1)
          .max(500)
          .describe('Arithmetic expression')
          .meta({ examples: ['17 * (23 + 4)'] }),
      }),
      output: z.object({ result: z.number().describe('Value of the expression'), summary: z.string() }),
      handler: ({ expression }) => {
        const result = evaluateArithmetic(expression);
        return { result, summary: `${expression.trim()} = ${formatNumber(result)}` };
      },
    },
  },
});
