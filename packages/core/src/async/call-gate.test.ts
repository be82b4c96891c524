import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Priority } from '../contracts/priority.ts';
import { GomindError } from '../errors/gomind-error.ts';
import { CallGate } from './call-gate.ts';
import { type LinePlace, PriorityLine } from './priority-line.ts';

const anyPriority = fc.constantFrom<Priority>('high', 'normal', 'low');
/** Of 21 places: how many others may be served for one of a class. */
const weightOf = { high: 16, normal: 4, low: 1 } as const;

describe('PriorityLine', () => {
  it('serves 16 high and 4 normal for one low, the high ones first', () => {
    const line = new PriorityLine<Priority>();
    for (let count = 0; count < 100; count++) {
      for (const priority of ['low', 'normal', 'high'] as const) line.push(priority, priority);
    }
    const served = Array.from({ length: 42 }, () => line.shift());
    expect(served[0]).toBe('high');
    const counts = Object.groupBy(served, (one) => one ?? 'none');
    expect([counts.high?.length, counts.normal?.length, counts.low?.length]).toEqual([32, 8, 2]);
  });

  it('serves one priority in the order in which they came', () => {
    const line = new PriorityLine<number>();
    for (let count = 0; count < 5; count++) line.push(count, 'normal');
    expect(Array.from({ length: 6 }, () => line.shift())).toEqual([0, 1, 2, 3, 4, undefined]);
  });

  it('lets nobody starve: who waits is served within its share of the places, whoever comes meanwhile', () => {
    const action = fc.oneof(
      { weight: 5, arbitrary: fc.record({ kind: fc.constant('push' as const), priority: anyPriority }) },
      { weight: 3, arbitrary: fc.constant({ kind: 'shift' as const }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), at: fc.nat() }) },
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 300, size: 'max' }), (actions) => {
        const line = new PriorityLine<number>();
        /** Who is in line: since how many services, and with how many before it in its class. */
        const inLine = new Map<number, { place: LinePlace<number>; since: number; ahead: number }>();
        let [next, services] = [0, 0];
        for (const one of actions) {
          if (one.kind === 'push') {
            const ahead = [...inLine.values()].filter(({ place }) => place.priority === one.priority).length;
            inLine.set(next, { place: line.push(next, one.priority), since: services, ahead });
            next++;
          } else if (one.kind === 'remove') {
            const [id, entry] = [...inLine][one.at % Math.max(1, inLine.size)] ?? [];
            if (id === undefined || entry === undefined) continue;
            line.remove(entry.place);
            line.remove(entry.place);
            inLine.delete(id);
          } else {
            const id = line.shift();
            expect(id === undefined).toBe(inLine.size === 0);
            if (id === undefined) continue;
            const entry = inLine.get(id);
            services++;
            const bound = ((entry?.ahead ?? 0) + 1) * (21 / weightOf[entry?.place.priority ?? 'low']);
            expect(services - (entry?.since ?? 0)).toBeLessThanOrEqual(Math.ceil(bound) + 2);
            inLine.delete(id);
          }
          expect(line.size).toBe(inLine.size);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('drops the last of the lowest below a priority, and nobody who matters as much', () => {
    const line = new PriorityLine<string>();
    line.push('n', 'normal');
    line.push('l1', 'low');
    line.push('l2', 'low');
    expect(line.dropBelow('low')).toBeUndefined();
    expect([line.dropBelow('high'), line.dropBelow('normal'), line.dropBelow('normal')]).toEqual([
      'l2',
      'l1',
      undefined,
    ]);
    expect([line.hasBelow('normal'), line.hasBelow('high'), line.size]).toEqual([false, true, 1]);
  });
});

const full = (): GomindError => new GomindError({ code: 'OVERLOADED', message: 'full', isRetryable: true });

describe('CallGate', () => {
  it('turns away what does not fit, and who matters less than one who comes', async () => {
    const gate = new CallGate({ maxConcurrent: 1, maxWaiting: 1 });
    const call = (priority: Priority) => gate.enter({ priority, what: 'The wait', refusal: full });
    await call('normal');
    const low = call('low');
    const turnedAway = expect(low).rejects.toMatchObject({ code: 'OVERLOADED' });
    await expect(call('low')).rejects.toMatchObject({ code: 'OVERLOADED' });
    expect([gate.isOpenTo('low'), gate.isOpenTo('high')]).toEqual([false, true]);
    const high = call('high');
    await turnedAway;
    gate.leave();
    await high;
    expect([gate.running, gate.waiting]).toEqual([1, 0]);
  });

  it('keeps its limit while the limit changes, and loses no place', async () => {
    const action = fc.oneof(
      fc.record({ kind: fc.constant('enter' as const), priority: anyPriority }),
      fc.constant({ kind: 'leave' as const }),
      fc.constant({ kind: 'cancel' as const }),
      fc.record({ kind: fc.constant('limit' as const), limit: fc.integer({ min: 1, max: 5 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 80, size: 'max' }), async (actions) => {
        const gate = new CallGate({ maxConcurrent: 3, maxWaiting: 4 });
        const controllers: AbortController[] = [];
        let [inside, settled, asked] = [0, 0, 0];
        for (const one of actions) {
          const before = inside;
          if (one.kind === 'enter') {
            const controller = new AbortController();
            controllers.push(controller);
            asked++;
            gate.enter({ priority: one.priority, signal: controller.signal, what: 'The wait', refusal: full }).then(
              () => {
                inside++;
                settled++;
              },
              () => settled++,
            );
          } else if (one.kind === 'leave' && inside > 0) {
            inside--;
            gate.leave();
          } else if (one.kind === 'cancel') controllers.shift()?.abort();
          else if (one.kind === 'limit') gate.maxConcurrent = one.limit;
          for (let turn = 0; turn < 5; turn++) await Promise.resolve();
          // Whoever was inside when the limit fell stays; nobody is added above it.
          expect(inside).toBeLessThanOrEqual(Math.max(before, gate.maxConcurrent));
          expect(gate.running).toBe(inside);
          expect(gate.waiting).toBe(asked - settled);
          expect(gate.waiting).toBeLessThanOrEqual(4);
          expect(gate.waiting === 0 || gate.running >= gate.maxConcurrent).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});
