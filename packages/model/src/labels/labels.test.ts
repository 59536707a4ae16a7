import fc from "fast-check";
import { expect, test } from "vitest";
import { compareLabels, Labels } from "./labels.ts";
import { compareBytewise, quote } from "../strings.ts";

const names = fc.string({ minLength: 1, maxLength: 6, unit: "grapheme" });
const sets = fc.dictionary(names, fc.string({ maxLength: 6, unit: "grapheme" }), { maxKeys: 6, noNullPrototype: true });

test("Labels.of() sorts by name, drops empty values and gives equal sets equal keys", () =>
  fc.assert(
    fc.property(sets, (record) => {
      const labels = Labels.of(record);
      const shuffled = Labels.of(Object.entries(record).reverse());
      expect(labels.key).toBe(shuffled.key);
      expect(labels.names()).toEqual(labels.names().toSorted(compareBytewise));
      for (const [name, value] of Object.entries(record)) expect(labels.get(name)).toBe(value);
      expect(labels.size).toBe(Object.values(record).filter((value) => value !== "").length);
    }),
  ));

test("compareBytewise() orders like UTF-8 bytes", () =>
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
      expect(Math.sign(compareBytewise(a, b))).toBe(Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))));
    }),
  ));

test("compareLabels() is a total order that agrees with equality", () =>
  fc.assert(
    fc.property(sets, sets, (a, b) => {
      const [x, y] = [Labels.of(a), Labels.of(b)];
      expect(Math.sign(compareLabels(x, y)) + Math.sign(compareLabels(y, x))).toBe(0);
      expect(compareLabels(x, y) === 0).toBe(x.equals(y));
    }),
  ));

test("with() and without() do not change the original", () => {
  const labels = Labels.of({ job: "a", instance: "b" });
  expect(labels.with({ job: "", zone: "z" }).toString()).toBe('{instance="b", zone="z"}');
  expect(labels.without("job").toString()).toBe('{instance="b"}');
  expect(labels.only("job").toString()).toBe('{job="a"}');
  expect(labels.toString()).toBe('{instance="b", job="a"}');
});

test("toString() quotes names that are not plain identifiers", () => {
  expect(Labels.of({ "a.b": 'say "hi"\n' }).toString()).toBe('{"a.b"="say \\"hi\\"\\n"}');
});

test("quote() prints like Go's %q", () => {
  expect(quote('tab\t quote" back\\ é \u0001 \u200b')).toBe('"tab\\t quote\\" back\\\\ é \\x01 \\u200b"');
});

test("filledFrom() adds the missing labels of the defaults", () => {
  const labels = Labels.of({ a: "1", c: "2" });
  expect(labels.filledFrom(Labels.of({ b: "3", c: "4", d: "5" })).toRecord()).toEqual({
    a: "1",
    b: "3",
    c: "2",
    d: "5",
  });
  expect(labels.filledFrom(Labels.of({ a: "9" }))).toBe(labels);
  expect(Labels.EMPTY.filledFrom(labels).toRecord()).toEqual(labels.toRecord());
});
