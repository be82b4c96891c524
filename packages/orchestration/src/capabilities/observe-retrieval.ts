/**
 * What is seen of a search for capabilities: a span.
 *
 * @module
 */
import type { Telemetry } from '@gomind/core';
import { captureContent } from '../observation/capture-content.ts';
import type { ChosenCapability } from './offer.ts';

/** One search. */
export interface Retrieval {
  readonly query: string;
  /** Results at most. */
  readonly topK: number;
  /** `client` for a service, `internal` for an index in this process. */
  readonly kind: 'client' | 'internal';
}

/** What a search found. */
export interface Retrieved {
  readonly chosen: readonly (ChosenCapability & { readonly score?: number })[];
}

/** Runs a search inside a span `retrieval capabilities`. */
export async function observeRetrieval<T extends Retrieved>(
  telemetry: Telemetry,
  { query, topK, kind }: Retrieval,
  search: () => Promise<T>,
): Promise<T> {
  const attributes = {
    'gen_ai.operation.name': 'retrieval',
    'gen_ai.data_source.id': 'capabilities',
    'gen_ai.retrieval.top_k': topK,
  };
  return telemetry.withSpan('retrieval capabilities', { kind, attributes }, async (span) => {
    captureContent(span, 'gen_ai.retrieval.query.text', query);
    const found = await search();
    captureContent(span, 'gen_ai.retrieval.documents', found.chosen.map(documentOf));
    return found;
  });
}

function documentOf({ component, capability, score }: Retrieved['chosen'][number]): object {
  const id = `${component.name}.${capability.name}`;
  return score === undefined ? { id } : { id, score };
}
