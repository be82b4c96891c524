/**
 * The end of a run for people: the answer, what each tool said and how long it took, and how it came about.
 *
 * @module
 */
import type { OrchestratorResponse } from '@gomind/orchestration';
import { formatDuration } from './format.ts';

/**
 * The printed answer.
 *
 * @param response what the orchestrator gave
 */
export function renderAnswer(response: OrchestratorResponse): string {
  const said = (response.plan?.steps ?? []).flatMap((step) => {
    const result = response.steps[step.name];
    if (result?.startedAt === undefined) return [];
    const duration = formatDuration(result.endedAt - result.startedAt);
    const text = result.error === undefined ? sentenceOf(result.output) : `failed: ${result.error.message}`;
    return [`  ${step.component ?? ''}.${step.action ?? ''} (${duration}): ${text}`];
  });
  const { totalTokens } = response.usage;
  const tokens = totalTokens === 0 ? '' : `, ${String(totalTokens)} tokens`;
  return [
    response.response,
    ...(said.length === 0 ? [] : ['', 'What the tools said:', ...said]),
    '',
    `${response.status}, planned by ${response.mode}, ${formatDuration(response.executionTimeMs)}${tokens}`,
    ...(response.mode === 'basic-router' ? [`(${whyNoModel(response)})`] : []),
  ].join('\n');
}

function whyNoModel({ errors }: OrchestratorResponse): string {
  const trouble = errors.find(({ code }) => /^(?:MODEL_|RATE_LIMITED|PLAN_REJECTED)/.test(code));
  return trouble === undefined
    ? 'set OPENAI_API_KEY, or OPENAI_BASE_URL for a compatible server, and a model plans and writes'
    : `the model could not plan: ${trouble.message}`;
}

function sentenceOf(output: unknown): string {
  if (typeof output === 'object' && output !== null && 'summary' in output && typeof output.summary === 'string') {
    return output.summary;
  }
  return JSON.stringify(output);
}
