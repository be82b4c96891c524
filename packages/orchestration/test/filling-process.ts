/**
 * A process that fills its heap as a busy one does, with much that is soon forgotten and a little that stays, until it sees that
 * it is nearly full. One that does not see it in time runs out of memory.
 *
 * @module
 */
import { heapShareOfProcess, maxHeapShare } from '../src/execution/slots/heap-share.ts';

const kept: unknown[] = [];
for (let made = 0; heapShareOfProcess() < maxHeapShare; made++) {
  const some = Array.from({ length: 5_000 }, (_unused, index) => ({ index }));
  if (made % 16 === 0) kept.push(some);
}
console.log(kept.length);
