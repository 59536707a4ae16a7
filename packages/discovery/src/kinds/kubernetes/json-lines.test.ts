import fc from "fast-check";
import { expect, test } from "vitest";
import { JsonLines } from "./json-lines.ts";

test("push() returns the same values whatever the boundaries of the chunks", () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), fc.infiniteStream(fc.integer({ min: 1, max: 9 })), (values, sizes) => {
      const bytes = new TextEncoder().encode(values.map((value) => `${JSON.stringify(value)}\n`).join(""));
      const lines = new JsonLines();
      const read: unknown[] = [];
      for (let at = 0; at < bytes.length;) {
        const size = sizes.next().value!;
        read.push(...lines.push(bytes.subarray(at, at + size)));
        at += size;
      }
      expect(read.map((value) => JSON.stringify(value))).toEqual(values.map((value) => JSON.stringify(value)));
    }),
  );
});

test("push() skips empty lines, and keeps an incomplete line", () => {
  const lines = new JsonLines();
  const push = (text: string): unknown[] => lines.push(new TextEncoder().encode(text));
  expect(push('\n \n{"a":1}\n{"b"')).toEqual([{ a: 1 }]);
  expect(push(":2}")).toEqual([]);
  expect(push("\n")).toEqual([{ b: 2 }]);
});
