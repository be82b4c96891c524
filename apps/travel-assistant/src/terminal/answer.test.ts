import type { OrchestratorResponse } from '@gomind/orchestration';
import { describe, expect, it } from 'vitest';
import { renderAnswer } from './answer.ts';

const response: OrchestratorResponse = {
  requestId: 'r-1',
  response: 'Lima',
  status: 'degraded',
  mode: 'basic-router',
  agentsInvolved: [],
  executionTimeMs: 12,
  errors: [],
  confidence: 0.5,
  usage: { inputTokens: 0, outputTokens: 0, totalTokens: 0 },
  steps: {},
  metadata: {},
};

describe('the printed answer', () => {
  it('says which variable to set when there is no model', () => {
    expect(renderAnswer(response)).toMatch(/^Lima\n\ndegraded, planned by basic-router, 12 ms\n\(set OPENAI_API_KEY/);
  });

  it('says what is wrong with the model that there is', () => {
    const error = { code: 'MODEL_UNAVAILABLE', message: 'it cannot be reached.', isRetryable: true };
    expect(renderAnswer({ ...response, errors: [error] })).toContain(
      '(the model could not plan: it cannot be reached.)',
    );
  });

  it('has nothing to add when a model planned', () => {
    expect(renderAnswer({ ...response, status: 'completed', mode: 'ai' })).toMatch(/completed, planned by ai, 12 ms$/);
  });
});
