#!/usr/bin/env node
/**
 * The `gomind` command. Node keeps what it has compiled and takes it up at the next start, which has to be said before anything
 * else is loaded.
 *
 * @module
 */
import { enableCompileCache } from 'node:module';

enableCompileCache();
const { start } = await import('./start.ts');
await start();
