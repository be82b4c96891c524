import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extractJson } from './extract-json.ts';

const plan = { steps: [{ name: 'quote', inputs: { symbol: 'TSLA' }, depends_on: [] }] };
const text = JSON.stringify(plan, null, 2);

function valueOf(reply: string): unknown {
  const result = extractJson(reply);
  return result.ok ? result.value : result.diagnostics.map((diagnostic) => diagnostic.code);
}

describe('a reply of several values where the caller knows the form of the answer', () => {
  const fits = (value: unknown): boolean => typeof value === 'object' && value !== null && 'steps' in value;
  const plan = '{"steps": [1]}';
  const other = '{"steps": [2]}';
  const fence = (text: string): string => `\`\`\`json\n${text}\n\`\`\``;

  it.each([
    ['behind another one', `{"a": 1} ${plan}`],
    ['behind a fenced one', `${fence('{"a": 1}')}\n${plan}`],
    ['in a later block', `${fence('{"a": 1}')}\nThen:\n${fence(plan)}`],
    ['in a fence on the line of another one', `{"a": 1} ${fence(plan)}`],
    ['twice', `${fence('{"a": 1}')}\n${fence(plan)} ${plan}`],
  ])('gives the one that fits: %s', (_where, reply) => {
    expect(extractJson(reply, { fits })).toEqual({ ok: true, value: { steps: [1] } });
  });

  it.each([
    ['the two that fit are different', `${plan} ${other}`],
    [
      'the two that fit are different, and words stand between',
      `${fence(plan)}\n${fence(other)}\n${fence('{"a": 1}')}`,
    ],
    ['the last of two is the answer anyhow', `First ${plan}, or better ${other}`],
    ['another one behind may take it back', `${plan} No, that cannot be done: {"error": "no tool"}`],
    ['a block behind may take it back', `${fence(plan)}\nThen:\n${fence('{"ok": true}')}`],
    ['none fits', '{"a": 1} {"b": 2}'],
    ['the later one is cut off', `${plan}\n{"steps": [2`],
    ['the one that fits goes on behind its end', `${fence(`${plan}, "more": 1}`)}\n${fence('{"ok": true}')}`],
    ['they are one JSON list', `[{"a": 1}, ${plan}]`],
  ])('changes nothing when %s', (_what, reply) => {
    expect(extractJson(reply, { fits })).toEqual(extractJson(reply));
  });
});

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
    ['a byte order mark and typographic quotes', text.replaceAll('"', '”')],
    ['hash comments', `{ # the plan's steps\n${text.slice(1)}`],
    ['wide spaces', text.replaceAll(' ', '\u00A0')],
    ['a call', `respond(${text});`],
    ['escaped quotes', text.replaceAll('"', '\\"')],
    ['one closing bracket too many', `${text}}`],
    ['missing commas', text.replaceAll(',\n', '\n')],
    ['JSON inside a JSON string', JSON.stringify(JSON.stringify(plan))],
  ])('reads a plan behind %s', (_kind, reply) => {
    expect(valueOf(reply)).toEqual(plan);
  });

  it('keeps apostrophes inside single-quoted strings', () => {
    expect(valueOf("{'note': 'it's fine', 'n': 1}")).toEqual({ note: "it's fine", n: 1 });
  });

  it.each<[string, string, unknown]>([
    [
      'literals of Python and JavaScript',
      '{a: True, b: None, c: FALSE, d: undefined}',
      { a: true, b: null, c: false, d: null },
    ],
    ['tuples', "{'point': (1, 2)}", { point: [1, 2] }],
    ['joined strings', '{"a": "x" + "y" + \'z\'}', { a: 'xyz' }],
    ['prefixed strings', "{u'a': b'x'}", { a: 'x' }],
    [
      'quotes that were not escaped',
      '{"a": "He said "hi", then left", "b": 1}',
      { a: 'He said "hi", then left', b: 1 },
    ],
    ['inches', '["a 24" screen", "b"]', ['a 24" screen', 'b']],
    ['line breaks in strings', '{"a": "one\ntwo"}', { a: 'one\ntwo' }],
    ['addresses without quotes', '[https://example.com/a?b=c]', ['https://example.com/a?b=c']],
    ['references without quotes', '{"a": ${steps.quote.output.price}}', { a: '${steps.quote.output.price}' }],
    ['sums', '{"a": 100 * 468.285, "b": (1 + 2) * -3, "c": 10 / 4}', { a: 46_828.5, b: -9, c: 2.5 }],
    [
      'values that only look like sums',
      '{"a": 2024-01-15, "b": 1/3, "c": 555-1234, "d": 007}',
      { a: '2024-01-15', b: '1/3', c: '555-1234', d: '007' },
    ],
    ['items that nothing holds together', '{"a":1},\n{"a":2}', [{ a: 1 }, { a: 2 }]],
    ['items line by line', '{"a":1}\n{"a":2}\n', [{ a: 1 }, { a: 2 }]],
    ['the same answer twice', '{"a":1}{"a":1}', { a: 1 }],
    ['a string that holds a bracket', '"{"', '{'],
    ['one string', "'it is done'", 'it is done'],
  ])('reads %s', (_kind, reply, expected) => {
    expect(valueOf(reply)).toEqual(expected);
  });

  it.each([
    ['different answers one behind the other', '{"a":1}{"b":2}', 'MODEL_INVALID_JSON'],
    ['brackets that cross', "[{'a': {'b': 1}}}, {'c': 2}]", 'PLAN_TRUNCATED'],
    ['a bracket that is missing in the middle', '[{"a": {"b": 1}, {"c": 2}]', 'MODEL_INVALID_JSON'],
    ['JSON that goes on behind its end', '{"a": 1}, "b": 2}', 'MODEL_INVALID_JSON'],
    ['a list that closed too early', '{"steps": [{"a": 1}]}, {"a": 2}]}', 'MODEL_INVALID_JSON'],
    ['a hole', '{"steps": [{"a": 1}, ...]}', 'MODEL_INVALID_JSON'],
    ['a key without a value', '{"b": 1, "a": }', 'MODEL_INVALID_JSON'],
    ['digits with words behind them', '{"b": 1, "a": 5 apples}', 'MODEL_INVALID_JSON'],
    ['an escape that is none', '{"b": 1, "a": "\\u12G4"}', 'MODEL_INVALID_JSON'],
  ])('refuses %s instead of guessing', (_kind, reply, code) => {
    expect(valueOf(reply)).toEqual([code]);
  });

  it('says where a reply broke', () => {
    const result = extractJson('{"b": 1, "a": }');
    expect(result.ok ? '' : result.diagnostics[0]?.message).toMatch(/character 15.*"a"/);
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

  it('takes a thousand values for one list, and refuses more of them', () => {
    const values = (count: number): string => '{"a":1},'.repeat(count - 1) + '{"a":1}';
    expect(valueOf(values(1_000))).toHaveLength(1_000);
    expect(valueOf(values(1_001))).toEqual(['LIMIT_EXCEEDED']);
  });

  it('refuses what is hardly JSON: thousands of places to mend, or of brackets that open none', () => {
    const hopeless = [
      ['[', '“/'],
      ['[', ',*'],
      ['{"a":', ' “'],
      ['[', '\n-'],
      ['', '[[{'],
      ['{', '"b":1 "c":2 '],
      ['["x"', ' + "b"'],
    ] as const;
    for (const [start, pattern] of hopeless) {
      expect([pattern, valueOf(start + pattern.repeat(20_000))]).toEqual([pattern, ['LIMIT_EXCEEDED']]);
    }
  });

  it('takes long lists of numbers and objects in the writing of Python', () => {
    const numbers = Array.from({ length: 10_000 }, (_, index) => index);
    expect(valueOf(`[${numbers.join(',')},]`)).toEqual(numbers);
    const rows = Array.from({ length: 2_000 }, (_, id) => ({ id, name: 'n', isOpen: true }));
    const written = rows.map(({ id }) => `{'id': ${String(id)}, 'name': 'n', 'isOpen': True}`).join(', ');
    expect(valueOf(`[${written}]`)).toEqual(rows);
  });

  it('finds the answer behind hundreds of brackets that open none', () => {
    for (const bracket of ['{// no\n', '{: ']) expect(valueOf(`${bracket.repeat(500)}\n${text}`)).toEqual(plan);
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

  it('reads the same value however it is written, and never a part of it', () => {
    const python = (value: unknown): string => {
      if (value === null) return 'None';
      if (typeof value === 'boolean') return value ? 'True' : 'False';
      if (typeof value === 'string')
        return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;
      if (Array.isArray(value)) return `[${value.map((item) => `${python(item)}, # item\n`).join('')}]`;
      if (typeof value !== 'object') return JSON.stringify(value);
      return `{${Object.entries(value)
        .map(([key, inner]) => `${python(key)}: ${python(inner)},`)
        .join(' /* , } */ ')}}`;
    };
    const name = fc.stringMatching(/^[a-z][a-z_]{0,8}$/);
    const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
    const { tree } = fc.letrec((tie) => ({
      tree: fc.dictionary(name, fc.oneof({ maxDepth: 3 }, leaf, tie('tree'), fc.array(leaf)), { minKeys: 1 }),
    }));
    fc.assert(
      fc.property(tree, fc.double({ min: 0, max: 0.999, noNaN: true }), (value, cut) => {
        const written = python(value);
        expect(valueOf(written)).toEqual(value);
        const part = written.slice(0, Math.floor(written.length * cut));
        if (part.trim() !== '') expect(extractJson(part).ok).toBe(false);
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
      '{//\n'.repeat(15_000),
      '{\\"a\\":} '.repeat(7_000),
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
