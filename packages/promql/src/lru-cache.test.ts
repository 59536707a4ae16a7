import { expect, test } from "vitest";
import { LruCache } from "./lru-cache.ts";

test("the most recently used results are kept, and the least recently used one is computed again", () => {
  const made: string[] = [];
  const known = new LruCache(2, 3, (text) => {
    made.push(text);
    return { text };
  });
  const first = known.of("a");
  known.of("b");
  expect(known.of("a")).toBe(first);
  known.of("c");
  expect(known.of("a")).toBe(first);
  known.of("b");
  expect(made).toEqual(["a", "b", "c", "b"]);
});

test("the result for a long text is not cached", () => {
  const known = new LruCache(2, 3, (text) => ({ text }));
  expect(known.of("long")).not.toBe(known.of("long"));
});

test("a text whose computation failed is computed again", () => {
  let tries = 0;
  const known = new LruCache(2, 3, () => {
    tries++;
    throw new Error("no");
  });
  expect(() => known.of("a")).toThrow("no");
  expect(() => known.of("a")).toThrow("no");
  expect(tries).toBe(2);
});
