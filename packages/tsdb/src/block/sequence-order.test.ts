import * as fc from "fast-check";
import { expect, test } from "vitest";
import { runToEnd } from "@narthex/runtime";
import { sequenceOrder } from "./sequence-order.ts";

const starts = (lists: readonly { readonly length: number }[]): Uint32Array => {
  const ends = new Uint32Array(lists.length + 1);
  for (const [i, { length }] of lists.entries()) ends[i + 1] = ends[i]! + length;
  return ends;
};

test("texts are sorted by their bytes, and equal texts are next to each other", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "é", "\u{1f600}"), maxLength: 8 });
  fc.assert(
    fc.property(fc.array(text, { maxLength: 200 }), (texts) => {
      const encoded = texts.map((one) => Buffer.from(one));
      const order = runToEnd(
        sequenceOrder({ values: Buffer.concat(encoded), starts: starts(encoded) }, encoded.length),
      );
      expect([...order].sort((a, b) => a - b)).toEqual([...encoded.keys()]);
      const sorted = Array.from(order, (i) => encoded[i]!);
      expect(sorted).toEqual(encoded.toSorted((a, b) => Buffer.compare(a, b)));
    }),
  );
});

test("lists of large numbers are sorted by their elements", () => {
  const list = fc.array(fc.constantFrom(0, 1, 2, 2 ** 31, 2 ** 32 - 2), { maxLength: 5 });
  fc.assert(
    fc.property(fc.array(list, { maxLength: 200 }), (lists) => {
      const order = runToEnd(
        sequenceOrder({ values: Uint32Array.from(lists.flat()), starts: starts(lists) }, lists.length),
      );
      const compare = (a: readonly number[], b: readonly number[]): number => {
        const at = a.findIndex((value, i) => value !== b[i]);
        return at < 0 ? a.length - b.length : at >= b.length ? 1 : a[at]! - b[at]!;
      };
      expect(Array.from(order, (i) => lists[i]!)).toEqual(lists.toSorted(compare));
    }),
  );
});
