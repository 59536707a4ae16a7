import { join } from "node:path";
import { Labels, wordsOf } from "@narthex/model";
import { memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { SampleColumns } from "@narthex/storage";
import { histogramOf } from "@narthex/storage/testing";
import { expect, test } from "vitest";
import { ChunkFiles } from "../head/chunk-files/chunk-files.ts";
import { diskFiles } from "../files.ts";
import { Head } from "../head/head.ts";
import { Replay } from "../head/replay/replay.ts";
import type { SeriesRow } from "../head/memory/series-rows.ts";
import { readSnapshot } from "./read-snapshot.ts";
import { writeSnapshot } from "./write-snapshot.ts";

const FLOATS = Labels.of({ __name__: "f" });
const HISTOGRAMS = Labels.of({ __name__: "h" });

const startAt = (time: number): number => time - (time % 3000) - 500;

const headWithStarts = (): Head =>
  new Head(0, undefined, { encodings: { withStarts: true, floatsXor2: true }, histogramStarts: true });

function insert(head: Head, times: readonly number[]): void {
  const rows = [FLOATS, HISTOGRAMS].map((labels): SeriesRow => {
    const known = head.memory.series.find(labels);
    return known === 0 ? head.memory.series.add(labels) : known;
  });
  for (const time of times) {
    const [low, high] = wordsOf(Float64Array.of(time));
    expect(head.insertFloat(rows[0]!, time, high!, low!, startAt(time))).toBe(true);
    expect(head.insertHistogram(rows[1]!, time, histogramOf(time / 1000), startAt(time))).toBe(true);
  }
}

async function startsOf(head: Head, labels: Labels): Promise<[number, number][]> {
  const querier = head.querier(-Infinity, Infinity);
  const set = await querier.select([], { start: -Infinity, end: Infinity });
  const into = new SampleColumns();
  set.read(
    set.labels.findIndex((other) => other.key === labels.key),
    -Infinity,
    Infinity,
    into,
  );
  querier.close();
  return Array.from({ length: into.count }, (_, i) => [into.timestamps[i]!, into.startTimestamps?.[i] ?? 0]);
}

test("the part of a chunk that is missing in the chunk files keeps its start timestamps", async () => {
  const dir = temporaryFolder();
  const times = [10_000, 11_000, 12_000, 13_000, 14_000];
  const source = headWithStarts();
  insert(source, times);
  const { path } = await writeSnapshot(dir, source, {
    files: diskFiles,
    compression: "none",
    segment: 0,
    offset: 0,
    aliases: new Map(),
    hasBatches: true,
    chunkFiles: new ChunkFiles(join(dir, "chunks_head"), diskFiles, memoryLogger()),
  });
  const head = headWithStarts();
  insert(head, times.slice(0, 2));
  await readSnapshot(path, head, new Replay(head), { files: diskFiles });
  const expected = times.map((time) => [time, startAt(time)]);
  expect(await startsOf(head, FLOATS)).toEqual(expected);
  expect(await startsOf(head, HISTOGRAMS)).toEqual(expected);
});
