/** The weakness of severity A that the Go original was shown to have in reading a model's JSON (its inventory, Part II, 2.2). */
import { describe, expect, it } from 'vitest';
import { extractJson } from './extract-json.ts';

describe('weaknesses of the Go original: what a model says', () => {
  it.each([
    ['as it is', '{"formula": "2*3*4", "text": "**bold** and *not*"}'],
    ['in a fence', '```json\n{"formula": "2*3*4", "text": "**bold** and *not*"}\n```'],
    ['behind words with stars', '**Here** it is:\n{"formula": "2*3*4", "text": "**bold** and *not*"}'],
  ])('W-24: stars inside values are values, %s', (_form, reply) => {
    expect(extractJson(reply)).toEqual({ ok: true, value: { formula: '2*3*4', text: '**bold** and *not*' } });
  });
});
