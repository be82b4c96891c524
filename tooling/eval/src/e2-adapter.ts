/**
 * Retrieval: which of many tools fit a query.
 *
 * @module
 */
import type { ComponentInfo } from '@gomind/core';
import { createSearchCapabilityProvider, type SearchCapabilityProvider } from '@gomind/orchestration';

/** A tool of the corpus. */
export interface CorpusTool {
  readonly id: string;
  readonly component?: string;
  readonly name: string;
  readonly description?: string;
  readonly parameters?: Readonly<Record<string, { readonly type?: string; readonly description?: string }>>;
}

/** Makes the index; each tool is a component of its own, so that its id can be told from the result. */
export function build(tools: readonly CorpusTool[]): SearchCapabilityProvider {
  const components = tools.map((tool): ComponentInfo => ({
    id: tool.id,
    name: tool.component ?? '',
    type: 'tool',
    description: '',
    address: '127.0.0.1',
    port: 1,
    capabilities: [
      {
        name: tool.name,
        description: tool.description ?? '',
        inputSchema: { type: 'object', properties: { ...tool.parameters } },
        tags: [],
      },
    ],
  }));
  return createSearchCapabilityProvider({ components });
}

/** Ids of the best tools, best first. */
export async function search(provider: SearchCapabilityProvider, query: string, limit: number): Promise<string[]> {
  return (await provider.search(query, { topK: limit })).map(({ id }) => id);
}
