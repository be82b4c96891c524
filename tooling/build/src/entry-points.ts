/**
 * What a package publishes, read from its package.json: there is no second list to keep.
 *
 * @module
 */

/** What `exports` or a condition in it may hold. */
export type ExportTarget = string | { readonly [name: string]: ExportTarget };

/** The parts of a package.json that name entry points. */
export interface EntryPointFields {
  readonly exports?: ExportTarget;
  readonly bin?: string | Readonly<Record<string, string>>;
}

/** A package.json, as far as the build looks at it. */
export interface BuildManifest extends EntryPointFields {
  /** What takes the place of the fields above when the package is packed. */
  readonly publishConfig?: EntryPointFields;
  readonly gomind?: {
    /** For a program, which should start fast: the dependencies that stay imports, while all others are bundled. */
    readonly bundleAllBut?: readonly string[];
  };
}

/**
 * Finds the published programs and modules, and the source of each.
 *
 * @returns the source by the published file, both relative to the package; `dist/a/b.js` is made of `src/a/b.ts`
 * @throws Error when there is none
 */
export function entryPoints(manifest: BuildManifest): Map<string, string> {
  const { exports = manifest.exports, bin = manifest.bin } = manifest.publishConfig ?? {};
  const scripts = [...targetsOf(exports), ...targetsOf(bin)]
    .map((target) => /^(?:\.\/)?dist\/(?<path>.+)\.js$/.exec(target)?.groups?.['path'])
    .filter((path) => path !== undefined);
  if (scripts.length === 0) throw new Error('Neither "exports" nor "bin" publishes a script in dist.');
  return new Map(scripts.map((path) => [`dist/${path}.js`, `src/${path}.ts`]));
}

function targetsOf(field: ExportTarget | undefined): string[] {
  if (field === undefined) return [];
  return typeof field === 'string' ? [field] : Object.values(field).flatMap(targetsOf);
}
