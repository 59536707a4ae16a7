import type { Steps } from "@narthex/runtime";
import { expect, test } from "vitest";
import { StreamReader } from "./stream-reader.ts";

const manyLabels = (count: number, value = "v"): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`l${i}`, value]));

const streamOf = (stream: object, lines: number, own?: object): Uint8Array => {
  const values = Array.from({ length: lines }, (_, i) =>
    own === undefined ? [String(i), "x"] : [String(i), "x", own],
  );
  return Buffer.from(JSON.stringify({ stream, values }));
};

/** Reads a stream to its end, and returns the number of times at which the reader can yield. */
function yieldsOf(steps: Steps<void>): number {
  let yields = 0;
  while (steps.next().done !== true) yields++;
  return yields;
}

test.each([
  ["structured metadata", { structuredMetadata: { a: "b" } }, 99],
  ["no labels of their own", undefined, 400],
])("a small answer whose lines have %s and many labels of their stream is refused", (_, own, most) => {
  const reader = new StreamReader(5000);
  expect(() => yieldsOf(reader.read(streamOf(manyLabels(5000), 5000, own)))).toThrow(
    "the lines have labels for more than 2000000 cells; ask for fewer lines or labels",
  );
  expect(reader.lines).toHaveLength(most);
});

test("the labels of all streams of an answer share a limit", () => {
  const reader = new StreamReader(5000);
  const stream = streamOf(manyLabels(1000), 1500);
  yieldsOf(reader.read(stream));
  expect(() => yieldsOf(reader.read(stream))).toThrow("ask for fewer lines or labels");
});

test("the cells of a line's labels are those of its stream and its own, and long labels take several", () => {
  const reader = new StreamReader(10);
  yieldsOf(reader.read(streamOf({ a: "1", b: "x".repeat(640) }, 2, { structuredMetadata: { c: "3" }, parsed: null })));
  expect(reader.labelCells).toBe(2 * (1 + 11 + 1));
});

test("a stream or line with more labels than the limit is refused", () => {
  const read = (stream: object, own?: object) => yieldsOf(new StreamReader(10).read(streamOf(stream, 1, own)));
  expect(read(manyLabels(10_000))).toBe(2);
  expect(() => read(manyLabels(10_001))).toThrow("a stream or line has more than 10000 labels");
  expect(() => read({}, { parsed: manyLabels(10_001) })).toThrow("a stream or line has more than 10000 labels");
});

test("the reader can yield after each line that it reads and joins, and seldom between skipped lines", () => {
  expect(yieldsOf(new StreamReader(100).read(streamOf({ a: "b" }, 100, { parsed: { c: "d" } })))).toBe(200);
  expect(yieldsOf(new StreamReader(0).read(streamOf({ a: "b" }, 1024)))).toBe(2);
});
