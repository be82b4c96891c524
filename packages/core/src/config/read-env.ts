/**
 * The only reader of `process.env`. A value that cannot be read is an error that names the variable, what is wrong with
 * it and the accepted form; secrets are never quoted.
 *
 * @module
 */
import type { LogLevel } from '../contracts/logger.ts';
import { GomindError } from '../errors/gomind-error.ts';
import { redactText } from '../redaction/redact-text.ts';
import { parseDurationMs } from './duration.ts';

/** A set of environment variables. Default everywhere: the process's own. */
export type Environment = Readonly<Record<string, string | undefined>>;

function invalid(name: string, value: string, accepted: string): GomindError {
  const text = redactText(value);
  const shown = text.length > 40 ? `${text.slice(0, 40)}...` : text;
  return new GomindError({
    code: 'CONFIG_INVALID',
    message: `Environment variable ${name} has the value "${shown}", which cannot be read. Accepted: ${accepted}.`,
    details: { variable: name, accepted },
  });
}

/**
 * A text variable.
 *
 * @returns the trimmed value, or undefined when it is unset or empty
 */
export function readEnv(name: string, environment: Environment = process.env): string | undefined {
  const value = environment[name]?.trim();
  return value === undefined || value === '' ? undefined : value;
}

/**
 * A whole-number variable.
 *
 * @param bounds smallest and largest accepted value
 * @throws GomindError `CONFIG_INVALID`
 */
export function readEnvInteger(
  name: string,
  bounds: { readonly min?: number; readonly max?: number } = {},
  environment?: Environment,
): number | undefined {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = bounds;
  const value = readEnv(name, environment);
  if (value === undefined) return undefined;
  const number = /^[+-]?\d+$/.test(value) ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(number) || number < min || number > max) {
    throw invalid(name, value, `a whole number from ${String(min)} to ${String(max)}`);
  }
  return number;
}

/**
 * A decimal-number variable.
 *
 * @param bounds smallest and largest accepted value
 * @throws GomindError `CONFIG_INVALID`
 */
export function readEnvNumber(
  name: string,
  bounds: { readonly min?: number; readonly max?: number } = {},
  environment?: Environment,
): number | undefined {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = bounds;
  const value = readEnv(name, environment);
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!Number.isFinite(number) || number < min || number > max) {
    throw invalid(name, value, `a number from ${String(min)} to ${String(max)}`);
  }
  return number;
}

const booleans: Readonly<Record<string, boolean>> = {
  true: true,
  '1': true,
  yes: true,
  on: true,
  false: false,
  '0': false,
  no: false,
  off: false,
};

/**
 * A yes-or-no variable.
 *
 * @throws GomindError `CONFIG_INVALID`
 */
export function readEnvBoolean(name: string, environment?: Environment): boolean | undefined {
  const value = readEnv(name, environment);
  if (value === undefined) return undefined;
  const boolean = Object.hasOwn(booleans, value.toLowerCase()) ? booleans[value.toLowerCase()] : undefined;
  if (boolean === undefined) throw invalid(name, value, 'true, 1, yes, on, false, 0, no or off');
  return boolean;
}

/**
 * A duration variable.
 *
 * @returns milliseconds, above 0
 * @throws GomindError `CONFIG_INVALID`
 */
export function readEnvDurationMs(name: string, environment?: Environment): number | undefined {
  const value = readEnv(name, environment);
  if (value === undefined) return undefined;
  const durationMs = parseDurationMs(value);
  if (durationMs === undefined || durationMs <= 0) {
    throw invalid(name, value, 'a duration such as 250ms, 30s, 5m or 1h30m, above 0');
  }
  return durationMs;
}

/**
 * A text variable whose form something else judges: what refuses it as an option refuses it with the variable's name.
 *
 * @param fits whether a value can be used, and in words what can
 * @throws GomindError `CONFIG_INVALID`
 */
export function readEnvText(
  name: string,
  fits: { readonly test: (value: string) => boolean; readonly accepted: string },
  environment?: Environment,
): string | undefined {
  const value = readEnv(name, environment);
  if (value !== undefined && !fits.test(value)) throw invalid(name, value, fits.accepted);
  return value;
}

/**
 * A variable with a fixed set of values.
 *
 * @throws GomindError `CONFIG_INVALID`
 */
export function readEnvChoice<const T extends string>(
  name: string,
  choices: readonly T[],
  environment?: Environment,
): T | undefined {
  const value = readEnv(name, environment);
  if (value === undefined) return undefined;
  const choice = choices.find((candidate) => candidate === value.toLowerCase());
  if (choice === undefined) throw invalid(name, value, choices.join(', '));
  return choice;
}

/**
 * The least severity that is logged where no logger is given: `GOMIND_LOG_LEVEL`.
 *
 * @returns default: `warn`
 * @throws GomindError `CONFIG_INVALID`
 */
export function readLogLevel(environment?: Environment): LogLevel {
  return readEnvChoice('GOMIND_LOG_LEVEL', ['debug', 'info', 'warn', 'error'], environment) ?? 'warn';
}
