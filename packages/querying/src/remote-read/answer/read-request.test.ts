import { WireWriter } from "@narthex/bytes";
import { expect, test } from "vitest";
import { acceptedTypes, readRequest } from "./read-request.ts";

test("only the first accepted types of a request are read, however they are encoded", () => {
  const single = Uint8Array.from(Array.from({ length: 20 }, (_, i) => [0x10, i]).flat());
  const packed = Uint8Array.of(0x12, 20, ...Array.from({ length: 20 }, (_, i) => i));
  const first = Array.from({ length: 16 }, (_, i) => i);
  expect([acceptedTypes(single), acceptedTypes(packed)]).toEqual([first, first]);
  expect(acceptedTypes(Uint8Array.of(0x12, 2, 5, 1, 0x10, 0))).toEqual([5, 1, 0]);
});

test("a request with too many fields is rejected", () => {
  const queries = (count: number): Uint8Array => new Uint8Array(2 * count).map((_, i) => (i % 2 === 0 ? 0x0a : 0));
  expect(acceptedTypes(queries(100_000))).toEqual([]);
  expect(() => acceptedTypes(queries(100_001))).toThrow("more than 100000 fields in a request");
});

/** Returns a remote read request that has one query with `count` matchers. */
function requestOf(count: number, type: number, value: string): Uint8Array {
  const out = new WireWriter();
  out.message(1, () => {
    for (let i = 0; i < count; i++) {
      out.message(3, () => {
        out.int64(1, type);
        out.string(2, "a");
        out.string(3, value);
      });
    }
  });
  return out.written.slice();
}

test.each([
  ["text", requestOf(1, 0, "x".repeat(2 ** 20)), "expression has 1048577 characters, more than the 1048576"],
  ["matchers", requestOf(2 ** 14 + 1, 0, "x"), "more than 16384 matchers in all"],
  ["patterns", requestOf(1000, 2, "(a.*b[cd]+|x)".repeat(25)), "regular expressions with more than 262144 characters"],
])("queries with too many %s are refused", (_, request, problem) => {
  expect(() => readRequest(request)).toThrow(problem);
});

test("many matchers are read if they do not exceed the limit", () => {
  expect(readRequest(requestOf(2 ** 14, 2, "a.*b"))[0]?.matchers).toHaveLength(2 ** 14);
});
