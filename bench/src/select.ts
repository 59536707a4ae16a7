import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Labels, Matcher } from "@narthex/model";
import { SampleColumns } from "@narthex/storage";
import { type Block, BlockBuilder, diskFiles, mergedQueryable, openBlock } from "@narthex/tsdb";

export interface SelectResult {
  readonly series: number;
  readonly samples: number;
  readonly blocks: number;
  /** Bytes of all chunk segments and indexes per sample. */
  readonly bytesPerSample: number;
  /** Selected samples per second of wall-clock time, from the selector to the last decoded sample. */
  readonly samplesPerSecond: number;
  readonly samplesPerCpuSecond: number;
  /** Time to find the series, ms. */
  readonly selectMs: number;
}

const SERIES = 2000;
const BLOCKS = 12;
const BLOCK_MS = 2 * 3_600_000;
const INTERVAL_MS = 15_000;
const START = 1_699_999_200_000;

/** Selects 2,000 series × 24 h × 15 s from twelve blocks into columns. */
export async function run(): Promise<SelectResult> {
  const dir = mkdtempSync(join(tmpdir(), "narthex-bench-"));
  const blocks: Block[] = [];
  try {
    for (let i = 0; i < BLOCKS; i++) {
      const ulid = writeSeries(dir, START + i * BLOCK_MS);
      blocks.push(openBlock(join(dir, ulid), { files: diskFiles }));
    }
    const bytes = blocks.reduce((sum, block) => sum + block.sizeBytes, 0);
    // Warm-up: V8 optimises code only after some runs. Cached data does not remain, because each querier releases its
    // data.
    for (let warm = 0; warm < 3; warm++) await select(blocks);
    const cpuBefore = process.cpuUsage();
    const start = performance.now();
    const { samples, selectMs } = await select(blocks);
    const spent = performance.now() - start;
    const cpu = process.cpuUsage(cpuBefore);
    return {
      series: SERIES,
      samples,
      blocks: BLOCKS,
      bytesPerSample: bytes / samples,
      samplesPerSecond: Math.round((samples / spent) * 1000),
      samplesPerCpuSecond: Math.round((samples / (cpu.user + cpu.system)) * 1e6),
      selectMs,
    };
  } finally {
    for (const block of blocks) block.close();
    rmSync(dir, { recursive: true });
  }
}

async function select(blocks: readonly Block[]): Promise<{ samples: number; selectMs: number }> {
  const nothing = {
    select: () => Promise.resolve({ labels: [], warnings: [], read() {} }),
    labelNames: () => Promise.resolve([]),
    labelValues: () => Promise.resolve([]),
    close() {},
  };
  const end = START + BLOCKS * BLOCK_MS - 1;
  const querier = mergedQueryable({ querier: () => nothing }, () => blocks).querier(START, end);
  const began = performance.now();
  const set = await querier.select([new Matcher("=", "job", "bench")], { start: START, end });
  const selectMs = performance.now() - began;
  const columns = new SampleColumns(BLOCKS * (BLOCK_MS / INTERVAL_MS));
  let samples = 0;
  for (let i = 0; i < set.labels.length; i++) {
    set.read(i, START, end, columns);
    samples += columns.count;
  }
  querier.close();
  return { samples, selectMs };
}

/** Writes counters, gauges and constants; a third of the series have some jitter in their times. */
function writeSeries(dir: string, minTime: number): string {
  let made = 0;
  const builder = new BlockBuilder({ chunkRangeMs: BLOCK_MS, now: () => minTime, random: () => (made++ % 32) / 32 });
  for (let series = 0; series < SERIES; series++) {
    const labels = Labels.of({ __name__: "requests_total", instance: `host-${series}`, job: "bench" });
    for (let round = 0; round < BLOCK_MS / INTERVAL_MS; round++) {
      const jitter = series % 3 === 2 ? (round * 7919) % 5 : 0;
      builder.append(labels, minTime + round * INTERVAL_MS + jitter, valueAt(series, minTime / INTERVAL_MS + round));
    }
  }
  return builder.write(dir)!.ulid;
}

function valueAt(series: number, round: number): number {
  if (series % 3 === 0) return round * 10 + (round % 5);
  return series % 3 === 1 ? series : Math.round(Math.sin(round + series) * 1000);
}
