/**
 * Large outputs by reference: a step's output is stored once, and later steps get where it is instead of the value.
 *
 * @module
 */
import { GomindError } from '@gomind/core';

const maxArtifactBytes = 256 * 1_048_576;

/** What stands in an output for the stored value. */
export interface ArtifactReference {
  /** Where it is, for example `file:///.../run-1/extract.json`. */
  readonly uri: string;
  readonly bytes: number;
  readonly media_type: 'application/json';
  /** Hexadecimal digest of the stored bytes. */
  readonly sha256: string;
}

/** Stores outputs. */
export interface ArtifactStore {
  /**
   * @param place run and step that the value belongs to
   * @throws GomindError `LIMIT_EXCEEDED` for more than 256 MiB
   */
  put(place: { readonly runId: string; readonly name: string }, value: unknown): Promise<ArtifactReference>;
}

/**
 * Stores artifacts as files below a folder, which is made when it is needed and stays the caller's.
 *
 * @param folder path of the folder; components on the same machine can read what is in it
 */
export function createFileArtifactStore(folder: string): ArtifactStore {
  return {
    put: async ({ runId, name }, value) => {
      const { createHash } = await import('node:crypto');
      const { mkdir, writeFile } = await import('node:fs/promises');
      const path = await import('node:path');
      const { pathToFileURL } = await import('node:url');
      const content = Buffer.from(JSON.stringify(value ?? null));
      if (content.byteLength > maxArtifactBytes) {
        throw new GomindError({
          code: 'LIMIT_EXCEEDED',
          message: `The output of step "${name}" has ${String(content.byteLength)} bytes; an artifact may have ${String(maxArtifactBytes)}.`,
        });
      }
      const own = path.join(folder, fileName(runId));
      await mkdir(own, { recursive: true, mode: 0o700 });
      const file = path.join(own, `${fileName(name)}.json`);
      await writeFile(file, content, { mode: 0o600 });
      return {
        uri: pathToFileURL(file).href,
        bytes: content.byteLength,
        media_type: 'application/json',
        sha256: createHash('sha256').update(content).digest('hex'),
      };
    },
  };
}

/** Refuses artifacts, saying how to allow them. */
export const noArtifactStore: ArtifactStore = {
  put: ({ name }) =>
    Promise.reject(
      new GomindError({
        code: 'CONFIG_INVALID',
        message: `Step "${name}" stores an artifact, but there is nowhere to put it. Pass { artifacts: createFileArtifactStore(folder) }.`,
      }),
    ),
};

/** Names of runs and steps may hold slashes and brackets; names of files should not. */
function fileName(text: string): string {
  return encodeURIComponent(text).replaceAll('.', '%2E').slice(0, 200);
}
