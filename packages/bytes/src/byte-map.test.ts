import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ByteMap, reorderColumn } from "./byte-map.ts";

const key = fc.uint8Array({ maxLength: 6 });

test("ByteMap numbers keys like a Map of strings, before and after reorder()", () =>
  fc.assert(
    fc.property(
      fc.array(key, { maxLength: 200 }),
      fc.func(fc.boolean()),
      fc.array(key, { maxLength: 50 }),
      fc.boolean(),
      (keys, keep, more, reverse) => {
        const map = new ByteMap();
        let reference = new Map<string, number>();
        const add = (bytes: Uint8Array): void => {
          const text = bytes.join();
          if (!reference.has(text)) reference.set(text, reference.size);
          expect(map.add(bytes, 0, bytes.length)).toBe(reference.get(text));
        };
        keys.forEach(add);
        const column = [...reference.keys()];
        const order = Uint32Array.from(column.keys()).filter((index) => keep(column[index]!));
        if (reverse) order.reverse();
        const numbers = new Float64Array(column.length + 3).map((_, i) => i);
        map.reorder(order);
        reorderColumn(numbers, order);
        expect([...numbers]).toEqual([...order, ...Array.from({ length: numbers.length - order.length }, () => 0)]);
        const kept = Array.from(order, (index) => column[index]!);
        reference = new Map(kept.map((text, i) => [text, i]));
        expect(map.size).toBe(reference.size);
        for (const bytes of keys) expect(map.find(bytes, 0, bytes.length)).toBe(reference.get(bytes.join()) ?? -1);
        more.forEach(add);
        for (const [text, index] of reference) expect(map.key(index).join()).toBe(text);
      },
    ),
  ));

test("matchAt() finds a key in place and does not read beyond the bytes", () => {
  const map = new ByteMap();
  const bytes = new TextEncoder().encode('up{a="b"} 1');
  map.add(bytes, 0, 9);
  expect(map.matchAt(0, bytes, 0)).toBe(9);
  expect(map.matchAt(0, bytes, 1)).toBe(-1);
  expect(map.matchAt(0, bytes.subarray(0, 8), 0)).toBe(-1);
});

test("keys are stored consecutively in the order of their numbers", () => {
  const map = new ByteMap();
  for (let i = 0; i < 100; i++) map.add(new TextEncoder().encode(`key ${i}`), 0, i < 10 ? 5 : 6);
  expect(new TextDecoder().decode(map.bytesOf(9, 12))).toBe("key 9key 10key 11");
  const ends = new Uint32Array(4);
  map.copyEnds(9, 12, ends);
  expect([...ends]).toEqual([45, 50, 56, 62]);
  expect(map.lengthOf(9)).toBe(5);
  expect(map.fitting(9, 50, 17)).toBe(3);
  expect(map.fitting(9, 50, 16)).toBe(2);
  expect(map.fitting(9, 2, 1000)).toBe(2);
  expect(map.fitting(98, 50, 1000)).toBe(2);
  expect(map.fitting(98, 50, 3)).toBe(0);
});

test("reorder() releases memory if few keys remain", () => {
  const map = new ByteMap();
  const bytes = (i: number): Uint8Array => new TextEncoder().encode(`some key number ${i}`);
  const add = (i: number): number => map.add(bytes(i), 0, bytes(i).length);
  for (let i = 0; i < 10_000; i++) add(i);
  const before = map.byteLength;
  map.reorder(Uint32Array.from({ length: 100 }, (_, i) => i * 100 + 7));
  expect(map.byteLength).toBeLessThan(before / 20);
  for (let i = 0; i < 100; i++) expect(map.find(bytes(i * 100 + 7), 0, bytes(i * 100 + 7).length)).toBe(i);
  for (let i = 0; i < 1000; i++) expect(add(20_000 + i)).toBe(100 + i);
  expect(map.find(bytes(8), 0, bytes(8).length)).toBe(-1);
});
