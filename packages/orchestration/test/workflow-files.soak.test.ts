import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseWorkflow } from '../src/workflow/parse-workflow.ts';

const file = `name: etl
version: 1.2
inputs: {source: {type: string, required: true}}
defaults: {retry: {max_attempts: 3}}
steps:
  - name: extract
    tool: extractor
    action: extract
    inputs: {source: "\${inputs.source}"}
  - name: both
    parallel:
      - {name: left, tool: t, action: a, for_each: [1, 2], when: "size(inputs) > 0"}
      - {name: right, capability: c, timeout: 30s}
  - {name: last, tool: t, action: z, inputs: {all: "\${steps.both.output}"}}
finally:
  - {name: clean, tool: t, action: clean}
outputs: {all: "\${steps.last.output}"}
`;

describe('100,000 mutated workflow files', () => {
  it('give a diagnostic or a definition, never a crash, within 200 MB', { timeout: 3_600_000 }, () => {
    const pieces = [
      '&a ',
      '*a',
      '!!',
      '- ',
      ': ',
      '{',
      '}',
      '[',
      ']',
      '"',
      "'",
      '|\n',
      '>\n',
      '\t',
      '${',
      'null',
      '\n',
      '? ',
      '<<: ',
      '#',
      '%',
      '@',
      '---\n',
      '\u0000',
      '😀',
    ];
    const mutation = fc.array(
      fc.record({
        at: fc.nat(file.length),
        remove: fc.nat(40),
        insert: fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 6 }), fc.constant('')),
      }),
      { minLength: 1, maxLength: 8 },
    );
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    let [files, most, mostLive] = [0, 0, 0];
    fc.assert(
      fc.property(mutation, (edits) => {
        const source = edits.reduce(
          (text, { at, remove, insert }) => text.slice(0, at) + insert + text.slice(at + remove),
          file,
        );
        const { ok, workflow, diagnostics } = parseWorkflow(source);
        if (++files % 100 === 0) most = Math.max(most, process.memoryUsage().heapUsed - before);
        if (files % 1_000 === 0) {
          globalThis.gc?.();
          mostLive = Math.max(mostLive, process.memoryUsage().heapUsed - before);
        }
        if (ok !== (workflow !== undefined)) throw new Error('a definition or errors');
        if (!ok && !diagnostics.some(({ severity }) => severity === 'error'))
          throw new Error('refused without a reason');
      }),
      { numRuns: 100_000, endOnFailure: true },
    );
    const megabytes = (bytes: number): string => (bytes / 1_048_576).toFixed(1);
    console.log(
      `${String(files)} files: ${megabytes(mostLive)} MB of heap in use at most, ${megabytes(most)} MB with what was not collected yet`,
    );
    expect(mostLive / 1_048_576).toBeLessThan(200);
  });
});
