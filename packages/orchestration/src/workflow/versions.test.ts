import { describe, expect, it } from 'vitest';
import { emptyWorkflow, type WorkflowDefinition } from './definition.ts';
import { canContinue, compareVersions, isInRange, parseVersion } from './versions.ts';

const workflow = (rest: Partial<WorkflowDefinition>): WorkflowDefinition => ({
  name: 'analysis',
  ...emptyWorkflow,
  ...rest,
});

describe('versions', () => {
  it('are ordered as semver 2.0 orders them', () => {
    // The chain of semver.org, section 11.
    const chain = [
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-alpha.beta',
      '1.0.0-beta',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0-rc.1',
      '1.0.0',
      '1.0.1',
      '1.1',
      '2',
    ];
    for (const [index, version] of chain.entries()) {
      for (const [other, later] of chain.entries()) {
        const order = compareVersions(parseVersion(version), parseVersion(later));
        expect(Math.sign(order), `${version} and ${later}`).toBe(Math.sign(index - other));
      }
    }
  });

  it.each([
    ['>=1.5', ['1.5.0', '1.5.1', '2.0'], ['1.4.9', '1.5.0-beta']],
    ['^1.2', ['1.2.0', '1.9'], ['2.0', '1.1', '2.0.0-alpha']],
    ['^0.2.3', ['0.2.3', '0.2.9'], ['0.3.0', '0.2.2']],
    ['^0.0.3', ['0.0.3'], ['0.0.4']],
    ['~1.2', ['1.2.9'], ['1.3']],
    ['1.x', ['1.0', '1.99'], ['2.0', '0.9']],
    ['*', ['0.0.1', '99'], []],
    ['>1.2', ['1.3'], ['1.2.9']],
    ['<=1.2', ['1.2.9'], ['1.3.0']],
    ['>=1.2 <2', ['1.2', '1.99'], ['2.0', '1.1']],
    ['1.2.3 || >= 3', ['1.2.3', '3.1'], ['1.2.4', '2.9']],
  ])('lie in %s or not', (range, inside, outside) => {
    for (const version of inside) expect(isInRange(version, range), version).toBe(true);
    for (const version of outside) expect(isInRange(version, range), version).toBe(false);
  });

  it.each(['', 'one', '1.2.3.4', '1..2', '>>1'])('are refused when they cannot be read: %j', (text) => {
    expect(() => parseVersion(text)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED_VERSION' }) as Error);
  });
});

describe('canContinue', () => {
  const second = workflow({
    version: '2.0',
    compatibleWith: '>=1.5',
    migrations: [{ from: '1.0', changes: [{ kind: 'rename', from: 'old_step', to: 'new_step' }] }],
  });

  it.each([
    ['the same version', '2.0', true],
    ['the same version, written otherwise', '2', true],
    ['a version in the compatible range', '1.7', true],
    ['a version that a migration starts from', '1.0', true],
    ['an older version without a migration', '1.2', false],
    ['a newer version', '2.1', false],
    ['no version', undefined, false],
  ])('decides about %s', (_what, version, ok) => {
    expect(canContinue(version, second).ok).toBe(ok);
  });

  it('hands out the changes of the migration', () => {
    expect(canContinue('1.0', second)).toEqual({
      ok: true,
      changes: [{ kind: 'rename', from: 'old_step', to: 'new_step' }],
    });
  });

  it('lets a workflow without versions go on with its own runs', () => {
    expect(canContinue(undefined, workflow({}))).toEqual({ ok: true, changes: [] });
  });
});
