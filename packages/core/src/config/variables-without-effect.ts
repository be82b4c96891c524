/**
 * Environment variables whose meaning is settled and that nothing acts on yet. Whoever sets one counts on it, so it is not
 * passed over in silence.
 *
 * @module
 */
import { type Environment, readEnv } from './read-env.ts';

/** A variable that is set and does nothing. */
export interface VariableWithoutEffect {
  readonly variable: string;
  /** A sentence on what happens instead, and what to do about it. */
  readonly message: string;
}

const consequences = {
  GOMIND_API_KEYS:
    'components answer everybody who reaches them. Keep them on 127.0.0.1 or in a private network, or put a proxy before them that checks keys',
  GOMIND_EGRESS_ALLOW:
    'components are called wherever the registry says they are. Bound what this process reaches in its network',
  GOMIND_MODE: 'everything works the same in development and in production',
} as const;

/** Names that {@link variablesWithoutEffect} knows. */
export type UnusedVariable = keyof typeof consequences;

/**
 * Which of these variables are set, and what that means.
 *
 * @param names the ones to look for; by default all
 * @param environment default: the process's own
 */
export function variablesWithoutEffect(
  names: readonly UnusedVariable[] = Object.keys(consequences) as UnusedVariable[],
  environment?: Environment,
): readonly VariableWithoutEffect[] {
  return names
    .filter((variable) => readEnv(variable, environment) !== undefined)
    .map((variable) => ({
      variable,
      message: `The environment variable ${variable} is set and has no effect yet: ${consequences[variable]}.`,
    }));
}
