/**
 * What makes two plannings the same: the words, what is offered, and who asks.
 *
 * @module
 */
import { canonicalJson, type Capability, type ComponentInfo, sha256Hex } from '@gomind/core';

const capabilityDigests = new WeakMap<Capability, string>();
const listDigests = new WeakMap<readonly ComponentInfo[], string>();

/**
 * A digest of everything about components that a plan depends on: names, descriptions, schemas, effects. A changed schema or
 * a component more or less gives another; addresses do not count.
 *
 * @param offered lists and capabilities are taken as never changed, so each is read once
 */
export function fingerprintOf(offered: readonly ComponentInfo[]): string {
  const known = listDigests.get(offered);
  if (known !== undefined) return known;
  const parts = offered
    .map(({ name, type, description, capabilities }) => [name, type, description, ...capabilities.map(digestOf)])
    .map((component) => JSON.stringify(component));
  const digest = sha256Hex(parts.sort().join('\n'));
  listDigests.set(offered, digest);
  return digest;
}

function digestOf(capability: Capability): string {
  let digest = capabilityDigests.get(capability);
  if (digest === undefined) {
    digest = sha256Hex(canonicalJson(capability));
    capabilityDigests.set(capability, digest);
  }
  return digest;
}

const meansMoreThanSpace = /["'“”«»`\n]/u;

/**
 * The same words in one spelling: spaces are joined and letters composed. Text with quotes or lines keeps its spaces, and
 * case is kept always, because both may matter.
 */
export function normaliseRequest(request: string): string {
  const composed = request.normalize('NFC').trim();
  return meansMoreThanSpace.test(composed) ? composed : composed.replaceAll(/\s+/gu, ' ');
}

/** Settings of a request that say how it is run, not who asks or what about. */
const runSettings: ReadonlySet<string> = new Set(['timeout', 'priority', 'cache', 'budget']);

/**
 * Who may be served the same plan: the tenant and the principal.
 *
 * @param metadata of the request
 * @returns undefined when that cannot be told, so that nothing may be shared
 */
export function planAudience(metadata: Readonly<Record<string, unknown>>): string | undefined {
  return textOf([metadata['tenant'] ?? null, metadata['principal'] ?? null]);
}

/**
 * Who may be served the same answer: only whoever gives the same metadata, as nobody knows which of it the answer is about.
 *
 * @param metadata of the request
 * @returns undefined when that cannot be told, so that nothing may be shared
 */
export function answerAudience(metadata: Readonly<Record<string, unknown>>): string | undefined {
  return textOf(Object.fromEntries(Object.entries(metadata).filter(([name]) => !runSettings.has(name))));
}

const maxDepth = 16;

/** Objects with a life of their own (a Map, a class with private fields) all look alike in JSON, so they have no text. */
function textOf(value: unknown): string | undefined {
  return isPlain(value, 0) ? canonicalJson(value) : undefined;
}

function isPlain(value: unknown, depth: number): boolean {
  if (value === null || value === undefined) return true;
  if (typeof value !== 'object') return ['string', 'number', 'boolean'].includes(typeof value);
  const prototype: unknown = Object.getPrototypeOf(value);
  const isData = Array.isArray(value) || prototype === Object.prototype || prototype === null;
  return depth < maxDepth && isData && Object.values(value).every((inner) => isPlain(inner, depth + 1));
}
