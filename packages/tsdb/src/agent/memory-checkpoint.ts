import { ByteWriter } from "@narthex/bytes";
import { type Clock, invariant, runInTimeSlices } from "@narthex/runtime";
import type { Files } from "../files.ts";
import type { CheckpointRequest } from "../wal/checkpoint.ts";
import { beginSeries, SampleRecord, writeSamples } from "../wal/records.ts";
import { type CheckpointLeftovers, replaceByCheckpoint } from "../wal/replace-by-checkpoint.ts";
import type { WalWriter } from "../wal/writer.ts";
import type { AgentSeries } from "./agent-series.ts";

/** Number of series that are visited between two reads of the clock. */
const SERIES_AT_ONCE = 256;

export interface MemoryCheckpointOptions {
  readonly series: AgentSeries;
  /** Number of series in one record of the checkpoint. */
  readonly batchSize: number;
  readonly clock: Clock;
  readonly files: Files;
}

/**
 * Writes a checkpoint of an agent from the series in memory, without reading the log segments that it replaces. Later
 * versions of Prometheus' agent do the same. The checkpoint contains the labels of each series. It also has a sample
 * without a value at the series' newest time, so that the next start recognises samples that are out of order. Other
 * samples are not copied. Appends continue meanwhile; their new series are in later segments.
 */
export function checkpointFromMemory(
  dir: string,
  { lastSegment, compression, keptRefs }: CheckpointRequest,
  { series, batchSize, clock, files }: MemoryCheckpointOptions,
): Promise<CheckpointLeftovers> {
  // `keptRefs` is undefined only if the beginning of the log was not read. An agent has no snapshots and therefore
  // always reads the whole log.
  invariant(keptRefs !== undefined, "keptRefs is set for the checkpoint of an agent", { dir, lastSegment });
  return replaceByCheckpoint(dir, { lastSegment, compression, files }, async (writer) => {
    await runInTimeSlices(clock, logSeries(writer, series, keptRefs, batchSize));
  });
}

/**
 * Writes the series, and the time of each series' newest sample. No series is removed meanwhile, because the
 * truncation, which removes series, awaits the checkpoint.
 */
function* logSeries(
  writer: WalWriter,
  series: AgentSeries,
  refs: Float64Array,
  batchSize: number,
): Generator<undefined, void> {
  const batch = new CheckpointBatch(writer);
  for (let i = 0; i < refs.length; i++) {
    if (i % SERIES_AT_ONCE === 0) yield undefined;
    const row = series.rowWithLabels(refs[i]!);
    if (row === 0) continue;
    batch.add(series, refs[i]!, row);
    if (batch.count < batchSize) continue;
    batch.log();
    yield undefined;
  }
  batch.log();
}

/** A pair of log records: one with series, and one with the newest time of each of these series. */
class CheckpointBatch {
  count = 0;
  readonly #writer: WalWriter;
  readonly #series = new ByteWriter(64 * 1024);
  readonly #times = new SampleRecord();
  readonly #samples = new ByteWriter(16 * 1024);

  constructor(writer: WalWriter) {
    this.#writer = writer;
  }

  add(series: AgentSeries, ref: number, row: number): void {
    this.count++;
    beginSeries(this.#series, ref);
    series.writeLabels(this.#series, row);
    const time = series.at.lastTime[row]!;
    if (time === -Infinity) return;
    const times = this.#times;
    times.reserve(times.count + 1);
    times.refs[times.count] = ref;
    times.timestamps[times.count++] = time;
  }

  log(): void {
    if (this.count === 0) return;
    const times = this.#times;
    this.#writer.log(this.#series.written);
    if (times.count > 0) {
      writeSamples(this.#samples, times.refs, times.timestamps, times.words, 0, times.count);
      this.#writer.log(this.#samples.written);
    }
    this.#writer.flush();
    this.#series.reset();
    times.count = 0;
    this.count = 0;
  }
}
