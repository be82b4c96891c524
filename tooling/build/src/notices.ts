/**
 * The licences of what was bundled, which ask to be passed on.
 *
 * @module
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The text of all licences, by package.
 *
 * @param modules paths of the bundled modules
 * @returns an empty text when none is another's
 * @throws Error when a package has no licence
 */
export async function noticesOf(modules: readonly string[]): Promise<string> {
  const folders = new Set(modules.flatMap((path) => packageFolderOf(path) ?? []));
  const notices = await Promise.all([...folders].sort().map(noticeOf));
  return notices.join(`\n${'-'.repeat(80)}\n\n`);
}

function packageFolderOf(path: string): string | undefined {
  return /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(path)?.[0];
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly author?: string | { readonly name: string };
}

async function noticeOf(folder: string): Promise<string> {
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
  const { name, version, license, author } = manifest;
  const file = (await readdir(folder)).find((each) => /^licen[cs]e/i.test(each));
  if (file === undefined && license === undefined) throw new Error(`${name} cannot be bundled: it has no licence.`);
  // Some packages name their licence without its text.
  const by = typeof author === 'object' ? author.name : author;
  const text =
    file === undefined
      ? `Licence: ${license ?? ''}${by === undefined ? '' : `, by ${by}`}`
      : await readFile(join(folder, file), 'utf8');
  return `${name} ${version}\n\n${text.trim()}\n`;
}
