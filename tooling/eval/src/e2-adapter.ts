/**
 * Retrieval: which of many tools fit a query.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import type { ComponentInfo } from '@gomind/core';
import { createSearchCapabilityProvider, type SearchCapabilityProvider } from '@gomind/orchestration';

/** A tool of the corpus. */
export interface CorpusTool {
  readonly id: string;
  readonly source?: string;
  readonly component?: string;
  readonly name: string;
  readonly description?: string;
  readonly parameters?: Readonly<Record<string, { readonly type?: string; readonly description?: string }>>;
}

/** Makes the index. */
export function build(tools: readonly CorpusTool[]): SearchCapabilityProvider {
  return createSearchCapabilityProvider({ components: componentsOf(tools) });
}

/** Each tool is a component of its own, so that its id can be told from the result. */
function componentsOf(tools: readonly CorpusTool[]): ComponentInfo[] {
  return tools.map((tool): ComponentInfo => ({
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
}

/** What a planner is offered of some tools, and how much text that is beside all of them. */
export async function offered(
  tools: readonly CorpusTool[],
  query: string,
  topK?: number,
): Promise<{ readonly ids: readonly string[]; readonly characters: number; readonly allCharacters: number }> {
  const components = componentsOf(tools);
  const provider = createSearchCapabilityProvider({ components, ...(topK === undefined ? {} : { topK }) });
  const chosen = await provider.offer(query);
  const charactersOf = (list: readonly ComponentInfo[]): number =>
    list.reduce((sum, { capabilities }) => sum + JSON.stringify(capabilities).length, 0);
  return {
    ids: chosen.map(({ id }) => id),
    characters: charactersOf(chosen),
    allCharacters: charactersOf(components),
  };
}

/** The lines of a file of JSON lines, which may be packed. */
export async function readLines<Line>(file: string): Promise<Line[]> {
  const bytes = await readFile(file);
  const text = file.endsWith('.gz') ? gunzipSync(bytes).toString() : bytes.toString();
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

/** Ids of the best tools, best first. */
export async function search(provider: SearchCapabilityProvider, query: string, limit: number): Promise<string[]> {
  return (await provider.search(query, { topK: limit })).map(({ id }) => id);
}
