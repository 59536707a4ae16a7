import { join } from "node:path";
import { Labels } from "@narthex/model";
import { seededRandom } from "@narthex/runtime";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { openBlock } from "../block/open-block.ts";
import { SeriesEntry } from "../block/series-entry.ts";
import { ulidTime } from "../block/ulid.ts";
import { diskFiles } from "../files.ts";
import { expectSeries, seriesOf } from "../testing/block-contents.ts";
import { timesBetween } from "../testing/sample-rows.ts";
import { BlockBuilder } from "./block-builder.ts";

const builder = (): BlockBuilder =>
  new BlockBuilder({ chunkRangeMs: 1000, now: () => 1_700_000_000_000, random: seededRandom(1) });

test("an import without samples writes no block", () => {
  expect(builder().write("/nowhere")).toBeUndefined();
});

test("a block has the imported samples of each series, and the times and the name of the import", () => {
  const dir = temporaryFolder();
  const target = builder();
  const wide = Labels.of(Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`l${i}`, `v${i}`])));
  const series = [
    { labels: Labels.of({ __name__: "b", x: "2" }), samples: samplesOf(500, 2600, 10) },
    { labels: wide, samples: samplesOf(700, 800, 50) },
    { labels: Labels.of({ __name__: "b", x: "1" }), samples: samplesOf(0, 900, 300) },
  ];
  for (const { labels, samples } of series) {
    for (const [time, value] of samples) expect(target.append(labels, time, value)).toBe(true);
  }
  expect(target.append(wide, 750, 9)).toBe(false);
  expect(target.append(wide, 10, 9)).toBe(false);
  const meta = target.write(dir)!;
  expect(meta).toMatchObject({
    minTime: 0,
    maxTime: 2591,
    stats: { numSeries: 3, numSamples: 215 },
    compaction: { level: 1, sources: [meta.ulid] },
  });
  expect(ulidTime(meta.ulid)).toBe(1_700_000_000_000);
  const block = openBlock(join(dir, meta.ulid), { files: diskFiles });
  expectSeries(seriesOf(block), series);
  const entry = new SeriesEntry();
  block.series([...block.postings("x", "2")][0]!, entry);
  expect([...entry.chunkMinTime].slice(0, entry.chunkCount)).toEqual([500, 1000, 2000]);
  block.close();
});

const samplesOf = (from: number, to: number, step: number): [number, number][] =>
  timesBetween(from, to, step).map((time) => [time, Math.sin(time)]);
