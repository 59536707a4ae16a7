import { cpSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Cursor } from "@narthex/bytes";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { openTsdb, type Tsdb, type TsdbOptions } from "@narthex/tsdb";
import { expect, test } from "vitest";
import { appendSeries } from "../../support/append-series.ts";
import { type BlockMetadata, blockMetadata, narthexTool, promtool } from "../../support/data-folder.ts";
import { api } from "../../support/query.ts";
import { remoteWrite } from "../../support/remote-write.ts";
import { lacks } from "../../support/requirements.ts";
import { serve, type Served } from "../../support/serving.ts";
import { settled } from "./settled.ts";
import { Workplace } from "../../support/workplace.ts";
import { writtenHour } from "./written-hours.ts";

const HOUR = 3_600_000;
const HOURS = 72;
/** Longest block in ms that both servers create by default: a tenth of 15 days. */
const LONGEST = 36 * HOUR;
/** Start of the samples in ms, in 2019. A block range of 54 hours starts at this time. */
const START = 54 * HOUR * 8000;
const FLAGS = ["--web.enable-remote-write-receiver", "--web.enable-admin-api", "--enable-feature=native-histograms"];

test.skipIf(lacks("peers"))(
  "three days written to both give the same blocks, levels, parents, chunks and samples, also after the same retention",
  async () => {
    using workplace = new Workplace();
    const [ours, theirs] = [workplace.path("ours"), workplace.path("theirs")];
    {
      await using peer = await original(workplace, "theirs");
      await using db = await open(ours);
      for (let hour = 0; hour < HOURS; hour++) {
        const series = writtenHour(START, hour);
        // oxlint-disable-next-line no-await-in-loop -- one hour after the other, each side settled before the next
        await Promise.all([
          remoteWrite(peer.base, series).then(() => settled(peer.base)),
          appendSeries(db.appendable, series),
        ]);
        // oxlint-disable-next-line no-await-in-loop -- blocks are written before the next hour
        await db.maintain();
      }
      const { headStats } = await api<{ headStats: HeadRange }>(peer.base, "status/tsdb");
      const { minTime, maxTime } = (await db.stats(10)).headStats;
      expect({ minTime, maxTime }).toEqual({ minTime: headStats.minTime, maxTime: headStats.maxTime });
      peer.running.kill("SIGTERM");
      await peer.running.ended;
    }
    sameBlocks(ours, theirs);
    const dumped = promtool("dump", theirs);
    expect(dumped.split("\n").length).toBeGreaterThan(300_000);
    expect(promtool("dump", ours) === dumped).toBe(true);
    expect(narthexTool("dump", ours) === dumped).toBe(true);
    await sameRetention(workplace);
  },
);

interface HeadRange {
  readonly minTime: number;
  readonly maxTime: number;
}

const original = (workplace: Workplace, data: string, flags: readonly string[] = []): Promise<Served> =>
  serve("prometheus", workplace, data, { config: "global: {}\n", flags: [...FLAGS, ...flags] });

const open = (dir: string, options: Partial<TsdbOptions> = {}): Promise<Tsdb> =>
  openTsdb(dir, { clock: new ManualClock(START), logger: memoryLogger(), ...options });

/** Checks that two folders have blocks with the same ranges, levels, parents, counts and chunk files. */
function sameBlocks(ours: string, theirs: string): void {
  const [own, others] = [blockMetadata(ours), blockMetadata(theirs)];
  expect(own.map(comparable)).toEqual(others.map(comparable));
  expect(Math.max(...own.map(({ level }) => level))).toBe(3);
  for (const [i, { dir }] of own.entries()) {
    const [a, b] = [chunksOf(dir), chunksOf(others[i]!.dir)];
    expect(a.map(({ place }) => place)).toEqual(b.map(({ place }) => place));
    expect(a.every(({ bytes }, k) => bytes.equals(b[k]!.bytes))).toBe(true);
  }
}

/** Removes counts of floats and histograms, which Prometheus 3.5 does not record separately. */
function comparable(metadata: BlockMetadata): unknown {
  const { numFloatSamples: _floats, numHistogramSamples: _histograms, ...stats } = metadata.stats;
  return { ...metadata, stats, dir: undefined };
}

const SEGMENT_HEADER_BYTES = 8;
const CRC_BYTES = 4;
const FLOATS = 1;
/**
 * Position in a histogram chunk that says whether a counter was reset before the chunk: the index of the byte, and the
 * mask of the bits.
 */
const [RESET_AT, RESET_BITS] = [2, 0xc0];

interface PlacedChunk {
  readonly place: string;
  /** The chunk as in the block file: its encoding, then its data. */
  readonly bytes: Buffer;
}

/**
 * Returns the chunks of a block without the reset hints of histogram chunks. Prometheus loses the hint of a chunk that
 * was open when its block was cut. After a stale marker, it marks the first float histogram of a range as "not reset".
 */
function chunksOf(block: string): PlacedChunk[] {
  return readdirSync(join(block, "chunks")).flatMap((name) => {
    const segment = readFileSync(join(block, "chunks", name));
    const chunks: PlacedChunk[] = [];
    for (let at = SEGMENT_HEADER_BYTES; at < segment.length;) {
      const cursor = new Cursor(segment, at);
      const end = cursor.uvarint() + 1;
      const bytes = Buffer.from(segment.subarray(cursor.at, cursor.at + end));
      if (bytes[0] !== FLOATS) bytes[1 + RESET_AT]! &= ~RESET_BITS;
      chunks.push({ place: `${name} ${at}`, bytes });
      at = cursor.at + end + CRC_BYTES;
    }
    return chunks;
  });
}

/** Retention limits shorter than the three days of data, as a flag for Prometheus and as an option for our server. */
const LIMITS = [
  { flag: "time=30h", left: 5, options: { retentionMs: 30 * HOUR } },
  { flag: "size=1150KB", left: 4, options: { retentionMs: 0, retentionBytes: 1150 * 1024 } },
] as const;

async function sameRetention(workplace: Workplace): Promise<void> {
  for (const { flag, left, options } of LIMITS) {
    const [own, other] = [workplace.path(`ours ${flag}`), workplace.path(`theirs ${flag}`)];
    cpSync(workplace.path("ours"), own, { recursive: true });
    cpSync(workplace.path("theirs"), other, { recursive: true });
    {
      // oxlint-disable-next-line no-await-in-loop -- one limit at a time
      await using db = await open(own, { ...options, maxBlockDurationMs: LONGEST });
      const flags = [`--storage.tsdb.retention.${flag}`, `--storage.tsdb.max-block-duration=${LONGEST / HOUR}h`];
      // oxlint-disable-next-line no-await-in-loop -- one limit at a time
      await using peer = await original(workplace, `theirs ${flag}`, flags);
      // oxlint-disable-next-line no-await-in-loop -- one limit at a time
      await Promise.all([db.maintain(), settled(peer.base)]);
    }
    expect(blockMetadata(own).map(comparable)).toEqual(blockMetadata(other).map(comparable));
    expect(blockMetadata(own).length).toBe(left);
  }
}
