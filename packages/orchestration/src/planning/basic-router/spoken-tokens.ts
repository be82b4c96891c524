/**
 * Every word that a capability speaks of.
 *
 * @module
 */
import type { Capability, ComponentInfo } from '@gomind/core';
import { tokensOf } from '../../capabilities/tokens.ts';

/** Kept as long as the capability lives: the router asks again for every clause. */
const known = new WeakMap<Capability, ReadonlySet<string>>();

/** A capability and who offers it. */
export interface Tool {
  readonly component: ComponentInfo;
  readonly capability: Capability;
}

/** The words, stemmed, of a capability's names, descriptions and fields. */
export function spokenTokens({ component, capability }: Tool): ReadonlySet<string> {
  let tokens = known.get(capability);
  if (tokens === undefined) {
    const inputs = Object.entries(capability.inputSchema?.properties ?? {}).flatMap(([name, schema]) => [
      name,
      schema.description ?? '',
    ]);
    const outputs = Object.keys(capability.outputSchema?.properties ?? {});
    const names = [component.name, component.description, capability.name, capability.description];
    tokens = new Set(tokensOf([...names, ...(capability.tags ?? []), ...inputs, ...outputs].join(' ')));
    known.set(capability, tokens);
  }
  return tokens;
}

/** A word of a text, stemmed, and where it ends. */
export interface PlacedToken {
  readonly token: string;
  readonly end: number;
}

/** The words of a text that say something, with their places. */
export function placedTokens(text: string): PlacedToken[] {
  return [...text.matchAll(/[\p{L}\p{M}\p{N}]+/gu)].flatMap(({ 0: word, index }) =>
    tokensOf(word).map((token) => ({ token, end: index + word.length })),
  );
}
