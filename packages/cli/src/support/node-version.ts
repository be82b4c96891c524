/**
 * Whether this Node can run the command. Loaded by every Node that somebody has, so it uses nothing new.
 *
 * @module
 */

const least = { major: 22, minor: 13 };

/**
 * Judges a version of Node.
 *
 * @param version for example `v24.21.0`
 * @returns what is wrong with it and what to do; undefined when it will do
 */
export function nodeComplaint(version: string): string | undefined {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  if (major > least.major || (major === least.major && minor >= least.minor)) return undefined;
  return `gomind needs Node ${String(least.major)}.${String(least.minor)} or later, and this is ${version}. Install a newer one from https://nodejs.org, or with your version manager (nvm install 24).`;
}
