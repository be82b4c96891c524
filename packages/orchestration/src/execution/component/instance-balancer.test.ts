import { createFakeClock } from '@gomind/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instance } from '../../../test/component-harness.ts';
import { InstanceBalancer } from './instance-balancer.ts';

const none: ReadonlySet<string> = new Set();
const [a, b, c] = [1, 2, 3].map((port) => instance(port)) as [
  ReturnType<typeof instance>,
  ReturnType<typeof instance>,
  ReturnType<typeof instance>,
];

describe('the balancer', () => {
  it('takes the least busy, and ties in turn', () => {
    const balancer = new InstanceBalancer(createFakeClock());
    const take = (): string => {
      const chosen = balancer.choose([a, b, c], none) ?? a;
      balancer.begin(chosen);
      return chosen.id;
    };
    const end = balancer.begin(a);
    expect([take(), take(), take(), take()].sort()).toEqual([a.id, b.id, b.id, c.id].sort());
    end('ok');
    expect([take(), take()]).toEqual([c.id, a.id]);
  });

  it('sets one that fails aside for a time that doubles, then lets one call probe it', async () => {
    const clock = createFakeClock();
    const balancer = new InstanceBalancer(clock);
    const choose = (): string | undefined => balancer.choose([a, b], none)?.id;
    for (const pauseMs of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
      balancer.begin(b)('ok');
      expect(choose()).toBe(a.id);
      balancer.begin(a)('failed');
      expect(choose()).toBe(b.id);
      await clock.advance(pauseMs - 1);
      expect(choose()).toBe(b.id);
      await clock.advance(1);
    }
    const end = balancer.begin(a);
    balancer.begin(b);
    expect(choose()).toBe(b.id);
    end('ok');
    expect(choose()).toBe(a.id);
  });

  it('counts calls that fail together as one failure', async () => {
    const clock = createFakeClock();
    const balancer = new InstanceBalancer(clock);
    for (const end of Array.from({ length: 10 }, () => balancer.begin(a))) end('failed');
    balancer.begin(b);
    await clock.advance(1_000);
    expect(balancer.choose([a, b], none)).toBe(a);
  });

  it('would rather take one that is set aside than none, and none that was tried', () => {
    const balancer = new InstanceBalancer(createFakeClock());
    balancer.begin(a)('failed');
    expect(balancer.choose([a], none)).toBe(a);
    expect(balancer.choose([a], new Set([a.id]))).toBeUndefined();
    expect(balancer.choose([], none)).toBeUndefined();
  });

  it('never has two calls more on one healthy instance than on another', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9), { maxLength: 100 }), (script) => {
        const balancer = new InstanceBalancer(createFakeClock());
        const running: { readonly id: string; readonly end: () => void }[] = [];
        const load = (id: string): number => running.filter((call) => call.id === id).length;
        for (const step of script) {
          const ended = step < 4 ? running.splice(step, 1)[0] : undefined;
          ended?.end();
          if (ended !== undefined) continue;
          const chosen = balancer.choose([a, b, c], none) ?? a;
          expect(load(chosen.id)).toBe(Math.min(load(a.id), load(b.id), load(c.id)));
          const end = balancer.begin(chosen);
          running.push({
            id: chosen.id,
            end: () => {
              end('ok');
            },
          });
        }
      }),
    );
  });
});
