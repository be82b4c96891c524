/**
 * What was said before in a conversation: the latest turns as they were, older ones as a summary. Kept in a key-value store for
 * each conversation of each identity, bounded, for a time. A store that is away costs the memory, never the answer.
 *
 * @module
 */
import {
  type Clock,
  GomindError,
  type JsonValue,
  type KeyValueStore,
  type Logger,
  sha256Hex,
  systemClock,
  withTimeout,
} from '@gomind/core';
import { plainText } from '../llm/quote-data.ts';
import type { Conversation, ConversationTurn } from './conversation.ts';
import { summariseByExtract, type Summariser, type SummaryOptions } from './conversation-summary.ts';

/** A conversation during one request. */
export interface OpenConversation {
  /** Undefined when nothing was said before, or nothing is known of it. */
  readonly past: Conversation | undefined;
  /** Remembers a turn; a failure is a warning. */
  add(turn: ConversationTurn, options?: SummaryOptions): Promise<void>;
}

/** Remembers conversations. */
export interface ConversationMemory {
  /**
   * Opens the conversation that a request belongs to. A request without `conversation_id` belongs to none.
   *
   * @param metadata of the request; `conversation_id`, and `tenant` and `principal` as the identity
   */
  open(metadata: Readonly<Record<string, unknown>>): Promise<OpenConversation>;
}

/** Options of {@link createConversationMemory}. */
export interface ConversationMemoryOptions {
  readonly storage: KeyValueStore;
  readonly logger: Logger;
  /** Makes summaries; what it throws is a warning, and the extract stands in. Default: an extract without a model. */
  readonly summarise?: Summariser;
  /** Turns kept as they were; one more, and the older half becomes part of the summary. Default: 6. */
  readonly window?: number;
  /** Milliseconds after its last turn until a conversation is forgotten. Default: 86,400,000 (a day). */
  readonly ttlMs?: number;
  /** Milliseconds that the store is given for one answer. Default: 2,000. */
  readonly storeTimeoutMs?: number;
  readonly clock?: Clock;
}

const maxRequestLength = 1_000;
const maxResponseLength = 1_500;
const maxSummaryLength = 2_000;
const maxIdLength = 256;
const maxWrites = 5;

const noConversation: OpenConversation = { past: undefined, add: () => Promise.resolve() };

/**
 * The conversation that a request names.
 *
 * @param metadata of the request
 * @returns undefined when it names none
 * @throws GomindError `CONFIG_INVALID` when the name is no text of 1 to 256 characters
 */
export function conversationIdOf(metadata: Readonly<Record<string, unknown>>): string | undefined {
  const id = metadata['conversation_id'];
  if (id === undefined || id === null) return undefined;
  if (typeof id === 'string' && id !== '' && id.length <= maxIdLength) return id;
  throw new GomindError({
    code: 'CONFIG_INVALID',
    message: `The request's conversation_id must be text of 1 to ${String(maxIdLength)} characters.`,
    details: { path: 'metadata.conversation_id' },
  });
}

/** Makes a memory over a store. */
export function createConversationMemory(options: ConversationMemoryOptions): ConversationMemory {
  const { storage, logger, clock = systemClock, storeTimeoutMs = 2_000 } = options;
  const inTime = async <T>(work: () => Promise<T>): Promise<T> =>
    withTimeout(work, { timeoutMs: storeTimeoutMs, code: 'STORE_UNAVAILABLE', what: 'The conversation store', clock });
  const warn = (message: string, error: unknown): void => {
    logger.warn(message, { error });
  };
  return {
    open: async (metadata) => {
      const id = conversationIdOf(metadata);
      const identity = identityOf(metadata);
      if (id === undefined) return noConversation;
      if (identity === undefined) {
        logger.warn('A conversation is not remembered: the principal of its request has no id');
        return noConversation;
      }
      const key = `conversation:${sha256Hex(JSON.stringify([...identity, id]))}`;
      let past: Conversation | undefined;
      try {
        past = readConversation(await inTime(() => storage.get(key)));
      } catch (error) {
        warn('The conversation cannot be read; the request is answered without it', error);
      }
      return {
        past,
        add: async (turn, summaryOptions = {}) => {
          try {
            await addTurn({ ...options, inTime, warn }, key, { turn: bounded(turn), summaryOptions });
          } catch (error) {
            warn('The conversation cannot be kept; the next request will not know this one', error);
          }
        },
      };
    },
  };
}

