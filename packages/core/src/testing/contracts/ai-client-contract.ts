/**
 * What every AI client promises.
 *
 * @module
 */
import assert from 'node:assert/strict';
import type { AIClient, AIStreamPart } from '../../contracts/ai-client.ts';
import { casesFor, type Cleanup, type ContractCase, rejectsWith } from './contract-case.ts';

/** What the model behind the client is told to do. */
export type ModelBehaviour =
  | { readonly kind: 'answers'; readonly content: string }
  | { readonly kind: 'streams'; readonly chunks: readonly string[] }
  | { readonly kind: 'is-cut-off'; readonly content: string }
  | { readonly kind: 'hangs' }
  | { readonly kind: 'is-busy'; readonly retryAfterMs: number };

/** A client whose model behaves as told. */
export interface AIClientSubject {
  readonly aiClient: AIClient;
  /** Who answers, where the client speaks for several providers. Default: the client's own `provider`. */
  readonly answeredBy?: string;
  readonly cleanup?: Cleanup;
}

const messages = [{ role: 'user', content: 'Hello' }] as const;

/**
 * The cases of the AI-client contract.
 *
 * @param makeFor makes a client whose model does this, again and again
 */
export function aiClientContract(
  makeFor: (behaviour: ModelBehaviour) => Promise<AIClientSubject> | AIClientSubject,
): ContractCase[] {
  const answers = () => makeFor({ kind: 'answers', content: 'Good day.' });
  return [
    ...casesFor(answers, {
      'answers with content, model, provider, usage and the reason it stopped': async ({ aiClient, answeredBy }) => {
        const response = await aiClient.generate({ messages });
        assert.equal(response.content, 'Good day.');
        assert.equal(response.finishReason, 'stop');
        assert.ok(response.model !== '' && response.provider === (answeredBy ?? aiClient.provider));
        const { inputTokens, outputTokens, totalTokens } = response.usage;
        assert.ok(inputTokens > 0 && outputTokens > 0 && totalTokens === inputTokens + outputTokens);
      },
      'embeds texts into vectors of one length, in their order': async ({ aiClient }) => {
        const { embeddings } = await aiClient.embed({ values: ['one', 'two', 'one'] });
        assert.equal(embeddings.length, 3);
        assert.equal(new Set(embeddings.map((vector) => vector.length)).size, 1);
        assert.deepEqual(embeddings[0], embeddings[2]);
        assert.notDeepEqual(embeddings[0], embeddings[1]);
        assert.deepEqual((await aiClient.embed({ values: [] })).embeddings, []);
      },
      'does nothing for a signal that is aborted already': async ({ aiClient }) => {
        await rejectsWith(aiClient.generate({ messages, signal: AbortSignal.abort() }), 'CANCELLED');
      },
      'closes twice without an error': async ({ aiClient }) => {
        await aiClient.close();
        await aiClient.close();
      },
    }),
    ...casesFor(() => makeFor({ kind: 'streams', chunks: ['Good', ' ', 'day.'] }), {
      'streams text in pieces and finishes once, with the whole': async ({ aiClient }) => {
        const parts = await Array.fromAsync(aiClient.stream({ messages }));
        const texts = parts.flatMap((part: AIStreamPart) => (part.type === 'text-delta' ? [part.text] : []));
        assert.equal(texts.join(''), 'Good day.');
        assert.ok(texts.length > 1, 'in more than one piece');
        const finishes = parts.filter((part: AIStreamPart) => part.type === 'finish');
        assert.equal(finishes.length, 1);
        const last = parts.at(-1);
        assert.ok(
          last?.type === 'finish' && last.response.content === 'Good day.' && last.response.finishReason === 'stop',
        );
      },
      'says the same about a streamed answer as about a whole one': async ({ aiClient, answeredBy }) => {
        const last = (await Array.fromAsync(aiClient.stream({ messages }))).at(-1);
        assert.ok(last?.type === 'finish');
        const { model, provider, usage } = last.response;
        assert.ok(model !== '' && provider === (answeredBy ?? aiClient.provider));
        assert.ok(usage.totalTokens > 0 && usage.totalTokens === usage.inputTokens + usage.outputTokens);
      },
      'streams nothing for a signal that is aborted already': async ({ aiClient }) => {
        await rejectsWith(Array.fromAsync(aiClient.stream({ messages, signal: AbortSignal.abort() })), 'CANCELLED');
      },
      'can be left early': async ({ aiClient }) => {
        for await (const part of aiClient.stream({ messages })) {
          if (part.type === 'text-delta') break;
        }
      },
    }),
    ...casesFor(() => makeFor({ kind: 'is-cut-off', content: '{"steps": [' }), {
      'says when an answer was cut off': async ({ aiClient }) => {
        assert.equal((await aiClient.generate({ messages })).finishReason, 'length');
      },
    }),
    ...casesFor(() => makeFor({ kind: 'hangs' }), {
      'is cancelled in the middle of a call': async ({ aiClient }) => {
        const abort = new AbortController();
        const call = rejectsWith(aiClient.generate({ messages, signal: abort.signal }), 'CANCELLED');
        setImmediate(() => {
          abort.abort();
        });
        await call;
      },
      'cancels a stream that does not begin': async ({ aiClient }) => {
        const abort = new AbortController();
        const stream = rejectsWith(Array.fromAsync(aiClient.stream({ messages, signal: abort.signal })), 'CANCELLED');
        setImmediate(() => {
          abort.abort();
        });
        await stream;
      },
      'gives up on a stream in time': async ({ aiClient }) => {
        const error = await rejectsWith(Array.fromAsync(aiClient.stream({ messages, timeoutMs: 50 })), 'MODEL_TIMEOUT');
        assert.equal(error.isRetryable, true);
      },
      'gives up in time, and says that trying again may help': async ({ aiClient }) => {
        const error = await rejectsWith(aiClient.generate({ messages, timeoutMs: 50 }), 'MODEL_TIMEOUT');
        assert.equal(error.isRetryable, true);
      },
    }),
    ...casesFor(() => makeFor({ kind: 'is-busy', retryAfterMs: 2_000 }), {
      'says that the model is busy and for how long; retrying is left to the caller': async ({ aiClient }) => {
        const error = await rejectsWith(aiClient.generate({ messages }), 'RATE_LIMITED');
        assert.equal(error.isRetryable, true);
        assert.equal(error.details['retryAfterMs'], 2_000);
      },
      'says so of a stream as well': async ({ aiClient }) => {
        const error = await rejectsWith(Array.fromAsync(aiClient.stream({ messages })), 'RATE_LIMITED');
        assert.equal(error.details['retryAfterMs'], 2_000);
      },
    }),
  ];
}
