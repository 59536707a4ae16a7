import { expect, test } from "vitest";
import { LruCache } from "./lru-cache.ts";

test("what was used last is kept, what was used longest ago is made anew", () => {
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

test("what comes of a long text is not kept", () => {
  const known = new LruCache(2, 3, (text) => ({ text }));
  expect(known.of("long")).not.toBe(known.of("long"));
});

test("what cannot be made is tried again", () => {
  let tries = 0;
  const known = new LruCache(2, 3, () => {
    tries++;
    throw new Error("no");
  });
  expect(() => known.of("a")).toThrow("no");
  expect(() => known.of("a")).toThrow("no");
  expect(tries).toBe(2);
});
