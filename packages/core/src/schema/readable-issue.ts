/**
 * What the checker of JSON Schemas says, in the words of whoever gave the value.
 *
 * @module
 */

type Rewrite = (error: string) => string | undefined;

const quotedWords = (list: string): string => [...list.matchAll(/"([^"]+)"/g)].map(([, word]) => word).join(' or ');

/** By keyword of JSON Schema; what is not here says it well enough itself. */
const rewrites: Readonly<Record<string, Rewrite>> = {
  type: (error) => {
    const [, given, expected] = /^Instance type "(\w+)" is invalid\. Expected (.+)\.$/.exec(error) ?? [];
    return expected === undefined ? undefined : `Expected ${quotedWords(expected)}, not ${given ?? 'this'}.`;
  },
  required: (error) => {
    const [, name] = /^Instance does not have required property "(.*)"\.$/s.exec(error) ?? [];
    return name === undefined ? undefined : `The field "${name}" is missing.`;
  },
  enum: (error) => {
    const [, list] = /^Instance does not match any of (\[.*\])\.$/s.exec(error) ?? [];
    return list === undefined ? undefined : `Expected one of ${list}.`;
  },
  const: (error) => {
    const [, value] = /^Instance does not match (.*)\.$/s.exec(error) ?? [];
    return value === undefined ? undefined : `Expected ${value}.`;
  },
  exclusiveMinimum: (error) => error.replace(/is less than(?: or equal to)?/, 'is not above'),
  exclusiveMaximum: (error) => error.replace(/is greater than(?: or equal to)?/, 'is not below'),
  anyOf: () => 'It has none of the accepted forms.',
  oneOf: () => 'It has to have exactly one of the accepted forms.',
  not: () => 'This value is excluded.',
};

/**
 * Words one mistake.
 *
 * @param keyword the keyword of the schema that is broken
 * @param error what the checker says
 */
export function readableIssue(keyword: string, error: string): string {
  return rewrites[keyword]?.(error) ?? error;
}
