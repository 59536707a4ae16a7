import fc from "fast-check";
import { expect, test } from "vitest";
import { BinaryHeap } from "./binary-heap.ts";

test("items leave a heap in order, whatever the order in which they were added and removed", () => {
  const steps = fc.array(fc.option(fc.integer({ min: 0, max: 20 })), { maxLength: 60 });
  fc.assert(
    fc.property(steps, (list) => {
      const heap = new BinaryHeap<number>((a, b) => a - b);
      const model: number[] = [];
      for (const step of list) {
        if (step === null) expect(heap.pop()).toBe(model.shift());
        else {
          heap.push(step);
          model.push(step);
          model.sort((a, b) => a - b);
        }
        expect([heap.size, heap.peek()]).toEqual([model.length, model[0]]);
      }
    }),
  );
});
