import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { headingAnchors, markdownFiles, relativeLinks } from './markdown.ts';
import { repositoryRoot } from './repository.ts';

/** @returns what is wrong with a link, or undefined */
function problemOf(file: string, link: string): string | undefined {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? join(repositoryRoot, file) : join(repositoryRoot, dirname(file), path);
  if (!existsSync(target)) return `${link}: there is no such file`;
  if (anchor === undefined) return undefined;
  const anchors = headingAnchors(relative(repositoryRoot, target));
  return anchors.includes(anchor) ? undefined : `${link}: there is no such heading`;
}

describe('the Markdown files', () => {
  it.each(markdownFiles())('%s links only to files and headings that exist', (file) => {
    const problems = relativeLinks(file).map((link) => problemOf(file, link));
    expect(problems.filter((problem) => problem !== undefined)).toEqual([]);
  });

  it('are looked at so that a dead link would be found', () => {
    expect(problemOf('README.md', 'docs/missing.md')).toContain('no such file');
    expect(problemOf('README.md', 'CONTRIBUTING.md#nothing')).toContain('no such heading');
    expect(relativeLinks('README.md')).toContain('CONTRIBUTING.md');
  });
});
