import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CaseTool } from './e1-adapter.ts';
import { promptFor, readReply, runFlow } from './e6-adapter.ts';
import { evalMissing, findEvalDirectory } from './eval-directory.ts';

const directory = findEvalDirectory();
const where = directory === undefined ? evalMissing : 'all of them';

function casesOf<Case>(name: string): Case[] {
  const lines = readFileSync(join(directory ?? '', 'cases/E6', `${name}.jsonl`), 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Case);
}

const namesOfPrototype = Object.getOwnPropertyNames(Object.prototype).join();

function expectCleanPrototype(): void {
  expect(Object.getOwnPropertyNames(Object.prototype).join()).toBe(namesOfPrototype);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
}

describe('abuse by texts and values (E6)', () => {
  it.skipIf(directory === undefined)(`passes naughty strings and templates on byte for byte (${where})`, async () => {
    const texts = ['naughty_strings', 'second_order_templates'].flatMap((name) =>
      casesOf<{ readonly text: string }>(name),
    );
    expect(texts.length).toBeGreaterThan(0);
    for (const { text } of texts) {
      const { calls, status, outputs } = await runFlow(text, { v: text });
      expect(status).toBe('completed');
      expect(calls).toEqual([
        { component: 't1', inputs: { p: text } },
        { component: 't2', inputs: { whole: { v: text }, field: text, mix: `x ${text} y`, p: text } },
      ]);
      expect(outputs).toEqual({ v: text });
    }
  });

  it.skipIf(directory === undefined)(
    `makes the calls of the plan and no others, whatever tools say (${where})`,
    async () => {
      for (const { tool_output: said } of casesOf<{ readonly tool_output: unknown }>('tool_output_injection')) {
        const output = typeof said === 'string' ? { v: said } : { v: 'k', data: said };
        const { calls, status } = await runFlow('p', output);
        expect(status).toBe('completed');
        expect(calls.map(({ component }) => component)).toEqual(['t1', 't2']);
        expect(calls[1]?.inputs['whole']).toEqual(output);
      }
    },
  );

  it.skipIf(directory === undefined)(`lets nothing reach a prototype (${where})`, async () => {
    for (const { json } of casesOf<{ readonly json: string }>('prototype_pollution')) {
      readReply(json);
      expectCleanPrototype();
      const value = JSON.parse(json) as unknown;
      await runFlow(value, { v: value });
      await runFlow('p', value);
      expectCleanPrototype();
    }
  });

  it.skipIf(directory === undefined)(`survives the JSON test suite, and reads all that is valid (${where})`, () => {
    for (const { id, expect: expected, b64, gen } of casesOf<{
      readonly id: string;
      readonly expect: string;
      readonly b64: string | null;
      readonly gen?: { readonly unit: string; readonly count: number };
    }>('json_parsing')) {
      const text =
        b64 === null ? (gen?.unit ?? '').repeat(gen?.count ?? 0) : Buffer.from(b64, 'base64').toString('utf8');
      const isRead = readReply(text);
      // Replies are read leniently, so that "reject" cases may be mended; valid objects and lists are always read.
      if (expected === 'accept' && /^\s*[[{]/.test(text)) expect({ id, isRead }).toEqual({ id, isRead: true });
    }
  });

  it.skipIf(directory === undefined)(`shows what components say about themselves as data only (${where})`, async () => {
    for (const { capability } of casesOf<{ readonly capability: CaseTool }>('capability_poisoning')) {
      const { system, data } = await promptFor({ ...capability, component: 'reports' });
      expect(system).not.toContain(capability.description?.slice(0, 40));
      expect(data.length).toBeLessThan(20_000);
    }
  });
});
