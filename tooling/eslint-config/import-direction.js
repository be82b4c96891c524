/**
 * ESLint rule: every module a file names is checked against the import graph. It needs no resolver and no types.
 *
 * @module
 */
import { existsSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { packages, rooms, testEntryPoints, testFiles, wrappedLibraries } from './import-graph.js';
import { literalText, moduleNameListeners } from './module-names.js';

const kinds = /** @type {const} */ (['packages', 'apps', 'tooling']);
const builtins = new Set(builtinModules);

/** @returns the package a file belongs to: its folder, its manifest and its kind (the folder that holds it) */
function packageOf(file) {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    const found = readPackage(folder);
    if (found !== undefined) return found;
  }
  return undefined;
}

function readPackage(folder) {
  const path = join(folder, 'package.json');
  if (!existsSync(path)) return undefined;
  return { folder, kind: basename(dirname(folder)), manifest: JSON.parse(readFileSync(path, 'utf8')) };
}

/** @returns the package of this repository with that name, if there is one */
function neighbour(from, name) {
  const repository = dirname(dirname(from.folder));
  const candidates = kinds.map((kind) => readPackage(join(repository, kind, basename(name))));
  return candidates.find((candidate) => candidate?.manifest.name === name);
}

const packageName = (specifier) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

/** Who is asking: one linted file, and what it may use. */
function describeFile(file) {
  const from = packageOf(file);
  if (from === undefined || !kinds.includes(from.kind)) return undefined;
  const path = relative(from.folder, file).split(sep).join('/');
  const isTest = from.kind === 'tooling' || testFiles.test(path);
  const { name, dependencies, peerDependencies, optionalDependencies, devDependencies } = from.manifest;
  const declared = {
    ...dependencies,
    ...peerDependencies,
    ...optionalDependencies,
    ...(isTest ? devDependencies : {}),
  };
  return { file, from, name, path, isTest, declared };
}

/** A path: it stays inside the package, goes down the floors, and source stays away from tests. */
function judgePath(importer, specifier, target) {
  const { from, isTest, name, path } = importer;
  const inside = relative(from.folder, target).split(sep).join('/');
  if (inside === '..' || inside.startsWith('../') || packageOf(join(target, 'x'))?.folder !== from.folder) {
    return { messageId: 'escape', data: { specifier } };
  }
  if (!isTest && testFiles.test(inside)) return { messageId: 'test', data: { specifier } };
  const house = rooms[name];
  const [room, targetRoom] = [path, inside].map((each) => /^src\/([^/]+)/.exec(each)?.[1]);
  if (house === undefined || room === undefined || targetRoom === undefined || room === targetRoom) return undefined;
  const [floor, targetFloor] = [house.order.indexOf(room), house.order.indexOf(targetRoom)];
  // A test file that stands beside index.ts in src/ belongs to no room and may look at all of them.
  if (floor === -1 && isTest) return undefined;
  if (floor === -1 || targetFloor === -1) {
    return { messageId: 'unlistedRoom', data: { room: floor === -1 ? room : targetRoom } };
  }
  const isStranger = house.strangers.some((pair) => pair.includes(room) && pair.includes(targetRoom));
  return targetFloor < floor || isStranger ? { messageId: 'floor', data: { room, targetRoom } } : undefined;
}

/** A package of this repository: the arrow is in the table, and the entry point is a public one. */
function judgeNeighbour(importer, specifier, to) {
  const { from, name, isTest } = importer;
  const target = to.manifest.name;
  const allowed = [...(packages[name] ?? []), ...(isTest ? Object.keys(from.manifest.devDependencies ?? {}) : [])];
  const isAllowed = {
    packages: from.kind === 'packages' ? target === name || allowed.includes(target) : target in packages,
    tooling: isTest,
    apps: isTest && target === name,
  }[to.kind];
  if (!isAllowed) return { messageId: 'direction', data: { name, target, allowed: allowed.join(', ') || 'none' } };
  if (target === name && !isTest) return { messageId: 'self', data: { specifier } };
  const { exports } = to.manifest;
  const isEntryPoint = typeof exports === 'object' && Object.hasOwn(exports, `.${specifier.slice(target.length)}`);
  if (!isEntryPoint) return { messageId: 'deep', data: { specifier } };
  if (!isTest && testEntryPoints.includes(specifier)) return { messageId: 'test', data: { specifier } };
  return undefined;
}

function judgeUrl(importer, specifier) {
  const url = new URL(specifier, pathToFileURL(importer.file));
  return url.protocol === 'file:' ? judgePath(importer, specifier, fileURLToPath(url)) : undefined;
}

function judgeModule(importer, specifier) {
  if (/^(\.{1,2}(\/|$)|\/|file:)/.test(specifier)) {
    const target = specifier.startsWith('file:')
      ? fileURLToPath(specifier)
      : resolve(dirname(importer.file), specifier);
    return judgePath(importer, specifier, target);
  }
  if (specifier.startsWith('node:') || builtins.has(specifier)) return undefined;
  const name = packageName(specifier);
  const to = neighbour(importer.from, name);
  const verdict = to === undefined ? undefined : judgeNeighbour(importer, specifier, to);
  if (verdict !== undefined) return verdict;
  const owner = wrappedLibraries[name];
  if (owner !== undefined && importer.from.kind === 'packages' && !importer.isTest && owner !== importer.name) {
    return { messageId: 'wrapped', data: { library: name, owner } };
  }
  const isDeclared = Object.hasOwn(importer.declared, name) || name === importer.name;
  return isDeclared ? undefined : { messageId: 'undeclared', data: { library: name, name: importer.name } };
}

/** @type {import('eslint').Rule.RuleModule} */
export const importDirection = {
  meta: {
    type: 'problem',
    schema: [],
    docs: { description: 'Imports follow the import graph, whatever they look like.' },
    messages: {
      direction: '{{name}} may not import {{target}}. It may import: {{allowed}}. The table: import-graph.js.',
      floor:
        'The room {{room}} may not import {{targetRoom}}: rooms import downwards only. The table: import-graph.js.',
      unlistedRoom: 'The room {{room}} has no floor yet: add it to import-graph.js.',
      escape: '"{{specifier}}" leaves the package: import the other package by its name.',
      self: '"{{specifier}}" is this package itself: import the file by its relative path.',
      deep: '"{{specifier}}" is not an entry point: import what the package "exports".',
      test: '"{{specifier}}" is for tests: published source may not import it.',
      wrapped: '{{library}} is wrapped by {{owner}}: use the contract in @gomind/core.',
      undeclared:
        '"{{library}}" is not among the dependencies that this file of {{name}} may use: add it to package.json.',
      hidden: 'Name the module by a string literal where it is loaded, so that the import graph can be checked.',
    },
  },
  create(context) {
    const importer = describeFile(context.physicalFilename);
    if (importer === undefined) return {};
    // Tests and scripts may load what they make up at run time; nobody imports them.
    const hidden = (node) => {
      if (!importer.isTest) context.report({ node, messageId: 'hidden' });
    };
    const found = (node, kind) => {
      const text = literalText(node);
      if (text === undefined) {
        hidden(node);
        return;
      }
      const verdict = kind === 'file' ? judgeUrl(importer, text) : judgeModule(importer, text);
      if (verdict !== undefined) context.report({ loc: node.loc, ...verdict });
    };
    return moduleNameListeners(context.sourceCode, found, hidden);
  },
};

export default { meta: { name: 'gomind' }, rules: { 'import-direction': importDirection } };
