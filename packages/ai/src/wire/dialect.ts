/**
 * What one model of one server takes. It starts from what is known about the provider and is corrected by the server's own
 * refusals: deployments and gateways hide models behind names that tell nothing.
 *
 * @module
 */
import type { JsonMode, ProviderEntry } from '../providers/provider-table.ts';

/** Parts of a request that a server may not know; it is asked without them then. */
type OptionalParameter = 'temperature' | 'stop' | 'reasoning_effort' | 'stream_options';

/** The form of a request. */
export interface Dialect {
  readonly jsonMode: JsonMode;
  readonly tokensField: 'max_tokens' | 'max_completion_tokens';
  readonly omitted: ReadonlySet<OptionalParameter>;
}

const optionalParameters: readonly OptionalParameter[] = ['temperature', 'stop', 'reasoning_effort', 'stream_options'];

/** OpenAI's reasoning models; their chat twins are not. */
const reasoningModel = /^(?:[\w.-]+\/)?(?:o[1-9]|gpt-[5-9])(?!.*chat)/i;

/**
 * The form to begin with.
 *
 * Reasoning models get no `temperature` and no `stop` (they refuse both) and count their tokens in `max_completion_tokens`.
 */
export function dialectOf(entry: ProviderEntry, model: string): Dialect {
  const isReasoning = entry.reasoningModels === 'by-name' && reasoningModel.test(model);
  const omitted = new Set<OptionalParameter>();
  if (isReasoning) omitted.add('temperature').add('stop');
  // OpenAI's other models refuse an effort; elsewhere it is the provider that takes it or not.
  if (!entry.takesEffort || (entry.reasoningModels === 'by-name' && !isReasoning)) omitted.add('reasoning_effort');
  if (!entry.asksForStreamUsage) omitted.add('stream_options');
  return { jsonMode: entry.json, tokensField: isReasoning ? 'max_completion_tokens' : entry.tokensField, omitted };
}

/**
 * The form to ask in again after a refusal that names a part of the request.
 *
 * @param body what was sent
 * @param error what the SDK threw
 * @returns undefined when the refusal is about something else
 */
export function correctedDialect(dialect: Dialect, body: object, error: unknown): Dialect | undefined {
  const refusal = refusalIn(error);
  if (refusal === undefined) return undefined;
  if ('response_format' in body && /response[_ ]format|json_schema|json_object|structured output/i.test(refusal)) {
    return { ...dialect, jsonMode: dialect.jsonMode === 'schema' ? 'object' : 'words' };
  }
  if (dialect.tokensField in body && refusal.includes(dialect.tokensField)) {
    return dialect.tokensField === 'max_tokens' ? { ...dialect, tokensField: 'max_completion_tokens' } : undefined;
  }
  const parameter = optionalParameters.find((name) => name in body && new RegExp(`\\b${name}\\b`).test(refusal));
  return parameter === undefined ? undefined : { ...dialect, omitted: new Set([...dialect.omitted, parameter]) };
}

const refusalWords =
  /unsupported|not support|does not support|unrecognized|unknown|not permitted|not allowed|extra_forbidden|deprecated|unexpected|invalid parameter/i;

/** What a 400, 422 or 501 says, if it says that something is not supported. */
function refusalIn(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('status' in error)) return undefined;
  if (error.status !== 400 && error.status !== 422 && error.status !== 501) return undefined;
  const fields: readonly unknown[] = ['param' in error ? error.param : '', 'code' in error ? error.code : ''];
  const said = `${fields.filter((field) => typeof field === 'string').join(' ')} ${error.message}`.slice(0, 4_000);
  return refusalWords.test(said) || /response_format/.test(said) ? said : undefined;
}
