import { expect, it } from 'vitest';
import { nodeComplaint } from './check-node.js';

it.each(['v22.18.0', 'v22.23.3', 'v23.0.0', 'v24.21.0', 'v26.10.0'])('lets Node %s run', (version) => {
  expect(nodeComplaint(version)).toBeUndefined();
});

it.each(['v18.20.0', 'v20.20.2', 'v22.13.1', 'v22.17.9'])('tells Node %s what to do', (version) => {
  expect(nodeComplaint(version)).toContain(`this is ${version}`);
  expect(nodeComplaint(version)).toContain('npx --yes pnpm@12.21.0');
});
