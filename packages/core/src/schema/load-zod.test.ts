import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadZod } from './load-zod.ts';

const missing = (message: RegExp): unknown =>
  expect.objectContaining({ code: 'DEPENDENCY_MISSING', message: expect.stringMatching(message) as string });

describe('zod', () => {
  it('is the one that is installed', () => {
    expect(loadZod().z.object({ a: z.any() }).parse({ a: 1 })).toEqual({ a: 1 });
  });

  it('is asked for when it is not there', () => {
    const load = (): never => {
      throw Object.assign(new Error("Cannot find module 'zod'"), { code: 'MODULE_NOT_FOUND' });
    };
    expect(() => loadZod(load)).toThrow(missing(/needs zod 4, which cannot be loaded\. Install it: npm install zod@4/));
  });

  it.each([{ z: { object: () => undefined } }, {}, undefined])('is asked for in a version that will do: %j', (old) => {
    expect(() => loadZod(() => old)).toThrow(missing(/older version\. Install it/));
  });
});
