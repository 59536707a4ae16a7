import fc from "fast-check";
import { expect, test } from "vitest";
import { LazyList, listForJson, writeJson } from "./json-pieces.ts";

/** Returns the parts of the JSON of a value. */
function partsOf(value: unknown): readonly string[] {
  const parts: string[] = [];
  for (const _ of writeJson(value, (part) => void parts.push(part)));
  return parts;
}

test("the parts of a value are its JSON", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.array(fc.jsonValue()), (value, items) => {
      const lazy = { value, items: new LazyList(items, (item) => ({ item, none: undefined })), missing: undefined };
      expect(partsOf(lazy).join("")).toBe(JSON.stringify(lazy));
      expect(partsOf(new LazyList(items, () => undefined)).join("")).toBe(JSON.stringify(items.map(() => null)));
    }),
  );
});

test("an item of a lazy list is one part, unless it has a long list", () => {
  const item = { a: { b: [1, 2] }, c: [3] };
  expect(partsOf(new LazyList([item, item], (one) => one))).toEqual([
    "[",
    JSON.stringify(item),
    ",",
    JSON.stringify(item),
    "]",
  ]);
  const long = { list: listForJson(Array.from({ length: 101 }), () => 0) };
  expect(partsOf(new LazyList([long], (one) => one)).filter((part) => part === "0")).toHaveLength(101);
  const short = { list: listForJson([1, 2], (number) => number) };
  expect(partsOf(new LazyList([short], (one) => one))).toEqual(["[", '{"list":[1,2]}', "]"]);
});
