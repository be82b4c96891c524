import type { RunEventBody } from '@gomind/orchestration';
import { describe, expect, it } from 'vitest';
import { ProgressView } from './progress-view.ts';

const plan = {
  steps: [{ name: 'quote', component: 'stock-tool', action: 'get_quote', inputs: { symbol: 'TSLA' }, dependsOn: [] }],
};
const bodies: RunEventBody[] = [
  { type: 'plan.created', plan, source: 'basic-router' },
  { type: 'step.started', step: 'quote', inputs: {} },
  { type: 'step.completed', step: 'quote', output: {}, durationMs: 12, attempts: 1 },
];

function show(output: { isTTY: boolean; columns?: number }, useColor: boolean): string {
  let written = '';
  const view = new ProgressView({ output: { ...output, write: (text) => (written += text) }, useColor });
  for (const [index, body] of bodies.entries()) view.show({ ...body, runId: 'r', seq: index + 1, time: 0 });
  return written;
}

describe('ProgressView', () => {
  it('writes plain lines without control characters when the output is no terminal', () => {
    const written = show({ isTTY: false }, true);
    expect(written).toBe(
      'Plan by basic-router, 1 step:\n└─ quote  stock-tool.get_quote(symbol: TSLA)\nquote: ✔ 12 ms\n',
    );
  });

  it('redraws the tree in place in a terminal', () => {
    const written = show({ isTTY: true, columns: 120 }, false);
    expect(written).toContain('· waiting');
    expect(written).toContain('\u001B[1A\u001B[2K└─ quote  stock-tool.get_quote(symbol: TSLA)  ✔ 12 ms\n');
  });

  it('uses colours only where they are wanted', () => {
    expect(show({ isTTY: true }, true)).toContain('\u001B[32m✔ 12 ms\u001B[39m');
    expect(show({ isTTY: true }, false)).not.toContain('\u001B[32m');
  });

  it('clips lines to the width of the terminal, so that redrawing hits the right lines', () => {
    const lines = show({ isTTY: true, columns: 20 }, false).split('\n');
    for (const line of lines) expect(line.replaceAll(/\u001B\[\w+[A-Z]?m?/g, '').length).toBeLessThanOrEqual(32);
  });
});
