/**
 * Loaded before the repository's own commands: says clearly when this Node cannot run them. Plain JavaScript without
 * imports, so that any Node can read it. The published packages run on Node 22.13 and later.
 *
 * @module
 */

/**
 * Judges a version of Node.
 *
 * @param {string} version for example `v24.21.0`
 * @returns {string | undefined} what is wrong with it and what to do
 */
export function nodeComplaint(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  // From 22.18 on Node runs TypeScript without a flag.
  if (major > 22 || (major === 22 && minor >= 18)) return undefined;
  return (
    `This repository needs Node 24 (at least 22.18), and this is ${version}.\n` +
    'Run its commands as "npx --yes pnpm@12.21.0 <command>": that brings Node 24 along on Linux (glibc) and Windows.\n' +
    'On macOS and musl install Node 24 or later first, and run the command again.'
  );
}

const complaint = nodeComplaint(process.version);
if (complaint !== undefined) {
  process.stderr.write(`${complaint}\n`);
  process.exit(1);
}
