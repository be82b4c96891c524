import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeComplaint } from './node-version.ts';

describe('the Node that runs the command', () => {
  it.each(['v22.13.0', 'v22.18.1', 'v24.0.0', 'v26.1.0'])('%s will do', (version) => {
    expect(nodeComplaint(version)).toBeUndefined();
  });

  it.each(['v18.20.0', 'v20.20.2', 'v22.12.0'])('%s is told what is needed', (version) => {
    expect(nodeComplaint(version)).toMatch(
      new RegExp(`needs Node 22\\.13 or later, and this is ${version}\\. Install`),
    );
  });

  it('is the one that the package asks for', () => {
    const manifest = readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8');
    expect(JSON.parse(manifest)).toMatchObject({ engines: { node: '>=22.13' } });
  });

  it('reads the first file whatever it is: nothing in it is imported by a name that old ones do not have', () => {
    const main = readFileSync(join(import.meta.dirname, '../main.ts'), 'utf8');
    expect(main).not.toMatch(/^import \{[^}]*\} from 'node:/m);
  });
});
