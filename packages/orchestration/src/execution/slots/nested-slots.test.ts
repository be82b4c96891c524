import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NestedSlots } from './nested-slots.ts';
import { SlotPool, type Slots } from './slot-pool.ts';

/** Somebody in line: waiting, with a slot, or gone. */
class Visitor {
  isWaiting = true;
  hasSlot = false;
  readonly #at: number;
  readonly #served: (at: number) => void;

  constructor(at: number, served: (at: number) => void) {
    this.#at = at;
    this.#served = served;
  }

  onSlot(): void {
    this.isWaiting = false;
    this.hasSlot = true;
    this.#served(this.#at);
  }
}

type Act =
  | { readonly kind: 'ask'; readonly at: number }
  | { readonly kind: 'leave'; readonly who: number }
  | { readonly kind: 'release'; readonly who: number };

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('ask'), at: fc.nat(9) }) },
  fc.record({ kind: fc.constant('leave'), who: fc.nat(50) }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('release'), who: fc.nat(50) }) },
);

describe('slots within slots', () => {
  it('keep every limit, forget nobody, and are all free in the end', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        // Each pool stands in an earlier one.
        fc.array(fc.record({ capacity: fc.integer({ min: 1, max: 4 }), outer: fc.nat(9) }), { maxLength: 4 }),
        fc.array(act, { maxLength: 120 }),
        (capacity, inner, acts) => {
          const limits = [capacity];
          const outers = [-1];
          const pools: Slots[] = [new SlotPool(capacity)];
          for (const { capacity: own, outer } of inner) {
            const at = outer % pools.length;
            limits.push(own);
            outers.push(at);
            pools.push(new NestedSlots(own, pools[at] ?? expect.fail()));
          }
          const used = limits.map(() => 0);
          const around = (at: number): number[] => (at < 0 ? [] : [at, ...around(outers[at] ?? -1)]);
          const served = (at: number): void => {
            for (const pool of around(at)) {
              used[pool] = (used[pool] ?? 0) + 1;
              expect(used[pool]).toBeLessThanOrEqual(limits[pool] ?? 0);
            }
          };
          const visitors: { readonly visitor: Visitor; readonly at: number }[] = [];
          const release = ({ visitor, at }: (typeof visitors)[number]): void => {
            visitor.hasSlot = false;
            for (const pool of around(at)) used[pool] = (used[pool] ?? 0) - 1;
            pools[at]?.release();
          };
          for (const step of acts) {
            if (step.kind === 'ask') {
              const at = step.at % pools.length;
              const visitor = new Visitor(at, served);
              visitors.push({ visitor, at });
              pools[at]?.request(visitor);
              continue;
            }
            const found = visitors[step.who % Math.max(1, visitors.length)];
            if (found === undefined) continue;
            if (step.kind === 'leave') found.visitor.isWaiting = false;
            else if (found.visitor.hasSlot) release(found);
          }
          // Everybody who still wants a slot gets one when the others give theirs back.
          for (let busy = visitors.filter(({ visitor }) => visitor.hasSlot); busy.length > 0;) {
            for (const each of busy) release(each);
            busy = visitors.filter(({ visitor }) => visitor.hasSlot);
          }
          expect(visitors.filter(({ visitor }) => visitor.isWaiting)).toEqual([]);
          expect(used.every((count) => count === 0)).toBe(true);
          for (const [at, pool] of pools.entries()) {
            const free = Math.min(...around(at).map((each) => limits[each] ?? 0));
            expect(pool.capacity).toBe(free);
            const again = Array.from({ length: free }, () => ({ visitor: new Visitor(at, served), at }));
            for (const { visitor } of again) pool.request(visitor);
            expect(again.every(({ visitor }) => visitor.hasSlot)).toBe(true);
            for (const each of again) release(each);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('serve a long line without growing the stack', () => {
    const outer = new SlotPool(1);
    const inner = new NestedSlots(1, outer);
    let count = 0;
    const one = {
      isWaiting: true,
      onSlot: () => {
        count++;
        inner.release();
      },
    };
    const first = new Visitor(0, () => undefined);
    inner.request(first);
    for (let index = 0; index < 50_000; index++) inner.request(one);
    inner.release();
    expect(count).toBe(50_000);
  });
});
