import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@gomind/core';
import { describe, expect, it } from 'vitest';
import { gomind } from '../../test/command-line.ts';
import { greeter } from '../../test/greeter.ts';
import { useWorkspace } from '../../test/workspace.ts';

const workspace = useWorkspace(greeter);

describe('gomind components test', () => {
  it('finds that a served component keeps the contract', async () => {
    const { code, stdout } = await gomind(['components', 'test', workspace.served.url]);
    expect(stdout).not.toContain('✘');
    expect(stdout).toContain('✔ POST /api/capabilities/greet with {"name":[{"wrong":true}]}: refused: INPUT_INVALID');
    expect(code).toBe(0);
  });

  it('finds what a careless server does wrong, and says what would be right', async () => {
    const server = createServer((request, response) => {
      const answer = request.url === '/api/capabilities' ? [{ name: 'go', effect: 'pure' }] : { hello: true };
      response.end(JSON.stringify(answer));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { code, stdout } = await gomind(['components', 'test', `127.0.0.1:${String(port)}`, '--json']);
    server.close();
    const { ok, findings } = JSON.parse(stdout) as {
      ok: boolean;
      findings: { check: string; state: string; message: string }[];
    };
    const problems = findings
      .filter(({ state }) => state === 'problem')
      .map(({ check, message }) => `${check}: ${message}`);
    expect(problems).toEqual([
      'GET /health: "status" is missing, but must be "healthy" or "degraded"',
      'GET /api/capabilities/go/schema: "input" is no JSON Schema',
      'POST /api/capabilities/go with broken JSON: 200, but it must be 400',
      'POST /api/capabilities/gomind-no-such-capability: 200, but it must be 404',
    ]);
    expect([ok, code]).toEqual([false, 1]);
  });

  it('says when nobody is there', async () => {
    const gone = await serve(greeter, { handleSignals: false });
    await gone.close();
    const { code, stdout } = await gomind(['components', 'test', gone.url]);
    expect(stdout).toBe('✘ GET /health: there is no answer: nothing listens there\n');
    expect(code).toBe(1);
  });

  it('says what an address looks like', async () => {
    const { code, stderr } = await gomind(['components', 'test', 'ftp://x']);
    expect(stderr).toContain('is no address of a component. Give one such as http://');
    expect(code).toBe(2);
  });
});
