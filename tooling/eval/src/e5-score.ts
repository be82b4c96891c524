/**
 * Compares what came of a wire scenario with what its authors expect.
 *
 * @module
 */
import type { WireOutcome } from './e5-adapter.ts';
import { wireKey } from './e5-adapter.ts';

/** A scenario, as far as the score reads it. */
export interface WireScenario {
  readonly id: string;
  readonly stream: boolean;
  readonly expect: {
    readonly result: 'ok' | 'error' | 'ok_or_error' | 'any';
    readonly content?: string;
    readonly finish_reason?: string;
    readonly usage_total?: number;
    readonly tool_calls?: number;
    readonly attempts?: number;
    readonly max_attempts?: number;
    readonly min_wait_ms?: number;
    readonly max_wait_ms?: number;
    readonly must_end_within_ms?: number;
    readonly kind?: string;
    readonly message_contains?: string;
  };
}

/** What the server saw. */
export interface WireReport {
  readonly attempts: number;
  readonly gaps_ms: readonly number[];
  readonly requests: readonly { readonly schema_errors?: readonly string[] }[];
}

const codesOfKind: Readonly<Record<string, readonly string[]>> = {
  auth: ['MODEL_AUTH'],
  rate_limit: ['RATE_LIMITED', 'MODEL_QUOTA'],
  client: ['MODEL_BAD_REQUEST', 'MODEL_CONTEXT_LENGTH', 'MODEL_CONTENT_FILTER'],
  server: ['MODEL_UNAVAILABLE', 'MODEL_TIMEOUT'],
  timeout: ['MODEL_TIMEOUT'],
  network: ['MODEL_UNAVAILABLE'],
  bad_response: ['MODEL_BAD_RESPONSE'],
};

/**
 * Everything that is not as expected.
 *
 * @returns one line for each difference; empty when the scenario is met
 */
export function differences({ expect }: WireScenario, outcome: WireOutcome, report: WireReport): readonly string[] {
  const found: string[] = [];
  const differs = (what: string, got: unknown, wanted: unknown): void => {
    found.push(`${what}: got ${JSON.stringify(got)}, expected ${JSON.stringify(wanted)}`);
  };
  const result = 'response' in outcome ? 'ok' : 'error';
  if (expect.result !== 'any' && !expect.result.split('_or_').includes(result)) {
    differs('result', 'error' in outcome ? outcome.error.message : 'ok', expect.result);
  }
  if ('response' in outcome) {
    const { content, finishReason, usage } = outcome.response;
    if (expect.content !== undefined && content !== expect.content) differs('content', content, expect.content);
    const wanted = expect.finish_reason?.replace('_', '-');
    if (wanted !== undefined && finishReason !== wanted) differs('finish reason', finishReason, wanted);
    if (expect.usage_total !== undefined && usage.totalTokens !== expect.usage_total)
      differs('tokens', usage.totalTokens, expect.usage_total);
    if ((expect.tool_calls ?? 0) > 0 && finishReason !== 'tool-calls')
      differs('tool calls', finishReason, 'tool-calls');
  } else if (result === expect.result) {
    const { code, message, details } = outcome.error;
    const codes = expect.kind === undefined ? undefined : codesOfKind[expect.kind];
    if (codes !== undefined && !codes.includes(code)) differs('code', code, codes);
    if (expect.message_contains !== undefined && !message.includes(expect.message_contains))
      differs('message', message, expect.message_contains);
    if (JSON.stringify([message, details]).includes(wireKey)) differs('secrets', message, 'no key');
  }
  if (expect.attempts !== undefined && report.attempts !== expect.attempts)
    differs('attempts', report.attempts, expect.attempts);
  if (report.attempts > (expect.max_attempts ?? Infinity)) differs('attempts', report.attempts, expect.max_attempts);
  const waitMs = report.gaps_ms[0];
  if (waitMs !== undefined && (waitMs < (expect.min_wait_ms ?? 0) || waitMs > (expect.max_wait_ms ?? Infinity)))
    differs('wait', waitMs, [expect.min_wait_ms, expect.max_wait_ms]);
  if (outcome.elapsedMs > (expect.must_end_within_ms ?? Infinity))
    differs('time', outcome.elapsedMs, expect.must_end_within_ms);
  for (const { schema_errors: errors } of report.requests) if (errors) differs('request schema', errors, 'valid');
  return found;
}
