/**
 * Holds a whole repository to the import graph: every file, every manifest, and no cycle anywhere.
 *
 * @module
 */
import { packages } from '@gomind/eslint-config/import-graph.js';
import { type Importer, faultOfName, faultOfText, targetOf } from './check-names.ts';
import { findCycles } from './find-cycle.ts';
import { type Member, readRepository } from './read-repository.ts';
import type { Violation } from './violation.ts';

const disabling =
  /\b(?:eslint|oxlint|tslint|biome)-(?:disable|enable|ignore)|^\s*eslint\s+[\w@/-]+\s*:|@ts-(?:ignore|expect-error|nocheck)/;

/** @returns everything in the repository at `root` that breaks the import graph */
export function checkRepository(root: string): Violation[] {
  const list = readRepository(root);
  const members = new Map(list.map((member) => [member.manifest.name, member]));
  const known = new Set(list.flatMap((member) => [...dependenciesOf(member), member.manifest.name]));
  return [
    ...list.flatMap((member) =>
      [...member.files.values()].flatMap((file) => checkFile({ member, file, members }, known)),
    ),
    ...list.flatMap((member) => checkManifest(member, members)),
    ...list.flatMap(checkCycles),
    ...checkPackageCycles(list, members),
  ];
}

function checkFile(importer: Importer, known: ReadonlySet<string>): Violation[] {
  const { member, file } = importer;
  const path = `${member.folder}/${file.path}`;
  const { names, texts, callTexts, hidden, comments, canRequire, errors } = file.reading;
  // In a file that has a require function under any name, each call may be one.
  const maybeNames = canRequire && !file.isTest ? callTexts.filter(({ text }) => known.has(text)) : [];
  return [
    ...errors.map((message): Violation => ({ rule: 'unreadable', file: path, line: 0, message })),
    ...[...names, ...maybeNames].flatMap(({ text, line }): Violation[] => {
      const fault = faultOfName(importer, text);
      return fault === undefined ? [] : [{ ...fault, file: path, line }];
    }),
    ...texts.flatMap(({ text, line }): Violation[] => {
      const fault = names.some((name) => name.text === text) ? undefined : faultOfText(importer, text);
      return fault === undefined ? [] : [{ ...fault, file: path, line }];
    }),
    ...(file.isTest ? [] : hidden).map(({ text, line }): Violation => ({
      rule: 'hidden',
      file: path,
      line,
      message: `the name "${text}" is computed`,
    })),
    ...comments
      .filter(({ text }) => disabling.test(text))
      .map(({ text, line }): Violation => ({
        rule: 'disable-comment',
        file: path,
        line,
        message: `a comment: ${text.trim()}`,
      })),
  ];
}

function dependenciesOf({ manifest }: Member): string[] {
  const { dependencies, devDependencies, peerDependencies, optionalDependencies } = manifest;
  return Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies, ...optionalDependencies });
}

/** package.json may not promise what the table forbids, and every published package stands in the table. */
function checkManifest(member: Member, members: ReadonlyMap<string, Member>): Violation[] {
  const { name, devDependencies } = member.manifest;
  const fault = (rule: 'manifest' | 'unlisted', message: string): Violation => ({
    rule,
    file: `${member.folder}/package.json`,
    line: 0,
    message,
  });
  const violations: Violation[] = [];
  if (member.kind === 'packages' && !(name in packages)) {
    violations.push(fault('unlisted', `${name} is not in the table of packages`));
  }
  for (const dependency of dependenciesOf(member)) {
    const target = members.get(dependency);
    const isForTestsOnly = devDependencies !== undefined && dependency in devDependencies;
    if (target === undefined || (isForTestsOnly && target.kind !== 'apps')) continue;
    const isAllowed =
      member.kind === 'packages' ? packages[name]?.includes(dependency) === true : target.kind === 'packages';
    const isToolForTool = member.kind === 'tooling' && target.kind === 'tooling';
    if (!isAllowed && !isToolForTool) violations.push(fault('manifest', `${name} depends on ${dependency}`));
  }
  return violations;
}

function checkCycles(member: Member): Violation[] {
  const edges = new Map(
    [...member.files.values()].map((file) => {
      const targets = file.reading.names
        .filter(({ text }) => text.startsWith('.'))
        .map(({ text }) => targetOf({ member, file, members: new Map() }, text))
        .filter((target) => member.files.has(target));
      return [file.path, [...new Set(targets)]];
    }),
  );
  return findCycles(edges).map((cycle) => cycleViolation(`${member.folder}/${cycle[0] ?? ''}`, cycle));
}

function checkPackageCycles(list: readonly Member[], members: ReadonlyMap<string, Member>): Violation[] {
  const edges = new Map(
    list.map((member) => [member.manifest.name, dependenciesOf(member).filter((name) => members.has(name))]),
  );
  return findCycles(edges).map((cycle) =>
    cycleViolation(`${members.get(cycle[0] ?? '')?.folder ?? ''}/package.json`, cycle),
  );
}

function cycleViolation(file: string, cycle: readonly string[]): Violation {
  return { rule: 'cycle', file, line: 0, message: `a circle: ${cycle.join(' -> ')}` };
}
