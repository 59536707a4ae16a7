import { expect, test } from "vitest";
import { fnv1a64 } from "./fnv.ts";
import { xxhash64 } from "./xxhash64.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

test("fnv1a64() returns the published test vectors", () => {
  expect(fnv1a64(encode("")).toString(16)).toBe("cbf29ce484222325");
  expect(fnv1a64(encode("a")).toString(16)).toBe("af63dc4c8601ec8c");
  expect(fnv1a64(encode("foobar")).toString(16)).toBe("85944171f73967e8");
  expect(fnv1a64(encode("bar"), fnv1a64(encode("foo")))).toBe(fnv1a64(encode("foobar")));
});

test("xxhash64() returns the published test vectors", () => {
  expect(xxhash64(encode("")).toString(16)).toBe("ef46db3751d8e999");
  expect(xxhash64(encode("a")).toString(16)).toBe("d24ec4f1a98c6e5b");
  expect(xxhash64(encode("abc")).toString(16)).toBe("44bc2cf5ad770999");
  expect(xxhash64(encode("Nobody inspects the spammish repetition")).toString(16)).toBe("fbcea83c8a378bf1");
});
