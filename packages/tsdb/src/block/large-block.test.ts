import { closeSync, openSync, readdirSync, readFileSync, statSync, truncateSync, writeSync } from "node:fs";
import { join } from "node:path";
import { ByteMap } from "@narthex/bytes";
import { Labels } from "@narthex/model";
import { ManualClock, memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { createSampleBatch, SampleColumns } from "@narthex/storage";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { diskFiles, type Files } from "../files.ts";
import { openTsdb } from "../open-tsdb.ts";
import { contentsOf as samplesOf } from "../testing/contents.ts";
import { type ListedSeries, ListedSource } from "../testing/listed-series.ts";
import { SimulatedDisk } from "../testing/simulated-disk.ts";
import type { ChunkBytes } from "./block.ts";
import { isLasting, isOfContents } from "./block-error.ts";
import { decodeChunk } from "./decode-chunk.ts";
import { FileSink } from "./file-sink.ts";
import { openBlock } from "./open-block.ts";
import { SeriesEntry } from "./series-entry.ts";
import { SeriesSpill } from "./series-spill.ts";
import { Spool } from "./spool.ts";
import { writeBlock } from "./write-block.ts";

const GIB = 2 ** 30;
const ULID = "01HKTR0000000000000000000A";
const DRAFT = { ulid: ULID, minTime: 0, maxTime: 1000, compaction: { level: 1, sources: [ULID] } };
const SERIES: readonly ListedSeries[] = Array.from({ length: 40 }, (_, i) => ({
  labels: Labels.of({ __name__: "m", i: String(i).padStart(2, "0") }),
  samples: Array.from({ length: 30 }, (_unused, at) => [at, Math.sin(i * 30 + at)] as const),
}));
// oxlint-disable-next-line typescript/unbound-method -- called with a sink
const positionOf = Object.getOwnPropertyDescriptor(FileSink.prototype, "position")!.get!;

let dir = "";
beforeEach(() => void (dir = temporaryFolder()));
afterEach(() => void vi.restoreAllMocks());

/** A range without data in a sparse file. The range begins after the file's first `from` bytes. */
interface Hole {
  /** Start of the hole; unknown until the writer first reads its position. */
  from: number | undefined;
  readonly bytes: number;
}

/**
 * Returns files that simulate large holes. Writers see positions as if each hole had been written. dig() then inserts
 * the holes into the real files.
 */
function writeWithHoles(holes: Readonly<Record<string, Hole>>): Files {
  const holeOf = (path: string): Hole | undefined => Object.entries(holes).find(([end]) => path.endsWith(end))?.[1];
  vi.spyOn(FileSink.prototype, "position", "get").mockImplementation(function (this: FileSink) {
    const position = positionOf.call(this) as number;
    const hole = holeOf(this.path);
    if (hole === undefined) return position;
    hole.from ??= position;
    return position < hole.from ? position : position + hole.bytes;
  });
  const paths = new Map<number, string>();
  return {
    ...diskFiles,
    open(path, mode) {
      const file = diskFiles.open(path, mode);
      paths.set(file, path);
      return file;
    },
    read: (file, into, position) => diskFiles.read(file, into, position - (holeOf(paths.get(file)!)?.bytes ?? 0)),
  };
}

function dig(path: string, { from = 0, bytes }: Hole): void {
  const written = readFileSync(path);
  truncateSync(path, from);
  const file = openSync(path, "r+");
  writeSync(file, written, from, written.length - from, from + bytes);
  closeSync(file);
}

function contentsOf(path: string): string[] {
  const block = openBlock(path, { files: diskFiles });
  const [entry, reader] = [new SeriesEntry(), block.chunkReader()];
  const chunk: ChunkBytes = { bytes: new Uint8Array(0), start: 0, end: 0, encoding: 0 };
  const found = Array.from(block.postings("__name__", "m"), (ref) => {
    block.series(ref, entry);
    const labels = Array.from(entry.labels.subarray(0, entry.labelCount * 2), (id) => block.symbol(id));
    const columns = new SampleColumns(1);
    for (let i = 0; i < entry.chunkCount; i++) {
      reader.read(entry.chunkRef[i]!, chunk);
      decodeChunk(chunk, -Infinity, Infinity, columns);
    }
    expect([...block.postings("i", labels[3]!)]).toEqual([ref]);
    return `${labels.join()}: ${columns.values.subarray(0, columns.count).join()}`;
  });
  block.close();
  return found;
}

const EXPECTED = SERIES.map(
  ({ labels, samples }) => `__name__,m,i,${labels.get("i")}: ${samples.map(([, value]) => Number(value)).join()}`,
);

test("a block with offsets beyond 2, 4 and 8 GiB in its index, and up to 4 GiB in a segment, is written and read", () => {
  const holes = {
    "chunks/000001": { from: 8, bytes: 4 * GIB - 2000 },
    "/index": { from: undefined, bytes: 9 * GIB },
  };
  const files = writeWithHoles(holes);
  // A segment has at most 4 GiB even if the options allow more.
  const meta = writeBlock(dir, DRAFT, new ListedSource(SERIES, 10), files, { segmentBytes: 5 * GIB });
  expect(meta?.stats?.numSeries).toBe(SERIES.length);
  vi.restoreAllMocks();
  const folder = join(dir, ULID);
  for (const [name, hole] of Object.entries(holes)) dig(join(folder, name), hole);
  const sizes = ["index", "chunks/000001", "chunks/000002"].map((name) => statSync(join(folder, name)).size / GIB);
  expect(sizes.map((size) => Math.ceil(size))).toEqual([10, 4, 1]);
  expect(contentsOf(folder)).toEqual(EXPECTED);
});

const tooLarge: [what: string, make: () => Files][] = [
  [
    "the symbol table takes",
    () => {
      // oxlint-disable-next-line typescript/unbound-method -- called with a spill
      const { symbolOrder } = SeriesSpill.prototype;
      vi.spyOn(SeriesSpill.prototype, "symbolOrder").mockImplementation(function* (this: SeriesSpill) {
        const order = yield* symbolOrder.call(this);
        vi.spyOn(ByteMap.prototype, "key").mockReturnValue({ length: GIB } as Uint8Array<ArrayBuffer>);
        return order;
      });
      return diskFiles;
    },
  ],
  ["series take", () => writeWithHoles({ "/index": { from: undefined, bytes: 64 * GIB } })],
  [
    "the postings table takes",
    () => {
      vi.spyOn(Spool.prototype, "size", "get").mockReturnValue(4 * GIB - 4);
      return diskFiles;
    },
  ],
];

test.each(tooLarge)(
  "an index in which %s more than the format allows is refused, and leaves no files",
  (what, make) => {
    const files = make();
    let cause: unknown;
    try {
      writeBlock(dir, DRAFT, new ListedSource(SERIES, 10), files);
    } catch (error) {
      cause = error;
    }
    expect(String(cause)).toMatch(
      new RegExp(`^BlockTooLarge: .*/index: ${what} \\d+ bytes, the format of blocks allows`),
    );
    expect([isLasting(cause), isOfContents(cause)]).toEqual([true, false]);
    expect(readdirSync(dir)).toEqual([]);
  },
);

test("if an index is refused, only its compaction fails: the head keeps its samples, and the next compaction writes the block", async () => {
  const options = { clock: new ManualClock(), logger: memoryLogger(), lockFile: false };
  const db = await openTsdb("/data", { ...options, files: new SimulatedDisk(() => 0.5).mount() });
  const batch = createSampleBatch(400);
  const app = db.appendable.appender();
  const ref = app.series(Labels.of({ __name__: "m" }));
  for (batch.count = 0; batch.count < 400; batch.count++) {
    batch.refs[batch.count] = ref;
    batch.timestamps[batch.count] = batch.count * 60_000;
  }
  app.append(batch);
  await app.commit();
  const before = await samplesOf(db.queryable);
  writeWithHoles({ "/index": { from: undefined, bytes: 64 * GIB } });
  await expect(db.maintain()).rejects.toThrow("the format of blocks allows");
  expect([db.blocks(), await samplesOf(db.queryable)]).toEqual([[], before]);
  expect(db.collect()["prometheus_tsdb_compactions_failed_total"]).toBe(1);
  vi.restoreAllMocks();
  await db.maintain();
  expect(db.blocks()).not.toEqual([]);
  expect(await samplesOf(db.queryable)).toEqual(before);
  await db.close();
});
