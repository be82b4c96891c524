import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CitationReader, readCitations } from './citations.ts';

const known = new Set(['quote', 'convert']);
const parts = (text: string): readonly (readonly [string, readonly string[]])[] => {
  const answer = readCitations(text, known);
  return answer.citations.map(({ start, end, steps }) => [answer.text.slice(start, end), steps]);
};

describe('readCitations', () => {
  it.each([
    ['no marker at all', 'no marker at all'],
    ['a[[step: quote]]', 'a'],
    ['  a [[STEPS:quote]] b  ', 'a b'],
    ['[[1, 2], [3, 4]] is a matrix', '[[1, 2], [3, 4]] is a matrix'],
    ['see [[some page]]', 'see [[some page]]'],
    ['never ended [[step: quote', 'never ended [[step: quote'],
    ['[[[step: quote]]]', '[]'],
  ])('reads %j as %j', (marked, text) => {
    expect(readCitations(marked, known).text).toBe(text);
  });

  it('lets a marker speak of what stands between the last one, or the line break, and itself', () => {
    expect(parts('Heading\n- one [[step: quote]], two [[step: convert]][[step: quote]].')).toEqual([
      ['- one', ['quote']],
      ['two', ['convert', 'quote']],
    ]);
  });

  it('reads the same however the text is cut into pieces, invents no step and loses no character', () => {
    const piece = fc.constantFrom(
      '[[step: quote]]',
      '[[steps: convert, x]]',
      '[[',
      ']]',
      '[',
      'step:',
      ' ',
      '\n',
      'a',
      '.',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.array(fc.nat(200), { maxLength: 10 }), (pieces, cuts) => {
        const marked = pieces.join('');
        const whole = readCitations(marked, known);
        const reader = new CitationReader(known);
        const edges = [0, ...cuts.filter((cut) => cut < marked.length).toSorted((a, b) => a - b), marked.length];
        let streamed = '';
        for (let index = 1; index < edges.length; index++) {
          streamed += reader.push(marked.slice(edges[index - 1], edges[index]));
        }
        const answer = reader.end();
        expect(answer).toEqual(whole);
        expect(answer.text.startsWith(streamed)).toBe(true);
        const bare = (text: string): string => text.replaceAll(/\[\[steps?:[^\][\n]{1,500}\]\]|\s/gi, '');
        expect(answer.text.replaceAll(/\s/g, '')).toBe(bare(marked));
        for (const { steps, start, end } of answer.citations) {
          expect(steps.every((step) => known.has(step))).toBe(true);
          expect(start < end && end <= answer.text.length).toBe(true);
        }
      }),
    );
  });
});
