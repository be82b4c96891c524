import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extractJson } from './extract-json.ts';

const plan = { steps: [{ name: 'quote', inputs: { symbol: 'TSLA' }, depends_on: [] }] };
const text = JSON.stringify(plan, null, 2);

function valueOf(reply: string): unknown {
  const result = extractJson(reply);
  return result.ok ? result.value : result.diagnostics.map((diagnostic) => diagnostic.code);
}

describe('extractJson', () => {
  it.each([
    ['plain JSON', text],
    ['a byte order mark', `\uFEFF${text}`],
    ['a fenced block', `\`\`\`json\n${text}\n\`\`\``],
    ['a tilde fence', `~~~json\n${text}\n~~~`],
    ['a fence that is never closed', `\`\`\`json\n${text}`],
    ['prose before and after', `Sure! Here's the plan:\n\n${text}\n\nIt's ready, isn't it?`],
    [
      'prose with braces around a fence',
      `The components {tools, agents}:\n\`\`\`json\n${text}\n\`\`\`\nNote: {step} names.`,
    ],
    ['a draft inside thinking', `<think>first {"steps":[]} no</think>\n${text}`],
    ['an unbalanced brace inside thinking', `<thinking>Let me plan { carefully</thinking>\n${text}`],
    ['thinking that lost its opening tag', `a draft {"steps":[]}</think>\n${text}`],
    ['a variable declaration', `const plan = ${text};`],
    ['an XML wrapper', `<plan>\n${text}\n</plan>`],
    ['trailing commas', '{"steps":[{"name":"quote","inputs":{"symbol":"TSLA",},"depends_on":[],},],}'],
    ['comments', `{ // the plan's steps\n${text.slice(1)}`],
    ['Python quoting', "{'steps': [{'name': 'quote', 'inputs': {'symbol': 'TSLA'}, 'depends_on': []}]}"],
    ['unquoted keys', '{steps: [{name: "quote", inputs: {symbol: "TSLA"}, depends_on: []}]}'],
    ['JSON inside a JSON string', JSON.stringify(JSON.stringify(plan))],
  ])('reads a plan behind %s', (_kind, reply) => {
    expect(valueOf(reply)).toEqual(plan);
  });

  it('keeps apostrophes inside single-quoted strings', () => {
    expect(valueOf("{'note': 'it's fine', 'n': 1}")).toEqual({ note: "it's fine", n: 1 });
  });

  it('takes the last of several complete answers', () => {
    expect(valueOf(`Draft:\n\`\`\`json\n{"steps":[]}\n\`\`\`\nFinal:\n\`\`\`json\n${text}\n\`\`\``)).toEqual(plan);
    expect(valueOf(`{"steps":[]} or rather ${text}`)).toEqual(plan);
  });

  it('refuses a plan that is cut off anywhere, at every length', () => {
    for (let length = 1; length < text.length; length++) {
      expect(valueOf(text.slice(0, length)), `cut at ${String(length)}`).not.toEqual(plan);
      expect(extractJson(text.slice(0, length)).ok, `cut at ${String(length)}`).toBe(false);
    }
  });

  it('does not let an earlier draft stand in for a final answer that is cut off', () => {
    expect(valueOf(`\`\`\`json\n{"steps":[]}\n\`\`\`\nFinal:\n\`\`\`json\n${text.slice(0, 40)}`)).toEqual([
      'PLAN_TRUNCATED',
    ]);
    expect(valueOf(`{"steps":[]}\n${text.slice(0, 40)}`)).toEqual(['PLAN_TRUNCATED']);
  });

  it('refuses complete JSON when the model ran out of tokens', () => {
    expect(extractJson(text, { finishReason: 'length' })).toMatchObject({
      ok: false,
      diagnostics: [{ code: 'PLAN_TRUNCATED' }],
    });
  });

  it('closes what is left open only when asked to', () => {
    expect(extractJson('{"a":[1,2', { allowTruncated: true })).toEqual({ ok: true, value: { a: [1, 2] } });
  });

  it.each([
    '',
    "I'm sorry, but I can't help with that.",
    '1. Call a tool\n2. Call another',
    'see {tools, agents}',
    '<think>only {"a":1}',
  ])('finds no JSON in %j', (reply) => {
    expect(valueOf(reply)).toEqual(['MODEL_INVALID_JSON']);
  });

  it('drops keys that could reach a prototype', () => {
    const value = valueOf('{"__proto__":{"polluted":true},"a":{"__proto__":{"x":1}}}');
    expect(Object.keys(value as object)).toEqual(['a']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('refuses what is too large or too deep', () => {
    expect(valueOf('['.repeat(100) + ']'.repeat(100) + '{')).toEqual(['LIMIT_EXCEEDED']);
    expect(valueOf(`{"a":"${'x'.repeat(1_100_000)}"`)).toEqual(['LIMIT_EXCEEDED']);
  });

  it('gives back every JSON object that it is given, whatever stands around it', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })), (value) => {
        const clean = JSON.parse(JSON.stringify(value), (key, inner: unknown) =>
          key === '__proto__' ? undefined : inner,
        ) as unknown;
        expect(valueOf(`\`\`\`json\n${JSON.stringify(value)}\n\`\`\``)).toEqual(clean);
      }),
    );
  });

  it('answers hostile replies in bounded work and without throwing', () => {
    const hostile = [
      '```json\n{'.repeat(5_000),
      '{"a":'.repeat(20_000),
      "'".repeat(50_000),
      '<think>'.repeat(10_000),
      '[{'.repeat(30) + "'".repeat(60_000),
    ];
    for (const reply of hostile) expect(() => extractJson(reply)).not.toThrow();
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from('{}[]"\',:/*`~<>thinka1 \n\\')) }),
        (reply) => void extractJson(reply),
      ),
    );
  });
});
