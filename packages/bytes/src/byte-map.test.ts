import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ByteMap } from "./byte-map.ts";

const key = fc.uint8Array({ maxLength: 6 });

test("ByteMap numbers keys as a Map of strings does, before and after compact()", () =>
  fc.assert(
    fc.property(
      fc.array(key, { maxLength: 200 }),
      fc.func(fc.boolean()),
      fc.array(key, { maxLength: 50 }),
      (keys, keep, more) => {
        const map = new ByteMap();
        let reference = new Map<string, number>();
        const add = (bytes: Uint8Array): void => {
          const text = bytes.join();
          if (!reference.has(text)) reference.set(text, reference.size);
          expect(map.add(bytes, 0, bytes.length)).toBe(reference.get(text));
        };
        keys.forEach(add);
        const column = [...reference.keys()];
        map.compact(
          (index) => keep(column[index]!),
          (from, to) => (column[to] = column[from]!),
        );
        reference = new Map([...reference.keys()].filter((text) => keep(text)).map((text, i) => [text, i]));
        expect(map.size).toBe(reference.size);
        expect(column.slice(0, map.size)).toEqual([...reference.keys()]);
        for (const bytes of keys) expect(map.find(bytes, 0, bytes.length)).toBe(reference.get(bytes.join()) ?? -1);
        more.forEach(add);
        for (const [text, index] of reference) expect(map.key(index).join()).toBe(text);
      },
    ),
  ));

test("matchAt() finds a key in place and stays inside the bytes", () => {
  const map = new ByteMap();
  const bytes = new TextEncoder().encode('up{a="b"} 1');
  map.add(bytes, 0, 9);
  expect(map.matchAt(0, bytes, 0)).toBe(9);
  expect(map.matchAt(0, bytes, 1)).toBe(-1);
  expect(map.matchAt(0, bytes.subarray(0, 8), 0)).toBe(-1);
});
