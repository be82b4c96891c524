import { describe, expect, it } from 'vitest';
import { answerAudience, normaliseRequest, planAudience } from './routing-cache-key.ts';

describe('normaliseRequest', () => {
  it.each([
    [' What  time\tis it? ', 'What time is it?'],
    ['cafe\u0301', 'café'],
    ['Say "a  b"', 'Say "a  b"'],
    ["Say 'a  b'", "Say 'a  b'"],
    ['one\n\ntwo', 'one\n\ntwo'],
    ['Polish it', 'Polish it'],
  ])('reads %j as %j', (request, expected) => {
    expect(normaliseRequest(request)).toBe(expected);
  });
});

describe('who may share', () => {
  it('a plan: the same tenant and principal', () => {
    expect(planAudience({ tenant: 'a', trace: 1 })).toBe(planAudience({ tenant: 'a', trace: 2 }));
    expect(planAudience({ tenant: 'a' })).not.toBe(planAudience({ tenant: 'b' }));
    expect(planAudience({ principal: { tenant: 'a', id: '1' } })).toBe(
      planAudience({ principal: { id: '1', tenant: 'a' } }),
    );
    expect(planAudience({ principal: { id: '1' } })).not.toBe(planAudience({ principal: { id: '2' } }));
  });

  it('an answer: the same metadata but for how the request is run', () => {
    expect(answerAudience({ user: 'u', timeout: '1s', priority: 'high' })).toBe(answerAudience({ user: 'u' }));
    expect(answerAudience({ user: 'u' })).not.toBe(answerAudience({ user: 'v' }));
    expect(answerAudience({ conversation_id: '1' })).not.toBe(answerAudience({ conversation_id: '2' }));
  });

  it.each([
    ['a map', new Map([['id', 1]])],
    ['an object of a class', new URL('https://example.com')],
    ['a function', () => 1],
    ['a big number', 1n],
  ])('nobody, when %s says who asks', (_what, principal) => {
    expect(planAudience({ principal })).toBeUndefined();
    expect(answerAudience({ principal })).toBeUndefined();
  });

  it('nobody, when the metadata holds itself', () => {
    const metadata: Record<string, unknown> = {};
    metadata['principal'] = metadata;
    expect(planAudience(metadata)).toBeUndefined();
  });
});
