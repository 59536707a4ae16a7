import { ByteWriter } from "@narthex/bytes";
import { compileCapturing, Labels, type RelabelRule } from "@narthex/model";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { RefTable } from "./ref-table.ts";
import { SentSeries } from "./sent-series.ts";

const rule = (fields: Partial<RelabelRule>): RelabelRule => ({
  sourceLabels: ["__name__"],
  separator: ";",
  regex: compileCapturing("(.*)"),
  modulus: 0,
  targetLabel: "",
  replacement: "$1",
  action: "replace",
  ...fields,
});

/** Returns the label names and values of a series in the encoding for remote write 2.0. */
function textsOf(series: SentSeries, ref: number): string[] {
  const row = series.rowOf(ref);
  return Array.from({ length: series.symbolCountOf(row) }, (_, i) => {
    const id = series.symbolOf(row, i);
    const bytes = new Uint8Array(series.symbols.sizeOf(id));
    series.symbols.copy(id, bytes, 0);
    return Buffer.from(bytes).toString();
  });
}

const seriesOf = (version: 1 | 2): SentSeries =>
  new SentSeries({
    version,
    externalLabels: Labels.of({ cluster: "c" }),
    rules: [rule({ regex: compileCapturing("drop.*"), action: "drop" }), rule({ targetLabel: "copy" })],
  });

test("a series is stored with external labels and relabeled, and a series that the rules drop is known as dropped", () => {
  const series = seriesOf(2);
  series.store(7, Labels.of({ __name__: "m", cluster: "own" }), 0);
  series.store(2 ** 40, Labels.of({ __name__: "n" }), 0);
  series.store(8, Labels.of({ __name__: "dropped" }), 0);
  expect(textsOf(series, 7)).toEqual(["__name__", "m", "cluster", "own", "copy", "m"]);
  expect(textsOf(series, 2 ** 40)).toEqual(["__name__", "n", "cluster", "c", "copy", "n"]);
  expect(series.isDropped(series.rowOf(8))).toBe(true);
  expect(series.rowOf(9)).toBe(-1);
});

test("the labels for messages of 1.0 are stored in the encoding of the message", () => {
  const series = seriesOf(1);
  series.store(1, Labels.of({ __name__: "m" }), 0);
  const row = series.rowOf(1);
  const out = new ByteWriter();
  out.reserve(series.sizeOf(row));
  out.length = series.copyLabels(row, out.bytes, 0);
  const label = (name: string, value: string): string =>
    `\n${String.fromCharCode(4 + name.length + value.length)}\n${String.fromCharCode(name.length)}${name}\x12${String.fromCharCode(value.length)}${value}`;
  expect(Buffer.from(out.written).toString()).toBe(label("__name__", "m") + label("cluster", "c") + label("copy", "m"));
});

test("series that only old segments name are forgotten, and the labels of others stay the same", () => {
  const action = fc.record({ ref: fc.nat(40), segment: fc.nat(3), isKept: fc.boolean() });
  fc.assert(
    fc.property(fc.array(fc.array(action, { maxLength: 30 }), { maxLength: 12 }), (rounds) => {
      const series = seriesOf(2);
      const model = new Map<number, { name: string; segment: number }>();
      for (const [round, actions] of rounds.entries()) {
        for (const { ref, segment, isKept } of actions) {
          const known = model.get(ref);
          if (isKept && known !== undefined) {
            series.keep(ref, round + segment);
            known.segment = Math.max(known.segment, round + segment);
          } else if (known === undefined) {
            const name = `metric_${ref}_${round}_${"x".repeat(ref)}`;
            series.store(ref, Labels.of({ __name__: name }), round + segment);
            model.set(ref, { name, segment: round + segment });
          }
        }
        series.forgetBefore(round + 1);
        for (const [ref, { segment }] of model) if (segment < round + 1) model.delete(ref);
        for (let ref = 0; ref <= 40; ref++) {
          const known = model.get(ref);
          if (known === undefined) expect(series.rowOf(ref)).toBe(-1);
          else expect(textsOf(series, ref)[1]).toBe(known.name);
        }
      }
    }),
  );
});

test("a table of references gives the same results as a Map, also beyond 32 bits", () => {
  const ref = fc.oneof(fc.nat(500), fc.maxSafeNat());
  fc.assert(
    fc.property(fc.array(fc.tuple(ref, fc.nat(1000)), { maxLength: 3000 }), fc.array(ref), (entries, others) => {
      const [table, map] = [new RefTable(), new Map(entries)];
      for (const [key, value] of entries) table.set(key, value);
      expect(table.size).toBe(map.size);
      for (const key of [...map.keys(), ...others]) expect(table.get(key)).toBe(map.get(key) ?? -1);
    }),
  );
});
