import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AIClient, type AIRequest, type ComponentInfo, unconfiguredAIClient } from '@gomind/core';
import { createPlanner } from '@gomind/orchestration';
import { describe, expect, it } from 'vitest';
import { evalMissing, findEvalDirectory } from './eval-directory.ts';

const directory = findEvalDirectory();

function rowsOf<T>(file: string): T[] {
  const text = readFileSync(join(directory ?? '', 'cases/E6', file), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}

/** The prompt that a planner sends when a component says this. */
async function promptFor(description: string): Promise<AIRequest> {
  let sent: AIRequest | undefined;
  const aiClient: AIClient = {
    ...unconfiguredAIClient,
    isConfigured: true,
    generate: (request) => {
      sent = request;
      return Promise.resolve({
        content: '{"steps": [], "reason": "nothing fits"}',
        model: 'scripted',
        provider: 'scripted',
        usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 },
        finishReason: 'stop',
      });
    },
  };
  const component: ComponentInfo = {
    id: 'a',
    name: 'report-tool',
    type: 'tool',
    description,
    address: '127.0.0.1',
    port: 1,
    capabilities: [
      {
        name: 'get_report',
        description,
        inputSchema: { type: 'object', properties: { week: { type: 'string', description } } },
      },
    ],
  };
  await createPlanner({ aiClient }).plan('The report of this week', [component]);
  if (sent === undefined) throw new Error('the planner asked nothing');
  return sent;
}

const system = async (description: string): Promise<string> =>
  (await promptFor(description)).messages.find(({ role }) => role === 'system')?.content ?? '';

describe(`attacks through what components say (E6${directory === undefined ? `: ${evalMissing}` : ''})`, () => {
  it.skipIf(directory === undefined)(
    'stay one quoted, bounded document, and change no other word of the prompt',
    async () => {
      const poisoned = rowsOf<{ capability: { description: string } }>('capability_poisoning.jsonl').map(
        ({ capability }) => capability.description,
      );
      const injected = rowsOf<{ tool_output: unknown }>('tool_output_injection.jsonl').map(({ tool_output: output }) =>
        typeof output === 'string' ? output : JSON.stringify(output, null, 1),
      );
      const plain = await system('A report');
      for (const text of [...poisoned, ...injected, 'x'.repeat(1_000_000)]) {
        const { messages } = await promptFor(text);
        expect(messages.map(({ role }) => role)).toEqual(['system', 'user']);
        expect(messages[0]?.content).toBe(plain);
        const data = messages[1]?.content ?? '';
        expect(Object.keys(JSON.parse(data) as object).sort()).toEqual(['components', 'now', 'request']);
        expect(data).not.toMatch(/[<>`\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/u);
        expect(data.length).toBeLessThan(10_000);
      }
      expect(poisoned.length + injected.length).toBeGreaterThan(100);
    },
  );
});
