/**
 * What is wrong with a packed package, beyond what publint and attw look at.
 *
 * @module
 */

/** A package.json as it is published. */
export interface PublishedManifest {
  readonly name?: string;
  readonly type?: string;
  readonly license?: string;
  readonly description?: string;
  readonly sideEffects?: boolean;
  readonly engines?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly publishConfig?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const installScripts = ['preinstall', 'install', 'postinstall', 'preprepare', 'prepare', 'postprepare'];

/**
 * Judges a package.
 *
 * @param manifest its package.json
 * @param files the paths in the tarball, without the leading `package/`
 * @returns one sentence for each fault
 */
export function packageFaults(manifest: PublishedManifest, files: ReadonlySet<string>): string[] {
  const { dependencies, peerDependencies, optionalDependencies } = manifest;
  const ranges = Object.entries({ ...dependencies, ...peerDependencies, ...optionalDependencies });
  const targets = Object.values(manifest.exports ?? {}).flatMap((target) =>
    typeof target === 'string' ? [target] : Object.values(target),
  );
  const faults: readonly (readonly [isFault: boolean, sentence: string])[] = [
    [manifest.type !== 'module', '"type" is not "module"'],
    [manifest.sideEffects !== false, '"sideEffects" is not false'],
    [manifest.license !== 'MIT', '"license" is not "MIT"'],
    [(manifest.description ?? '') === '', '"description" is missing'],
    [manifest.engines?.['node'] !== '>=22.13', '"engines.node" is not ">=22.13"'],
    [manifest.publishConfig?.['provenance'] !== true, '"publishConfig.provenance" is not true'],
    [manifest.publishConfig?.['access'] !== 'public', '"publishConfig.access" is not "public"'],
    [targets.length === 0, '"exports" is missing'],
    [!files.has('README.md'), 'README.md is missing'],
    [!files.has('LICENSE'), 'LICENSE is missing'],
    ...installScripts.map((name) => [manifest.scripts?.[name] !== undefined, `it has the script "${name}"`] as const),
    ...targets.map(
      (target) => [!files.has(target.replace(/^\.\//, '')), `"exports" names ${target}, which is not there`] as const,
    ),
    ...targets.map(
      (target) =>
        [/\.tsx?$/.test(target) && !target.endsWith('.d.ts'), `"exports" names the source ${target}`] as const,
    ),
    ...ranges.map(
      ([name, range]) => [/^(workspace|catalog|file|link):/.test(range), `${name} has the range "${range}"`] as const,
    ),
    ...[...files].map((file) => [/\.test(-d)?\.|(^|\/)test\/|\.tsbuildinfo$/.test(file), `${file} is packed`] as const),
  ];
  return faults.filter(([isFault]) => isFault).map(([, sentence]) => sentence);
}
