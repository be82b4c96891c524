/**
 * Checks of options that come from code without types, so that a mistake is told where it was made and not as a TypeError
 * from deep within.
 *
 * @module
 */
import { GomindError } from '../errors/gomind-error.ts';
import { findClosest } from './find-closest.ts';

/** What is asked of one option. */
export interface OptionCheck {
  /** Whether the value can be used. Not asked of undefined, which is an option that was left out. */
  readonly fits: (value: unknown) => boolean;
  /** Whether it must not be left out. Default: it may. */
  readonly isRequired?: boolean;
  /** What is accepted, as the end of a sentence: `a whole number from 1`. */
  readonly accepted: string;
}

/**
 * Says of an option that it must be an object with these methods.
 *
 * @param accepted what is accepted, for example `a Registry such as new LocalDiscovery()`
 */
export function withMethods(accepted: string, methods: readonly string[]): OptionCheck {
  return {
    fits: (value) =>
      typeof value === 'object' &&
      value !== null &&
      methods.every((method) => typeof (value as Readonly<Record<string, unknown>>)[method] === 'function'),
    accepted: `${accepted} (an object with ${methods.join(', ')})`,
  };
}

/** Says of an option that it must be a whole number. */
export function wholeNumber({ min, max }: { readonly min: number; readonly max?: number }): OptionCheck {
  return {
    fits: (value) => Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= (max ?? Infinity),
    accepted: `a whole number from ${String(min)}${max === undefined ? '' : ` to ${String(max)}`}`,
  };
}

/** Says of an option that it must be a whole number, or Infinity. */
export function bound({ min }: { readonly min: number }): OptionCheck {
  const { fits, accepted } = wholeNumber({ min });
  return {
    fits: (value) => value === Number.POSITIVE_INFINITY || fits(value),
    accepted: `${accepted}, or Infinity for no bound`,
  };
}

/** Says of an option that it must be milliseconds. */
export const milliseconds: OptionCheck = {
  fits: (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0,
  accepted: 'a number of milliseconds from 0',
};

/** Says of an option that it must be milliseconds above 0, or Infinity. */
export const deadline: OptionCheck = {
  fits: (value) => typeof value === 'number' && value > 0,
  accepted: 'a number of milliseconds above 0, or Infinity for none',
};

/** Says of an option that it must be text with something in it. */
export const someText: OptionCheck = {
  fits: (value) => typeof value === 'string' && value.trim() !== '',
  accepted: 'text that is not empty',
};

/** Says of an option that it must be a function. */
export const aFunction: OptionCheck = { fits: (value) => typeof value === 'function', accepted: 'a function' };

/** Says of an option that it must be a Logger. */
export const aLogger: OptionCheck = withMethods('a Logger such as noopLogger', [
  'debug',
  'info',
  'warn',
  'error',
  'child',
]);

/**
 * Checks options by name and tells everything that is wrong with them at once.
 *
 * @param what what the options belong to, as the beginning of a sentence: `serve`
 * @throws GomindError `CONFIG_INVALID` with `details.problems`
 */
export function checkOptions(what: string, options: unknown, checks: Readonly<Record<string, OptionCheck>>): void {
  requireObject(what, options);
  const problems = Object.entries(checks).flatMap(([name, { fits, accepted, isRequired = false }]) => {
    const value = options[name];
    return (value === undefined ? !isRequired : fits(value))
      ? []
      : [`${name} must be ${accepted}, not ${described(value)}`];
  });
  if (problems.length > 0) throw invalid(`The options of ${what} cannot be used: ${problems.join('; ')}.`, problems);
}

const shortName = 6;

/**
 * Refuses a name that is nearly one of the known ones: a mistyped option would have no effect, and nobody would tell. Other
 * unknown names are left alone, because an object of options may serve several makers.
 *
 * @param what what the options belong to, as the beginning of a sentence: `serve`
 * @param known every name that has a meaning
 * @throws GomindError `CONFIG_INVALID` with `details.problems`, also for what is no object
 */
export function checkNames(what: string, options: unknown, known: readonly string[]): void {
  requireObject(what, options);
  const problems = Object.keys(options).flatMap((name) => {
    if (known.includes(name)) return [];
    const closest = findClosest(name, known, name.length < shortName ? 1 : 2);
    return closest === undefined ? [] : [`there is no "${name}"; did you mean "${closest}"?`];
  });
  if (problems.length > 0) throw invalid(`The options of ${what} cannot be used: ${problems.join(' ')}`, problems);
}

function requireObject(what: string, options: unknown): asserts options is Readonly<Record<string, unknown>> {
  if (typeof options === 'object' && options !== null && !Array.isArray(options)) return;
  throw invalid(`${what} takes its options as an object, not ${described(options)}.`, []);
}

const longestShownText = 16;

function described(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  // What is long may be a key that was given in the wrong place.
  if (typeof value === 'string') {
    return value.length > longestShownText ? `a text of ${String(value.length)} characters` : JSON.stringify(value);
  }
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'another kind of object' : `a ${typeof value}`;
}

function invalid(message: string, problems: readonly string[]): GomindError {
  return new GomindError({ code: 'CONFIG_INVALID', message, details: { problems } });
}
