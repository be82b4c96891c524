/**
 * Finds the packages, apps and tools of a repository and reads their files.
 *
 * @module
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { testFiles } from '@gomind/eslint-config/import-graph.js';
import { type ModuleReading, readModule } from './read-module.ts';

/** The folder a member stands in. */
export type MemberKind = 'packages' | 'apps' | 'tooling';

/** The part of a package.json that matters here. */
export interface Manifest {
  readonly name: string;
  readonly exports?: string | Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** One file of a member. */
export interface SourceFile {
  /** Path inside the member, with slashes. */
  readonly path: string;
  /** Whether it may use devDependencies: a test, a configuration, or anything in `tooling`. */
  readonly isTest: boolean;
  readonly reading: ModuleReading;
}

/** A package, an app or a tool. */
export interface Member {
  readonly kind: MemberKind;
  /** Path inside the repository, for example `packages/core`. */
  readonly folder: string;
  readonly manifest: Manifest;
  readonly files: ReadonlyMap<string, SourceFile>;
}

const kinds: readonly MemberKind[] = ['packages', 'apps', 'tooling'];
const skipped = new Set(['node_modules', 'dist', '.tsbuild', '.turbo', '.pack', 'coverage']);
/** Projects that are no part of the workspace. */
const outside = new Set(['tooling/bench/peers']);

/** Reads every member of the repository at `root`. */
export function readRepository(root: string): Member[] {
  return kinds.flatMap((kind) =>
    foldersIn(join(root, kind))
      .filter((name) => existsSync(join(root, kind, name, 'package.json')))
      .map((name) => readMember(root, kind, `${kind}/${name}`)),
  );
}

function foldersIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
}

function readMember(root: string, kind: MemberKind, folder: string): Member {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest;
  const files = new Map<string, SourceFile>();
  const read = (path: string): void => {
    for (const entry of readdirSync(join(root, folder, path), { withFileTypes: true })) {
      const inside = path === '' ? entry.name : `${path}/${entry.name}`;
      const isLeftOut = skipped.has(entry.name) || outside.has(`${folder}/${inside}`);
      if (entry.isDirectory() && !isLeftOut) read(inside);
      if (!entry.isFile() || !/\.[cm]?[jt]s$/.test(entry.name)) continue;
      const reading = readModule(inside, readFileSync(join(root, folder, inside), 'utf8'));
      files.set(inside, { path: inside, isTest: kind === 'tooling' || testFiles.test(inside), reading });
    }
  };
  read('');
  return { kind, folder, manifest, files };
}
