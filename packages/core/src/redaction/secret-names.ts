/**
 * Names whose values are secrets: `apiKey`, `X-Api-Key`, `client_secret`, but not `max_tokens` or `tokenType`.
 *
 * @module
 */

/** What a word of a name ends with when its value is a secret; compounds in one word (`authtoken`) count too. */
const secretWord =
  /(?:token|secrets?|passwords?|passwd|passphrase|credentials?|apikey|secretkey|privatekey|accesskey|accountkey)$|^(?:pwd|authorization|cookies?|jwt|bearer)$/;
/** What a key has to be the key of. */
const keyOwner =
  /^(?:api|access|account|auth|client|deploy|encryption|master|private|secret|service|shared|signing|ssh|subscription)$/;
/** Last words that make of a secret's name the name of something about it. */
const about = new Set(
  'age at bucket budget cost count counts description enabled endpoint expiration expires expiry field format hint id index kind length limit limits method name names path policy position price rate required schema size status ttl type types uri url usage valid'.split(
    ' ',
  ),
);
const maxKnownNames = 1_000;
const maxNameLength = 128;
const known = new Map<string, boolean>();

/**
 * Whether a value under this name must not be shown.
 *
 * @param name of a member, a header, a variable, an attribute; the spelling (camel, snake, kebab) does not matter
 */
export function isSecretName(name: string): boolean {
  if (name.length > maxNameLength) return false;
  const before = known.get(name);
  if (before !== undefined) return before;
  const answer = decide(wordsOf(name));
  if (known.size >= maxKnownNames) known.clear();
  known.set(name, answer);
  return answer;
}

function wordsOf(name: string): string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== '');
}

function decide(words: readonly string[]): boolean {
  if (about.has(words.at(-1) ?? '')) return false;
  return words.some((word, index) => {
    const isKey = (word === 'key' || word === 'keys') && keyOwner.test(words[index - 1] ?? '');
    return isKey || secretWord.test(word);
  });
}
