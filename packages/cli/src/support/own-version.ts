/**
 * The version of the command, as its package.json says it.
 *
 * @module
 */
import { readFileSync } from 'node:fs';

/** Reads it where the package is: this file stands at different depths in the sources and in what is published. */
export function ownVersion(): string {
  const places = [new URL('../package.json', import.meta.url), new URL('../../package.json', import.meta.url)];
  for (const place of places) {
    try {
      const { name, version } = JSON.parse(readFileSync(place, 'utf8')) as {
        readonly name?: string;
        readonly version?: string;
      };
      if (name === '@gomind/cli' && version !== undefined) return version;
    } catch {
      // Not here, then.
    }
  }
  return 'unknown';
}
