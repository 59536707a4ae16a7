import { ByteWriter, Cursor } from "@narthex/bytes";
import { Labels } from "@narthex/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readLabels } from "../wal/records.ts";
import { AgentSeries } from "./agent-series.ts";

/**
 * Number of label texts in the test. The number is so large that the encoded symbol numbers have all lengths, up to
 * three bytes.
 */
const MANY = 9000;
const wide = Labels.of(Array.from({ length: MANY }, (_, i) => [`l${i}`, `v${i}`] as const));

const labels = fc
  .uniqueArray(fc.nat(30), { minLength: 1, maxLength: 6 })
  .chain((names) => fc.tuple(fc.constant(names), fc.array(fc.nat(12), { minLength: 6, maxLength: 6 })))
  .map(([names, values]) => Labels.of(names.map((name, i) => [`n${name}`, `ü${values[i]}`] as const)));

const action = fc.record({
  kind: fc.constantFrom("add" as const, "add" as const, "remove" as const),
  labels,
  pick: fc.nat(),
});

const written = (series: AgentSeries, row: number): Labels => {
  const into = new ByteWriter(16);
  series.writeLabels(into, row);
  const cursor = new Cursor(into.written.slice());
  const read = readLabels(cursor);
  expect(cursor.rest).toBe(0);
  return read;
};

test("series are found by labels and reference after other series were added and removed, and keep their labels", () => {
  fc.assert(
    fc.property(fc.boolean(), fc.array(action, { maxLength: 80 }), (isWide, actions) => {
      const series = new AgentSeries();
      if (isWide) series.add(wide);
      const live = new Map<string, { readonly ref: number; readonly labels: Labels }>();
      if (isWide) live.set(wide.toString(), { ref: 1, labels: wide });
      for (const { kind, labels: wanted, pick } of actions) {
        const chosen = [...live.values()][pick % Math.max(1, live.size)];
        if (kind === "add") {
          const row = series.find(wanted);
          expect(row !== 0).toBe(live.has(wanted.toString()));
          if (row !== 0) continue;
          const ref = series.references.next;
          series.add(wanted);
          live.set(wanted.toString(), { ref, labels: wanted });
        } else if (chosen !== undefined) {
          series.remove(series.rowOf(chosen.ref));
          live.delete(chosen.labels.toString());
        }
      }
      expect(series.count).toBe(live.size);
      expect([...series.liveRefs()].sort((a, b) => a - b)).toEqual(
        [...live.values()].map(({ ref }) => ref).sort((a, b) => a - b),
      );
      for (const { ref, labels: own } of live.values()) {
        const row = series.find(own);
        expect(series.rowOf(ref)).toBe(row);
        expect(series.labelsOf(row).toString()).toBe(own.toString());
        expect(written(series, row).toString()).toBe(own.toString());
      }
    }),
    { numRuns: 60 },
  );
});

test("every series is found after the table has grown to thousands of series", () => {
  const series = new AgentSeries();
  const named = (i: number): Labels => Labels.of({ __name__: "m", i: String(i), tenth: String(i % 10) });
  for (let i = 0; i < 5000; i++) series.add(named(i));
  for (let i = 0; i < 5000; i++) expect(series.at.ref[series.find(named(i))]).toBe(i + 1);
  expect(series.find(named(5000))).toBe(0);
  expect(series.find(Labels.of({ __name__: "m", i: "1" }))).toBe(0);
});
