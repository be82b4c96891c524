/**
 * What the checks read in this repository's Markdown files: code blocks, headings, links.
 *
 * A block `ts run` is a whole program; other `ts` blocks are excerpts, and what they leave out stands in a comment before
 * them that readers do not see: `<!-- given: declare const ... -->`. A `text` block after a program is its output.
 *
 * @module
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from './repository.ts';

/** A TypeScript block. */
export interface CodeBlock {
  /** The file and line where it starts, such as `README.md:12`. */
  readonly place: string;
  readonly code: string;
  readonly isProgram: boolean;
  /** What the program prints, if the document says so. */
  readonly output: string | undefined;
}

/** Paths of all Markdown files of the repository, relative to its root. */
export function markdownFiles(): string[] {
  const isOurs = (name: string): boolean => !['node_modules', 'dist', '.git', '.turbo', '.pack'].includes(name);
  return globSync('**/*.md', { cwd: repositoryRoot, exclude: (name) => !isOurs(name) }).sort();
}

/** @param file relative to the repository's root */
export function readMarkdown(file: string): string {
  return readFileSync(join(repositoryRoot, file), 'utf8');
}

const blockPattern =
  /(?:<!--\s*given:(?<given>(?:(?!-->)[\s\S])*)-->\s*)?^```ts(?<run> run)?\n(?<code>[\s\S]*?)^```$(?:\s*^```text\n(?<output>[\s\S]*?)^```$)?/gm;

/** The TypeScript blocks of a file. */
export function codeBlocks(file: string): CodeBlock[] {
  const text = readMarkdown(file);
  return [...text.matchAll(blockPattern)].map((match) => {
    const { given, run, code = '', output } = match.groups ?? {};
    const line = text.slice(0, match.index).split('\n').length;
    const place = `${file}:${String(line)}`;
    return { place, code: `${given ?? ''}\n${code}`, isProgram: run !== undefined, output };
  });
}

/** The text of a file without its code, where nothing is a heading or a link. */
function withoutCode(text: string): string {
  return text.replaceAll(/^```[\s\S]*?^```$/gm, '').replaceAll(/`[^`\n]*`/g, '');
}

/** The anchors of a file's headings, as GitHub makes them. */
export function headingAnchors(file: string): string[] {
  const headings = readMarkdown(file)
    .replaceAll(/^```[\s\S]*?^```$/gm, '')
    .matchAll(/^#{1,6} +(?<title>.+)$/gm);
  return [...headings].map((match) =>
    (match.groups?.['title'] ?? '')
      .trim()
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-'),
  );
}

/** The targets of a file's links that lead to another file or heading of the repository. */
export function relativeLinks(file: string): string[] {
  const links = withoutCode(readMarkdown(file)).matchAll(/\]\((?<target>[^()\s]+)\)/g);
  return [...links].map((match) => match.groups?.['target'] ?? '').filter((target) => !/^[a-z]+:/.test(target));
}
