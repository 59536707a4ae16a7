import { Labels } from "@narthex/model";
import { runToEnd } from "@narthex/runtime";
import type { Exemplar } from "@narthex/storage";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ExemplarRing } from "./exemplar-ring.ts";

const series = (i: number): Labels => Labels.of({ __name__: "m", i: String(i) });

/** Returns a ring with `count` exemplars of ten series, 1 ms apart. */
function filled(count: number): ExemplarRing {
  const ring = new ExemplarRing(count);
  for (let i = 0; i < count; i++) ring.add(i % 10, series(i % 10), { labels: Labels.EMPTY, value: i, timestamp: i });
  return ring;
}

test("selecting() returns the exemplars of a range by series, and calls the matcher once for each series", () => {
  let asked = 0;
  const found = runToEnd(
    filled(100).selecting(20, 49, (labels) => {
      asked++;
      return labels.get("i") < "2";
    }),
  );
  expect(asked).toBe(10);
  expect(found.map(({ labels, exemplars }) => [labels.get("i"), exemplars.map(({ value }) => value)])).toEqual([
    ["0", [20, 30, 40]],
    ["1", [21, 31, 41]],
  ]);
});

test("selecting() yields to other work, and returns the exemplars that existed at its start", () => {
  const ring = filled(2000);
  const steps = ring.selecting(0, Infinity, () => true);
  let turns = 0;
  for (;;) {
    const step = steps.next();
    if (step.done === true) {
      expect(step.value.flatMap(({ exemplars }) => exemplars).every(({ value }) => value >= 0)).toBe(true);
      expect(step.value.flatMap(({ exemplars }) => exemplars)).toHaveLength(2000);
      break;
    }
    turns++;
    for (let i = 0; i < 300; i++) ring.add(1, series(1), { labels: Labels.EMPTY, value: -1, timestamp: 1e6 });
  }
  expect(turns).toBe(7);
});

test("a ring of any size, resized at any time, has the newest exemplars, and the last exemplar of each series", () => {
  const step = fc.oneof(fc.record({ resize: fc.nat(5) }), {
    weight: 6,
    arbitrary: fc.record({ ref: fc.nat(3), timestamp: fc.nat(4), value: fc.nat(2), newer: fc.boolean() }),
  });
  fc.assert(
    fc.property(fc.nat(5), fc.array(step, { maxLength: 60, size: "max" }), (first, steps) => {
      const ring = new ExemplarRing(first);
      let capacity = first;
      let model: { ref: number; exemplar: Exemplar }[] = [];
      let lastTimestamp = 0;
      for (const one of steps) {
        if ("resize" in one) {
          ring.resize((capacity = one.resize));
          model = capacity === 0 ? [] : model.slice(-capacity);
          lastTimestamp = model.at(-1)?.exemplar.timestamp ?? lastTimestamp;
          continue;
        }
        const { ref, newer, ...rest } = one;
        const exemplar = { ...rest, labels: Labels.EMPTY };
        const last = model.findLast((entry) => entry.ref === ref)?.exemplar;
        if (newer) ring.addNewer(ref, series(ref), exemplar);
        else ring.add(ref, series(ref), exemplar);
        const rank = (of: Exemplar): number => of.timestamp * 10 + of.value;
        if (capacity === 0 || (newer && last !== undefined && rank(exemplar) <= rank(last))) continue;
        model = [...model, { ref, exemplar }].slice(-capacity);
        lastTimestamp = exemplar.timestamp;
      }
      expect(ring.entries()).toMatchObject(model);
      expect(ring).toMatchObject({ capacity, count: model.length, lastTimestamp });
      expect(ring.seriesCount).toBe(new Set(model.map(({ ref }) => ref)).size);
      for (let ref = 0; ref < 4; ref++)
        expect(ring.lastOf(ref)).toEqual(model.findLast((entry) => entry.ref === ref)?.exemplar);
    }),
  );
});
