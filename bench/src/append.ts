import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Labels } from "@narthex/model";
import { createLogger, exposeGc, systemClock } from "@narthex/runtime";
import { createSampleBatch } from "@narthex/storage";
import { openTsdb } from "@narthex/tsdb";

export interface AppendResult {
  readonly series: number;
  readonly samples: number;
  /** Samples per second of wall-clock time. `samplesPerCpuSecond` depends less on other load of the machine. */
  readonly samplesPerSecond: number;
  readonly samplesPerCpuSecond: number;
  /** Growth of the JavaScript heap in bytes from the first to the last commit, each after a garbage collection. */
  readonly heapGrowthBytes: number;
  /** Growth of the memory outside the heap per sample. */
  readonly externalBytesPerSample: number;
  readonly walBytesPerSample: number;
  /** Longest time that the event loop was blocked, ms. */
  readonly longestBlockMs: number;
}

const SERIES = 10_000;
const COMMITS = 500;
const INTERVAL_MS = 15_000;

/** Heap after a full collection, so only reachable objects count. */
const heapUsed = (): number => {
  void exposeGc()!();
  return process.memoryUsage().heapUsed;
};

/** Appends to series with known references: counters, gauges and constants, one commit per scrape. */
export async function run(): Promise<AppendResult> {
  const dir = mkdtempSync(join(tmpdir(), "narthex-bench-"));
  const logger = createLogger({ level: "error", format: "logfmt", clock: systemClock, write: () => {} });
  const db = await openTsdb(dir, { clock: systemClock, logger });
  try {
    const batch = createSampleBatch(SERIES);
    const first = db.appendable.appender();
    for (let i = 0; i < SERIES; i++) {
      batch.refs[i] = first.series(Labels.of({ __name__: `metric_${i % 100}`, instance: `host-${i}`, job: "bench" }));
    }
    batch.count = SERIES;
    await first.commit();
    const commit = async (round: number): Promise<void> => {
      for (let i = 0; i < SERIES; i++) {
        batch.timestamps[i] = 1_700_000_000_000 + round * INTERVAL_MS + (i % 7);
        batch.values[i] = i % 3 === 0 ? round * 10 + (i % 5) : i % 3 === 1 ? i : Math.round(Math.sin(round + i) * 1000);
      }
      const app = db.appendable.appender();
      app.append(batch);
      await app.commit();
    };
    for (let round = 0; round < 20; round++) await commit(round);
    const heapBefore = heapUsed();
    const externalBefore = process.memoryUsage().arrayBuffers;
    const cpuBefore = process.cpuUsage();
    let spent = 0;
    let longestBlockMs = 0;
    for (let round = 20; round < 20 + COMMITS; round++) {
      const start = performance.now();
      await commit(round);
      const took = performance.now() - start;
      spent += took;
      longestBlockMs = Math.max(longestBlockMs, took);
    }
    const samples = SERIES * COMMITS;
    const cpu = process.cpuUsage(cpuBefore);
    return {
      series: SERIES,
      samples,
      samplesPerSecond: Math.round((samples / spent) * 1000),
      samplesPerCpuSecond: Math.round((samples / (cpu.user + cpu.system)) * 1e6),
      heapGrowthBytes: heapUsed() - heapBefore,
      externalBytesPerSample: (process.memoryUsage().arrayBuffers - externalBefore) / samples,
      walBytesPerSample: db.collect()["prometheus_tsdb_wal_storage_size_bytes"]! / samples,
      longestBlockMs,
    };
  } finally {
    await db.close();
    rmSync(dir, { recursive: true });
  }
}
