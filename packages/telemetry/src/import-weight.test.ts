import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

/** Runs a module in a Node process of its own. */
async function run(code: string): Promise<string> {
  const parameters = ['--input-type=module', '--eval', code];
  const { stdout } = await promisify(execFile)(process.execPath, parameters, { cwd: import.meta.dirname });
  return stdout.trim();
}

const countLoaded = `
  import { createRequire } from 'node:module';
  const loaded = () => Object.keys(createRequire(import.meta.url).cache).filter((file) => file.includes('opentelemetry'));
`;

describe('importing @gomind/telemetry', () => {
  it('loads OpenTelemetry when a telemetry is made and not before', { timeout: 30_000 }, async () => {
    const output = await run(`${countLoaded}
      const { createJsonLogger, createTelemetry, genAiAttribute, parseTraceparent } = await import('@gomind/telemetry');
      createJsonLogger({ write: () => undefined }).info('light');
      parseTraceparent(genAiAttribute.operationName);
      const before = loaded().length;
      createTelemetry();
      console.log(before, loaded().length > 0);
    `);
    expect(output).toBe('0 true');
  });
});