interface Keeper extends ConversationMemoryOptions {
  readonly inTime: <T>(work: () => Promise<T>) => Promise<T>;
  readonly warn: (message: string, error: unknown) => void;
}

/** Requests of one conversation may end at the same time, so each writes on top of what it has read. */
async function addTurn(
  keeper: Keeper,
  key: string,
  { turn, summaryOptions }: { readonly turn: ConversationTurn; readonly summaryOptions: SummaryOptions },
): Promise<void> {
  const { storage, inTime, window = 6, ttlMs = 86_400_000 } = keeper;
  let folded: { readonly from: string; readonly summary: string } | undefined;
  for (let attempt = 1; attempt <= maxWrites; attempt++) {
    const stored = await inTime(() => storage.get(key));
    const { summary, turns } = readConversation(stored) ?? { summary: '', turns: [] };
    const all = [...turns, turn];
    const old = all.length > window ? all.slice(0, all.length - Math.ceil(window / 2)) : [];
    const from = JSON.stringify([summary, old]);
    if (folded?.from !== from) folded = { from, summary: await fold(keeper, { summary, turns: old }, summaryOptions) };
    const next: JsonValue = {
      summary: folded.summary,
      turns: all.slice(old.length).map(({ request, response }) => ({ request, response })),
    };
    if (await inTime(() => storage.compareAndSet(key, stored, next, { ttlMs }))) return;
  }
  throw new GomindError({
    code: 'CONFLICT',
    message: `Other requests of the conversation came first ${String(maxWrites)} times, so this one was not kept.`,
  });
}

async function fold(keeper: Keeper, old: Conversation, options: SummaryOptions): Promise<string> {
  if (old.turns.length === 0) return old.summary;
  const { summarise = summariseByExtract, warn } = keeper;
  try {
    return (await summarise(old, options)).slice(0, maxSummaryLength);
  } catch (error) {
    warn('The conversation could not be summarised; an extract stands in', error);
    return (await summariseByExtract(old)).slice(0, maxSummaryLength);
  }
}

function bounded({ request, response }: ConversationTurn): ConversationTurn {
  return { request: plainText(request, maxRequestLength), response: plainText(response, maxResponseLength) };
}

/** What was stored, if it is a conversation; whatever else stands there is not. */
function readConversation(stored: JsonValue | undefined): Conversation | undefined {
  if (typeof stored !== 'object' || stored === null || !('turns' in stored)) return undefined;
  const { summary, turns } = stored;
  if (typeof summary !== 'string' || !Array.isArray(turns)) return undefined;
  return { summary: summary.slice(0, maxSummaryLength), turns: turns.flatMap(readTurn) };
}

function readTurn(turn: unknown): ConversationTurn[] {
  if (typeof turn !== 'object' || turn === null || !('request' in turn) || !('response' in turn)) return [];
  const { request, response } = turn;
  return typeof request === 'string' && typeof response === 'string' ? [bounded({ request, response })] : [];
}

/** Whose conversation it is; undefined when that cannot be told. What the principal may do does not matter: it may change. */
function identityOf({ tenant, principal }: Readonly<Record<string, unknown>>): readonly string[] | undefined {
  const tenantName = typeof tenant === 'string' ? tenant : '';
  if (principal === undefined || principal === null) return [tenantName];
  if (typeof principal === 'string') return [tenantName, principal];
  if (typeof principal !== 'object' || !('id' in principal) || typeof principal.id !== 'string') return undefined;
  const owner = 'tenant' in principal && typeof principal.tenant === 'string' ? principal.tenant : '';
  return [tenantName, owner, principal.id];
}
