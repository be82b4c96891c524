#!/usr/bin/env node
/**
 * The `gomind` command. Node keeps what it has compiled and takes it up at the next start, which has to be said before anything
 * else is loaded; a Node that is too old is told so, instead of failing over a name that it does not know.
 *
 * @module
 */
import * as nodeModule from 'node:module';
import { nodeComplaint } from './support/node-version.ts';

const complaint = nodeComplaint(process.version);
if (complaint === undefined) {
  nodeModule.enableCompileCache();
  const { start } = await import('./start.ts');
  await start();
} else {
  process.stderr.write(`${complaint}\n`);
  process.exitCode = 2;
}
