/**
 * What commands work on, made anew for each test: a tool that is served, and a folder with the file that names it.
 *
 * @module
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Agent, LocalDiscovery, type Logger, type ServedComponent, serve, type Tool } from '@gomind/core';
import { createRecordingLogger } from '@gomind/core/testing';
import { afterEach, beforeEach } from 'vitest';

/** A component that is served during each test of a file. */
export interface ServedInTests {
  readonly served: ServedComponent;
  /** Where it is registered. */
  readonly discovery: LocalDiscovery;
}

/** A served component and a folder of its own. */
export interface Workspace extends ServedInTests {
  readonly folder: string;
  /** The file that names the component. */
  readonly components: string;
  /** A path in the folder. */
  at(...parts: string[]): string;
  /** Writes a file into the folder; returns its path. */
  write(name: string, content: string): Promise<string>;
}

/** Serves a component during each test of a file; to be called once, beside its tests. */
export function useServed(component: Tool | Agent, logger: Logger = createRecordingLogger()): ServedInTests {
  let served: ServedComponent;
  let discovery: LocalDiscovery;
  beforeEach(async () => {
    discovery = new LocalDiscovery();
    served = await serve(component, { registry: discovery, handleSignals: false, logger });
  });
  afterEach(async () => {
    await served.close();
    await discovery.close();
  });
  return {
    get served() {
      return served;
    },
    get discovery() {
      return discovery;
    },
  };
}

/** Serves a component and makes a folder during each test of a file; to be called once, beside its tests. */
export function useWorkspace(component: Tool | Agent, logger?: Logger): Workspace {
  const tool = useServed(component, logger);
  let folder: string;
  const at = (...parts: string[]): string => join(folder, ...parts);
  const write = async (name: string, content: string): Promise<string> => {
    await writeFile(at(name), content);
    return at(name);
  };
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gomind-cli-'));
    await write('components.json', JSON.stringify([tool.served.info]));
  });
  afterEach(() => rm(folder, { recursive: true }));
  return {
    get served() {
      return tool.served;
    },
    get discovery() {
      return tool.discovery;
    },
    get folder() {
      return folder;
    },
    get components() {
      return at('components.json');
    },
    at,
    write,
  };
}
