import { LabelBytes, Labels } from "@narthex/model";
import { createSampleBatch, NO_SERIES } from "@narthex/storage";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Transaction } from "../append/transaction.ts";
import { Head } from "../head.ts";
import { truncateHead } from "../truncate.ts";

const HOUR_MS = 3_600_000;

// Long label names, some of which are prefixes of others. The longest ones exceed the size up to which ScrapedLabels
// compares labels with those of the previous series.
const LONG_NAMES = [126, 127, 128, 129, 200, 254, 255, 256].map((size) => "n".repeat(size));
const NAMES = ["__name__", "a", "ab", "abc", "instance", ...LONG_NAMES];
const VALUES = ["", "a", "b", "bc", "c", "cb", "é", "v".repeat(127), "v".repeat(128), "v".repeat(400)];

const labelSet = fc.uniqueArray(fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom(...VALUES)), {
  selector: ([name]) => name,
  minLength: 1,
  maxLength: NAMES.length,
});

function bytesOf(set: LabelBytes, pairs: readonly (readonly [string, string])[]): LabelBytes {
  set.clear();
  for (const [name, value] of pairs) set.addText(name, value);
  set.sort();
  return set;
}

/** Appends the series of one scrape, one after the other, and checks that each has its own labels. */
function expectOwnLabels(sets: readonly (readonly (readonly [string, string])[])[]): void {
  const head = new Head(0);
  const app = head.appender();
  const set = new LabelBytes();
  for (const pairs of sets) {
    const ref = app.seriesFromBytes(bytesOf(set, pairs));
    const { series } = head.memory;
    expect(series.labelsOf(series.rowOf(ref)).pairs).toEqual(Labels.of(pairs).pairs);
  }
  app.rollback();
}

async function end(head: Head, app: Transaction, refs: readonly number[], time: number): Promise<void> {
  const batch = createSampleBatch(refs.length);
  batch.refs.set(refs);
  batch.timestamps.fill(time);
  batch.count = refs.length;
  app.append(batch);
  await app.commit();
  await truncateHead(head, time - HOUR_MS);
}

test("series added by bytes have their own labels, whatever series were added and removed before", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof({ weight: 6, arbitrary: labelSet }, { weight: 1, arbitrary: fc.constant("truncate" as const) }),
        {
          maxLength: 80,
        },
      ),
      async (steps) => {
        const head = new Head(0);
        const set = new LabelBytes();
        let refs: number[] = [];
        let time = 0;
        let app = head.appender();
        for (const step of steps) {
          if (step === "truncate") {
            await end(head, app, refs, (time += 2 * HOUR_MS));
            refs = [];
            app = head.appender();
            continue;
          }
          const labels = Labels.of(step);
          if (labels.size === 0) continue;
          const ref = app.seriesFromBytes(bytesOf(set, step));
          const { series } = head.memory;
          expect(series.labelsOf(series.rowOf(ref)).pairs).toEqual(labels.pairs);
          expect(app.series(labels)).toBe(ref);
          refs.push(ref);
        }
        app.rollback();
      },
    ),
    { numRuns: 200 },
  ));

test("a name of 255 bytes is not mistaken for a label that was too long to be compared", () => {
  // In the second label set, one name has the same bytes as two consecutive labels of the first set. ScrapedLabels
  // compares bytes, and must not treat this name as equal to the two labels.
  const [a, b, c, d] = ["A".repeat(64), "B".repeat(64), "C".repeat(64), "D".repeat(63)];
  const first = [
    ["__name__", "m"],
    [a, b],
    [c, d],
  ] as const;
  expectOwnLabels([
    first,
    [
      ["__name__", "m"],
      ["A".repeat(200), "w"],
    ],
    first,
    [
      ["__name__", "m"],
      ["A".repeat(200), "v"],
      [c, d],
    ],
    [
      ["__name__", "m"],
      [a + b + c + d, "w"],
    ],
  ]);
});

test("ids of removed pairs are forgotten, since they may belong to other pairs", async () => {
  const head = new Head(0);
  const set = new LabelBytes();
  const last: (readonly [string, string])[] = [
    ["__name__", "kept"],
    ["a", "first"],
  ];
  for (let time = HOUR_MS; time < 40 * HOUR_MS; time += 2 * HOUR_MS) {
    const app = head.appender();
    const others = Array.from({ length: 20 }, (_, i) =>
      app.series(Labels.of({ __name__: `m${time}_${i}`, b: `${i}` })),
    );
    const ref = app.seriesFromBytes(bytesOf(set, last));
    const { series } = head.memory;
    expect(series.labelsOf(series.rowOf(ref)).pairs).toEqual(last.flat());
    await end(head, app, time % (4 * HOUR_MS) === HOUR_MS ? [...others, ref] : others, time);
  }
});

test.each(["series", "pairs", "symbols", "names", "slabs"] as const)(
  "if there is little room for %s, adding series by bytes refuses the same series as adding them by labels",
  (limit) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 90 }), fc.array(labelSet, { maxLength: 120 }), (most, steps) => {
        const limits = { [limit]: limit === "slabs" ? 2 + (most % 5) : most };
        const heads = [new Head(0, undefined, { limits }), new Head(0, undefined, { limits })] as const;
        const [bytes, strings] = [heads[0].appender(), heads[1].appender()];
        const set = new LabelBytes();
        for (const [i, step] of steps.entries()) {
          const labels = Labels.of(step);
          if (labels.size === 0) continue;
          const ref = i % 5 === 0 ? bytes.series(labels) : bytes.seriesFromBytes(bytesOf(set, step));
          expect(ref).toBe(strings.series(labels));
        }
        expect(heads[0].memory.capacity.refusedSeries).toEqual(heads[1].memory.capacity.refusedSeries);
      }),
      { numRuns: 40 },
    );
  },
);

test("room that was used by series added by labels is not granted to series added by bytes", () => {
  const head = new Head(0, undefined, { limits: { pairs: 40 } });
  const app = head.appender();
  const set = new LabelBytes();
  const refused = Array.from({ length: 16 }, (_, i) => {
    const pairs = ["a", "b", "c"].map((name) => [name, `${i}`] as const);
    return i % 2 === 0 ? app.series(Labels.of(pairs)) : app.seriesFromBytes(bytesOf(set, pairs));
  }).filter((ref) => ref === NO_SERIES);
  expect(refused).toHaveLength(3);
  expect(head.memory.postings.takenPairs).toBe(39);
});
