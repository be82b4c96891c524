/**
 * The one way in which a text loses its secrets.
 *
 * @module
 */
import { withoutAssignedSecrets } from './assigned-secrets.ts';
import { withoutKnownSecrets } from './known-secrets.ts';
import { withoutProtectedValues } from './protected-values.ts';
import { redactMembers } from './redact-members.ts';
import { isSecretName } from './secret-names.ts';
import { redacted } from './redacted.ts';

/** Without one of these there is no name that could hold a secret. */
const mayHoldSecretName = /token|secret|passw|passphrase|credential|key|pwd|authorization|cookie|jwt|bearer/i;

/** What is taken out of a text besides what always is. */
export interface RedactTextOptions {
  /** Values that must never appear. Default: none. */
  readonly secrets?: readonly string[];
  /** Says which further names hold secrets. Default: none do. */
  readonly isSecretName?: (name: string) => boolean;
}

/**
 * A text without secrets: protected values, keys and tokens that are known by their looks, credentials in URLs and headers,
 * and the values of names that hold secrets, in JSON and in plain text. Anything else stays as it is, whatever its length.
 *
 * @param text any text
 */
export function redactText(text: string, options: RedactTextOptions = {}): string {
  const { secrets = [], isSecretName: isSecretHere } = options;
  let clean = withoutProtectedValues(text);
  for (const secret of secrets) clean = clean.replaceAll(secret, redacted);
  const isSecret =
    isSecretHere === undefined ? isSecretName : (name: string): boolean => isSecretName(name) || isSecretHere(name);
  if (isSecretHere !== undefined || mayHoldSecretName.test(clean)) {
    clean = withoutAssignedSecrets(redactMembers(clean, isSecret), isSecret);
  }
  return withoutKnownSecrets(clean);
}
