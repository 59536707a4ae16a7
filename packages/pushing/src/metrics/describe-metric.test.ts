import { WireWriter } from "@narthex/bytes";
import { expect, test } from "vitest";
import { describeMetric } from "./describe-metric.ts";

const bytes = (write: (out: WireWriter) => void): Uint8Array => {
  const out = new WireWriter();
  write(out);
  return out.written;
};

test("the description of a metric has at most a thousand of its labels", () => {
  const labels = Array<string>(2 * 5000).fill("");
  const text = describeMetric({ labels, value: bytes((out) => out.message(2, () => out.double(1, 1))) });
  expect(text.match(/label:/g)).toHaveLength(1000);
  expect(text).toMatch(/value:""} {2}\(and more\) {2}gauge:{value:1}$/);
});

test("the description of a histogram has at most a thousand of its buckets and deltas", () => {
  const value = bytes((out) =>
    out.message(7, () => {
      for (let i = 0; i < 50_000; i++) out.message(3, () => out.uint64(1, i));
      out.bytes(13, new Uint8Array(50_000).fill(2));
      out.sint64(5, 3);
    }),
  );
  const text = describeMetric({ labels: [], value });
  expect(text.match(/bucket:/g)).toHaveLength(1000);
  expect(text.match(/positive_delta:1/g)).toHaveLength(1000);
  expect(text.match(/\(and more\)/g)).toHaveLength(2);
  expect(text).toContain("schema:3");
});

test("a description has at most 65,536 characters, and a mark if it was cut", () => {
  const text = describeMetric({ labels: ["a", "\u0001".repeat(1_000_000)], value: new Uint8Array() });
  expect(text).toHaveLength(65_537);
  expect(text.endsWith("…")).toBe(true);
});
