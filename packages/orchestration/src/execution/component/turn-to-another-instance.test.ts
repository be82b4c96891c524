import { GomindError } from '@gomind/core';
import { createRecordingLogger } from '@gomind/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { answer, closeAll, failure, instance, listen, request } from '../../../test/component-harness.ts';
import { ComponentClient } from './component-client.ts';

afterEach(closeAll);

const dead = instance(1, { id: 'dead' });

describe('a call that finds an instance out of reach', () => {
  it('is told of in the log when another instance is called in its place', async () => {
    const { port } = await listen(answer(200, '1'));
    const logger = createRecordingLogger();
    const caller = new ComponentClient({ resolve: () => [dead, instance(port, { id: 'alive' })], logger });
    await expect(caller.call(request())).resolves.toBe(1);
    expect(logger.records).toMatchObject([{ level: 'warn', fields: { id: 'alive' } }]);
    await caller.close();
  });

  it('is no news for the log when there is no other: the caller is told', async () => {
    const logger = createRecordingLogger();
    const caller = new ComponentClient({ resolve: () => [dead], logger });
    expect(await failure(caller.call(request()))).toBeInstanceOf(GomindError);
    expect(logger.records).toEqual([]);
    await caller.close();
  });
});
