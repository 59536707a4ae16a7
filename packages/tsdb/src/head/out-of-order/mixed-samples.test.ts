import { Labels, Matcher } from "@narthex/model";
import { temporaryFolder } from "@narthex/runtime/testing";
import { type Queryable, SampleColumns } from "@narthex/storage";
import { createSampleBatch } from "@narthex/storage";
import { histogramOf } from "@narthex/storage/testing";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { copyOf, onThisThread, openTestTsdb } from "../../testing/test-tsdb.ts";
import type { Tsdb } from "../../tsdb.ts";

const MINUTE = 60_000;
const START = 120 * MINUTE * 10_000;

interface Sample {
  readonly series: number;
  readonly minute: number;
  readonly value: number;
  readonly isHistogram: boolean;
  readonly start: number;
}

/** Expected samples of a database, by series and time. */
type Contents = Map<string, readonly [value: number, isHistogram: boolean, start: number]>;

const open = (dir: string): Promise<Tsdb> =>
  openTestTsdb(dir, {
    files: onThisThread,
    outOfOrderTimeWindowMs: 1000 * MINUTE,
    startTimestamps: true,
    floatChunkEncoding: "xor2",
    histogramStartTimestamps: true,
  });

async function append(db: Tsdb, samples: readonly Sample[]): Promise<void> {
  const app = db.appendable.appender();
  for (const { series, minute, value, isHistogram, start } of samples) {
    const ref = app.series(Labels.of({ __name__: "m", s: `${series}` }));
    const time = START + minute * MINUTE;
    if (isHistogram) {
      app.appendHistogram(ref, time, histogramOf(1 + (value % 3), { sum: value }), start);
      continue;
    }
    const batch = createSampleBatch(1);
    batch.refs[0] = ref;
    batch.timestamps[0] = time;
    batch.values[0] = value;
    batch.starts = Float64Array.of(start);
    batch.count = 1;
    app.append(batch);
  }
  await app.commit();
}

async function contentsOf(queryable: Queryable): Promise<Contents> {
  const querier = queryable.querier(-Infinity, Infinity);
  const set = await querier.select([new Matcher("=", "__name__", "m")], { start: -Infinity, end: Infinity });
  const contents: Contents = new Map();
  const into = new SampleColumns(1);
  for (const [index, labels] of set.labels.entries()) {
    set.read(index, -Infinity, Infinity, into);
    for (let i = 0; i < into.count; i++) {
      const histogram = into.histograms?.[i];
      const key = `${labels.get("s")} ${(into.timestamps[i]! - START) / MINUTE}`;
      const start = into.startTimestamps?.[i] ?? 0;
      expect(contents.has(key)).toBe(false);
      contents.set(key, [histogram?.sum ?? into.values[i]!, histogram !== undefined, start]);
    }
  }
  querier.close();
  return contents;
}

const sample = fc.record({
  series: fc.nat(1),
  minute: fc.nat(400),
  value: fc.nat(5),
  isHistogram: fc.boolean(),
  start: fc.constantFrom(0, 0, START - 5),
});

const sorted = (contents: Contents): unknown[] => [...contents].toSorted(([a], [b]) => (a < b ? -1 : 1));

test("floats and histograms in any order are kept, with their start times, through starts and blocks", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(sample, { minLength: 1, maxLength: 90, size: "max" }), { minLength: 1, maxLength: 6 }),
      async (commits) => {
        const dir = temporaryFolder();
        const db = await open(dir);
        const expected: Contents = new Map();
        for (const commit of commits) {
          await append(db, commit);
          for (const { series, minute, value, isHistogram, start } of commit) {
            const key = `${series} ${minute}`;
            if (!expected.has(key)) expected.set(key, [value, isHistogram, start]);
          }
        }
        expect(sorted(await contentsOf(db.queryable))).toEqual(sorted(expected));
        const again = await open(copyOf(dir));
        expect(sorted(await contentsOf(again.queryable))).toEqual(sorted(expected));
        await again.compactNow();
        expect(sorted(await contentsOf(again.queryable))).toEqual(sorted(expected));
        await again.close();
        await db.close();
      },
    ),
    { numRuns: 15 },
  );
});
