/**
 * Which capabilities a request as a whole asks for.
 *
 * @module
 */
import type { SearchHit, SearchIndex } from '../../capabilities/search-index.ts';
import { tokensOf } from '../../capabilities/tokens.ts';
import { type CalledFor, calledFor, isCalculation } from './concepts.ts';
import { spokenTokens, type Tool } from './spoken-tokens.ts';

/** Candidates looked at for one request. */
const maxCandidates = 24;
/** How near to the best score of the request a capability must come, when its name is not spoken of at all. */
const minShare = 0.8;
/** How much nearer the best a capability counts when the request says its whole name. */
const nameBonus = 0.6;

/** Capabilities that the request speaks of nearly as much as of the best one, and that explain words no chosen one does; best first. */
export function nearTools(request: string, index: SearchIndex, chosen: readonly Tool[]): SearchHit[] {
  const said = new Set(tokensOf(request));
  const hits = index.search([...said], maxCandidates);
  const best = hits[0]?.score ?? 0;
  const unexplained = new Set(said);
  const explain = (tool: Tool): void => {
    const spoken = spokenTokens(tool);
    for (const token of said) if (spoken.has(token)) unexplained.delete(token);
  };
  for (const tool of chosen) explain(tool);
  return hits.filter((hit) => {
    const isNear = hit.score / best + nameBonus * shareOfName(hit, said, index) >= minShare;
    if (!isNear) return false;
    const spoken = spokenTokens(hit);
    if (![...unexplained].some((token) => spoken.has(token))) return false;
    explain(hit);
    return true;
  });
}

/**
 * General capabilities ("add", "search") that a request calls for without naming them; one of each name. A request that is about
 * something which a capability is for needs none.
 */
export function generalTools(request: string, index: SearchIndex, chosen: readonly Tool[]): SearchHit[] {
  const wanted = calledFor(request);
  if (chosen.some((tool) => !isCalculation(tool.capability) && !isGeneral(tool, wanted))) return [];
  const names = new Set<string>();
  return index.search([...wanted.general, ...wanted.arithmetic], maxCandidates).filter((hit) => {
    if (!isGeneral(hit, wanted) || names.has(hit.capability.name)) return false;
    names.add(hit.capability.name);
    return true;
  });
}

/** How much of a capability's name, by rarity of its words, the request says. */
function shareOfName({ capability }: SearchHit, said: ReadonlySet<string>, index: SearchIndex): number {
  const name = [...new Set(tokensOf(capability.name))];
  const weigh = (tokens: readonly string[]): number =>
    tokens.reduce((sum, token) => sum + 0.3 + index.rarityOf(token), 0);
  return name.length === 0 ? 0 : weigh(name.filter((token) => said.has(token))) / weigh(name);
}

function isGeneral({ capability }: Tool, wanted: CalledFor): boolean {
  const name = tokensOf(capability.name);
  const called = isCalculation(capability) ? wanted.arithmetic : wanted.general;
  return name.length > 0 && name.every((token) => called.has(token));
}
