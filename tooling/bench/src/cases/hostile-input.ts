/**
 * How long one text of 64 KB that was made to be slow holds up the event loop: templates, expressions, plans and replies,
 * against reading a string of that size from JSON 20 times.
 *
 * @module
 */
import { extractJson, resolveExpressions, validatePlan } from '@gomind/orchestration';
import type { BenchCase } from '../bench-case.ts';
import { type BenchRow, measure } from '../measure.ts';

const size = 65_536;
const boundMs = 5;

/** Repeats a pattern up to 64 KB. */
function fill(pattern: string, around: readonly [string, string] = ['', '']): string {
  return (
    around[0] + pattern.repeat(Math.floor((size - around[0].length - around[1].length) / pattern.length)) + around[1]
  );
}

const cel = (inside: string): string => fill(`\${${inside}}`);
const templates = {
  'unclosed expressions': fill('${'),
  'unclosed strings in expressions': fill("${'"),
  'long sums': cel(`${'1+'.repeat(400)}1`),
  'chains of ??': cel(`${'inputs.a ?? '.repeat(60)}1`),
  'nested brackets': cel('('.repeat(4_000)),
  'long lists': cel(`[${'1,'.repeat(900)}1]`),
  'a long path': fill('.a', ['${inputs', '}']),
  'many references': fill('${inputs.a}'),
  'wide characters': fill('😀${'),
  backslashes: fill('\\${'),
};
const replies = {
  'open braces': fill('{'),
  'open strings': fill('{"'),
  'small objects': fill('{"a":1}'),
  'damaged objects': fill("{'a':1,}"),
  'closing tags': fill('</think>'),
  fences: fill('```json\n'),
  'open brackets in fences': fill('```\n{[\n'),
  'lists without commas': fill('[“/'),
  'words without quotes': fill(',*', ['[', '']),
  'strings without commas': fill(' “', ['{"a":', '']),
  'brackets that open none': fill('[[{'),
  'open parentheses': fill(' ('),
  'short numbers': fill('1,', ['[', '']),
  'short strings': fill('",', ['[', '']),
  'typographic quotes': fill('“'),
  backslashes: fill('\\', ['["', '']),
  'names without quotes': fill('a:1,', ['{', '']),
};

export const benchCase: BenchCase = {
  summary: 'one hostile text of 64 KB each; the fastest round may take 5 ms',
  run: async (): Promise<readonly BenchRow[]> => {
    const harmless = JSON.stringify('x'.repeat(size));
    const baseline = 'reading 64 KB of JSON 20 times';
    const variants: Record<string, () => void> = {
      [baseline]: () => {
        for (let left = 20; left > 0; left--) JSON.parse(harmless);
      },
    };
    for (const [name, text] of Object.entries(templates)) {
      let round = 0;
      // Another text each time: what is compiled once is kept.
      const fresh = (): string => text.replaceAll('1', String(++round % 10));
      variants[`resolve ${name}`] = () => {
        refuse(() => resolveExpressions(fresh(), { inputs: { a: 1 } }));
      };
      variants[`prove ${name}`] = () => {
        validatePlan({ steps: [{ name: 'a', component: 't', action: 'x', inputs: { text: fresh() } }] }, []);
      };
    }
    for (const [name, text] of Object.entries(replies)) variants[`find JSON in ${name}`] = () => void extractJson(text);
    const measurements = await measure(variants, { baseline, rounds: 15, warmupRounds: 5 });
    return measurements.map((row) => (row.name === baseline ? row : { ...row, time: { boundMs } }));
  },
};

function refuse(work: () => unknown): void {
  try {
    work();
  } catch {
    // Most of these are refused; how long that takes is what is measured.
  }
}
