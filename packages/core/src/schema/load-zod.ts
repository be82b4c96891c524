/**
 * Loads zod with the first need: it is heavy, and a peer that may be missing or another version.
 *
 * @module
 */
import { createRequire } from 'node:module';
import { GomindError } from '../errors/gomind-error.ts';

type Zod = typeof import('zod');

const require = createRequire(import.meta.url);
const loadInstalled = (): unknown => require('zod');

/**
 * The installed zod.
 *
 * @param load how it is loaded. Default: from where this package is installed
 * @throws GomindError `DEPENDENCY_MISSING` when it is not installed, or older than version 4
 */
export function loadZod(load: () => unknown = loadInstalled): Zod {
  let loaded: unknown;
  try {
    loaded = load();
  } catch (cause) {
    throw unusable('cannot be loaded', cause);
  }
  const { z } = (loaded ?? {}) as { readonly z?: { readonly toJSONSchema?: unknown } };
  if (typeof z?.toJSONSchema !== 'function') throw unusable('is installed in an older version');
  return loaded as Zod;
}

function unusable(what: string, cause?: unknown): GomindError {
  return new GomindError({
    code: 'DEPENDENCY_MISSING',
    message: `GoMind needs zod 4, which ${what}. Install it: npm install zod@4.`,
    details: { package: 'zod' },
    cause,
  });
}
