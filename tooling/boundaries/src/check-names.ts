/**
 * Holds every name in a file to the import graph.
 *
 * @module
 */
import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packages, rooms, testEntryPoints, wrappedLibraries } from '@gomind/eslint-config/import-graph.js';
import type { Member, SourceFile } from './read-repository.ts';
import type { Rule } from './violation.ts';

/** One file with what is needed to judge its names. */
export interface Importer {
  readonly member: Member;
  readonly file: SourceFile;
  /** All members of the repository by name. */
  readonly members: ReadonlyMap<string, Member>;
}

/** Why a name is wrong. */
export interface Fault {
  readonly rule: Rule;
  readonly message: string;
}

/** @returns what is wrong with a name that stands where a module is named */
export function faultOfName(importer: Importer, name: string): Fault | undefined {
  if (isPath(name)) return faultOfPath(importer, name);
  if (isBuiltin(name)) return undefined;
  return faultOfPackage(importer, name);
}

/** @returns what is wrong with a text that stands anywhere else: it may reach a loader unseen */
export function faultOfText(importer: Importer, text: string): Fault | undefined {
  const { member, file, members } = importer;
  if (file.isTest) return undefined;
  if (/^\.\.?\//.test(text)) {
    const target = targetOf(importer, text);
    return isInside(member, target) ? undefined : { rule: 'escape', message: `the text "${text}" leaves the package` };
  }
  const name = packageOf(text);
  if (!members.has(name) || name === member.manifest.name || !/^[@\w./-]+$/.test(text)) return undefined;
  return faultOfPackage(importer, text);
}

/** @returns the path inside the member that a relative name means, with `..` at its start when it leaves */
export function targetOf({ member, file }: Importer, name: string): string {
  const path = name.startsWith('file:') ? fileURLToPath(name) : name;
  const folder = `${member.folder}/${posix.dirname(file.path)}`;
  return posix.relative(member.folder, posix.isAbsolute(path) ? `../${path}` : posix.join(folder, path));
}

function isPath(name: string): boolean {
  return name === '.' || name === '..' || /^(\.{1,2}\/|\/|file:)/.test(name);
}

function isInside(member: Member, target: string): boolean {
  return target !== '..' && !target.startsWith('../') && member.folder !== '';
}

function packageOf(name: string): string {
  return name.startsWith('@') ? name.split('/', 2).join('/') : (name.split('/', 1)[0] ?? name);
}

function faultOfPath(importer: Importer, name: string): Fault | undefined {
  const { member, file } = importer;
  const target = targetOf(importer, name);
  if (!isInside(member, target)) return { rule: 'escape', message: `"${name}" leaves the package` };
  if (!file.isTest && member.files.get(target)?.isTest === true) {
    return { rule: 'test', message: `source imports the test file "${name}"` };
  }
  return faultOfRoom(importer, target);
}

function faultOfRoom({ member, file }: Importer, target: string): Fault | undefined {
  const house = rooms[member.manifest.name];
  const [from, to] = [roomOf(file.path), roomOf(target)];
  if (house === undefined || from === undefined || to === undefined || from === to) return undefined;
  if (file.isTest && !house.order.includes(from)) return undefined;
  for (const room of [from, to]) {
    if (!house.order.includes(room)) return { rule: 'unlisted', message: `the room ${room} is not in the table` };
  }
  const areStrangers = house.strangers.some(([one, other]) => new Set([one, other, from, to]).size === 2);
  if (!areStrangers && house.order.indexOf(from) < house.order.indexOf(to)) return undefined;
  return { rule: 'floor', message: `the room ${from} imports ${to}` };
}

function roomOf(path: string): string | undefined {
  const [top, room] = path.split('/');
  return top === 'src' ? room : undefined;
}

function faultOfPackage(importer: Importer, name: string): Fault | undefined {
  const { member, file, members } = importer;
  const owner = packageOf(name);
  const neighbour = members.get(owner);
  const fault = neighbour === undefined ? undefined : faultOfNeighbour(importer, neighbour, name);
  if (fault !== undefined) return fault;
  const wrapper = wrappedLibraries[owner];
  if (wrapper !== undefined && member.kind === 'packages' && !file.isTest && wrapper !== member.manifest.name) {
    return { rule: 'wrapped', message: `${owner} belongs to ${wrapper}` };
  }
  const { dependencies, peerDependencies, optionalDependencies, devDependencies } = member.manifest;
  const usable = [dependencies, peerDependencies, optionalDependencies, ...(file.isTest ? [devDependencies] : [])];
  const isDeclared = owner === member.manifest.name || usable.some((list) => list !== undefined && owner in list);
  return isDeclared ? undefined : { rule: 'undeclared', message: `${owner} is not declared in package.json` };
}

function faultOfNeighbour({ member, file }: Importer, neighbour: Member, name: string): Fault | undefined {
  const [from, to] = [member.manifest.name, neighbour.manifest.name];
  if (!mayUse(member, neighbour, file.isTest)) return { rule: 'direction', message: `${from} imports ${to}` };
  if (from === to && !file.isTest) return { rule: 'self', message: `"${name}" is the package itself` };
  const entry = `.${name.slice(to.length)}`;
  const { exports } = neighbour.manifest;
  if (typeof exports !== 'object' || !Object.keys(exports).includes(entry)) {
    return { rule: 'deep', message: `"${name}" is no entry point of ${to}` };
  }
  const isForTests = testEntryPoints.includes(name) && !file.isTest;
  return isForTests ? { rule: 'test', message: `source imports "${name}"` } : undefined;
}

function mayUse(member: Member, neighbour: Member, isTest: boolean): boolean {
  if (member === neighbour) return true;
  if (neighbour.kind === 'apps') return false;
  if (neighbour.kind === 'tooling') return isTest;
  if (member.kind !== 'packages') return neighbour.manifest.name in packages;
  const isDeclaredForTests = isTest && neighbour.manifest.name in (member.manifest.devDependencies ?? {});
  return isDeclaredForTests || (packages[member.manifest.name] ?? []).includes(neighbour.manifest.name);
}
