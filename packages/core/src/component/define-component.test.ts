import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import type { Discovery } from '../contracts/discovery.ts';
import type { JsonSchema } from '../contracts/json.ts';
import { GomindError } from '../errors/gomind-error.ts';
import { type CapabilityTypesOf, defineAgent, defineTool } from './define-component.ts';

const base = { name: 'tool', description: 'Does things' };
const capability = { description: 'Does a thing', input: z.object({}), handler: () => ({}) };

describe('defineTool and defineAgent', () => {
  it('infer what handlers get and must return from the schemas', () => {
    const tool = defineTool({
      ...base,
      capabilities: {
        add: {
          description: 'Add two numbers',
          input: z.object({ left: z.number(), right: z.number().default(1) }),
          output: z.object({ sum: z.number() }),
          handler: (input, context) => {
            expectTypeOf(input).toEqualTypeOf<{ left: number; right: number }>();
            expectTypeOf(context.signal).toEqualTypeOf<AbortSignal>();
            return { sum: input.left + input.right };
          },
        },
        raw: {
          description: 'Takes raw JSON Schema',
          input: { type: 'object', properties: { text: { type: 'string' } } },
          handler: (input) => {
            expectTypeOf(input).toEqualTypeOf<Record<string, unknown>>();
            return input['text'];
          },
        },
      },
    });
    expect(tool.capabilities.get('add')?.input.jsonSchema).toMatchObject({ type: 'object', required: ['left'] });
    expect(tool.capabilities.get('raw')?.effect).toBe('irreversible');
  });

  it('tell what a capability takes and gives', () => {
    expectTypeOf<CapabilityTypesOf<{ add: z.ZodString; raw: JsonSchema }, { add: z.ZodNumber }>>().toEqualTypeOf<{
      readonly add: { readonly input: string; readonly output: number };
      readonly raw: { readonly input: Record<string, unknown>; readonly output: unknown };
    }>();
  });

  it('do not let a tool discover, and let an agent', () => {
    defineTool({
      ...base,
      capabilities: {
        look: {
          ...capability,
          handler: (_input, context) => {
            expectTypeOf(context).not.toHaveProperty('discovery');
            return {};
          },
        },
      },
    });
    defineAgent({
      ...base,
      capabilities: {
        look: {
          ...capability,
          handler: (_input, context) => {
            expectTypeOf(context.discovery).toEqualTypeOf<Discovery>();
            return {};
          },
        },
      },
    });
  });

  it.each([
    [
      'a name with spaces',
      () => defineTool({ ...base, name: 'my tool', capabilities: { a: capability } }),
      /name of a tool/,
    ],
    [
      'an empty description',
      () => defineTool({ ...base, description: ' ', capabilities: { a: capability } }),
      /description/,
    ],
    ['no capability', () => defineTool({ ...base, capabilities: {} }), /no capability/],
    ['a bad capability name', () => defineTool({ ...base, capabilities: { 'a/b': capability } }), /capability "a\/b"/],
    [
      'no handler',
      () => defineTool({ ...base, capabilities: { a: { ...capability, handler: undefined as never } } }),
      /handler/,
    ],
    ['nothing', () => defineTool(undefined as never), /defined by an object/],
    ['capabilities that are none', () => defineTool({ ...base, capabilities: null as never }), /no capability/],
    ['a capability that is none', () => defineTool({ ...base, capabilities: { a: null as never } }), /capability "a"/],
    [
      'an effect that nobody knows',
      () => defineTool({ ...base, capabilities: { a: { ...capability, effect: 'safe' as never } } }),
      /capability "a".* is "safe".*pure, idempotent, compensable, irreversible/,
    ],
    [
      'tags that are no list',
      () => defineTool({ ...base, capabilities: { a: { ...capability, tags: 'money' as never } } }),
      /tags/,
    ],
    [
      'a schema that is none',
      () => defineTool({ ...base, capabilities: { a: { ...capability, input: 42 as never } } }),
      /schema/i,
    ],
  ])('refuse %s, saying where', (_what, define, message) => {
    expect(define).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(message) as string }),
    );
  });
});

describe('what cannot be a capability is refused where it is written', () => {
  it.each([
    [
      'an object of schemas',
      { input: { text: z.string() } },
      /^The input of capability "run" of "tool" is an object of schemas.*z\.object/,
    ],
    ['an output of schemas', { output: { text: z.string() } }, /^The output of .* is an object of schemas/],
    ['a text as input', { input: z.string() }, /^The input of capability "run" of "tool" accepts "string"/],
    ['a list as input', { input: { type: 'array' } }, /accepts "array", but inputs are given by name/],
    ['no input', { input: undefined }, /^The input of capability "run" of "tool" cannot be used\. A schema must be/],
    ['a function', { input: () => z.object({}) }, /^The input of .* cannot be used\. A schema must be/],
    ['an empty list', { input: [] }, /^The input of .* cannot be used\. A schema must be/],
    [
      'a schema that throws',
      {
        input: z.object({
          later: z.lazy(() => {
            throw new Error('no such schema');
          }),
        }),
      },
      /^The input of .* cannot be used\. A zod schema has no JSON Schema form/,
    ],
    ['null as output', { output: null }, /^The output of .* cannot be used\. A schema must be/],
    ['inputs', { inputs: z.object({}) }, /no "inputs"; did you mean "input"\?/],
    ['efect', { efect: 'pure' }, /no "efect"; did you mean "effect"\?/],
  ])('%s', (_what, part, message) => {
    const options = { ...base, capabilities: { run: { ...capability, ...part } } };
    expect(() => defineTool(options as never)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(message) as string }),
    );
  });

  it('and by the code of what is missing, when a schema needs what is not installed', () => {
    const missing = new GomindError({
      code: 'DEPENDENCY_MISSING',
      message: 'Install it.',
      details: { package: 'zod' },
    });
    const input = {
      '~standard': {
        version: 1,
        vendor: 'zod',
        validate: (value: unknown) => ({ value }),
        get jsonSchema(): never {
          throw missing;
        },
      },
    };
    expect(() => defineTool({ ...base, capabilities: { run: { ...capability, input } } })).toThrow(
      expect.objectContaining({
        code: 'DEPENDENCY_MISSING',
        message: expect.stringMatching(/^The input of capability "run" .* Install it\.$/) as string,
        details: { package: 'zod' },
      }),
    );
  });

  it('as a name that cannot be written', () => {
    expect(() => defineTool({ ...base, name: Symbol('tool'), capabilities: { run: capability } } as never)).toThrow(
      /^The name of a tool must be 1 to 128 letters/,
    );
  });

  it('as a name that is mistyped', () => {
    expect(() => defineTool({ ...base, capabilites: {}, capabilities: { run: capability } } as never)).toThrow(
      /no "capabilites"; did you mean "capabilities"\?/,
    );
  });

  it.each([
    ['anything', z.any()],
    ['one of several objects', z.union([z.object({ a: z.string() }), z.object({ b: z.string() })])],
    ['names that nobody knows before', z.record(z.string(), z.number())],
    ['a JSON Schema without a type', {}],
    ['an object or null', { type: ['object', 'null'] }],
  ])('but not %s', (_what, input) => {
    expect(() => defineTool({ ...base, capabilities: { run: { ...capability, input } } })).not.toThrow();
  });
});
