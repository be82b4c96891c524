/**
 * The JSON Schema of a model's plan, for providers that can enforce one.
 *
 * @module
 */
import type { JsonSchema } from '@gomind/core';

/** Schema of a plan as a model writes it. Inputs stay open: each capability has its own schema, checked afterwards. */
export const planReplySchema: JsonSchema = {
  type: 'object',
  properties: {
    steps: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          name: { type: 'string' },
          component: { type: 'string' },
          action: { type: 'string' },
          inputs: { type: 'object' },
          depends_on: { type: 'array', items: { type: 'string' } },
        },
        required: ['name', 'component', 'action', 'inputs', 'depends_on'],
      },
    },
    reason: { type: 'string' },
  },
  required: ['steps'],
};
