import { basename, dirname, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { ByteWriter } from "@narthex/bytes";
import { exists, type Files } from "../files.ts";
import type { Head } from "../head/head.ts";
import type { ChunkFiles } from "../head/chunk-files/chunk-files.ts";
import type { ChunkId } from "../head/memory/chunk-table.ts";
import type { SeriesRow } from "../head/memory/series-rows.ts";
import { folderBytes } from "../inspect/folder-size.ts";
import type { WalCompression } from "../wal/compression.ts";
import { writeLogDraft } from "../wal/log-draft.ts";
import { type SeriesExemplar, writeExemplars } from "../wal/records.ts";
import type { WalWriter } from "../wal/writer.ts";
import { writeSnapshotMetadata } from "./snapshot-metadata.ts";
import { removeSnapshots, snapshotName, writeChunkFilesEnd } from "./snapshot-folder.ts";
import {
  SNAPSHOT_EXEMPLARS,
  SNAPSHOT_SERIES,
  SNAPSHOT_SERIES_BATCH,
  type SnapshotChunk,
  writeSnapshotSeries,
  writeSnapshotTombstones,
} from "./snapshot-records.ts";

const ROWS_PER_TURN = 512;
const EXEMPLARS_PER_RECORD = 10_000;
/** Size of a batch of series, bytes. Snappy finds repeated text within 64 KiB. */
const BATCH_BYTES = 64 * 1024;

export interface SnapshotOptions {
  readonly files: Files;
  readonly compression: WalCompression;
  /** Number of the log segment up to which the snapshot contains all data. `offset` is the position in this segment. */
  readonly segment: number;
  readonly offset: number;
  /** Older references of series in logs and chunk files, each mapped to the current reference of the series. */
  readonly aliases: ReadonlyMap<number, number>;
  readonly chunkFiles: ChunkFiles;
  /**
   * Whether records contain batches of series. Such a snapshot is much smaller, but only this project reads it.
   * Otherwise the snapshot has Prometheus' format.
   */
  readonly hasBatches: boolean;
  /** List to which the writer adds the closed chunks that are only in memory. */
  readonly unstored?: ChunkId[] | undefined;
  /** Callback before the snapshot becomes valid. Resolves after everything that the snapshot needs is on the disk. */
  readonly finish?: (() => Promise<void>) | undefined;
  /**
   * Callback that the writer calls repeatedly. If it returns true, the writer stops and removes the unfinished
   * snapshot.
   */
  readonly isStopping?: (() => boolean) | undefined;
}

/** Position and size of a snapshot that writeSnapshot() has written. */
export interface WrittenSnapshot {
  readonly path: string;
  readonly series: number;
  readonly bytes: number;
}

/**
 * Writes a snapshot of the head into `chunk_snapshot.N.M` of the data folder, or with batches of series into
 * `chunk_snapshot.N.M.batches`, and removes older snapshots. The snapshot has the newest chunk of every series, deleted
 * intervals, exemplars and metadata. All other chunks, and the log, must be synced to the disk. If appends continue
 * during the call, `finish` must sync them.
 */
export async function writeSnapshot(dir: string, head: Head, options: SnapshotOptions): Promise<WrittenSnapshot> {
  const { files, compression, segment, offset } = options;
  const path = join(dir, snapshotName(segment, offset, options.hasBatches));
  if (exists(files, path)) return { path, series: head.memory.series.count, bytes: folderBytes(path, files) };
  const draft = `${path}.tmp`;
  await writeLogDraft(
    draft,
    { compression, files },
    (writer) => writeRecords(writer, head, options),
    async () => {
      const check = (): void => throwIfStopping(options.isStopping);
      await writeSnapshotMetadata(draft, head, { files, compression, check });
      await options.finish?.();
      writeChunkFilesEnd(draft, options.chunkFiles.end, files);
      await files.syncFolder(draft);
      files.rename(draft, path);
    },
  );
  await files.syncFolder(dirname(path));
  removeSnapshots(dir, files, join(dir, basename(path)));
  return { path, series: head.memory.series.count, bytes: folderBytes(path, files) };
}

function throwIfStopping(isStopping: SnapshotOptions["isStopping"]): void {
  if (isStopping?.() === true) throw new Error("the database is being closed");
}

async function writeRecords(
  writer: WalWriter,
  head: Head,
  { aliases, unstored, isStopping, hasBatches }: SnapshotOptions,
): Promise<void> {
  const record = new ByteWriter(2 * BATCH_BYTES);
  const { series, chunks } = head.memory;
  const logSeries = (): void => {
    if (record.length > 0) writer.log(record.written);
    record.reset();
  };
  const add = (ref: number, row: SeriesRow, chunk: SnapshotChunk | undefined): void => {
    if (record.length === 0) record.u8(hasBatches ? SNAPSHOT_SERIES_BATCH : SNAPSHOT_SERIES);
    writeSnapshotSeries(record, ref, (into) => series.writeLabels(into, row), chunk);
    if (!hasBatches || record.length >= BATCH_BYTES) logSeries();
  };
  record.reset();
  for (let from = 1; from < series.end; from += ROWS_PER_TURN) {
    if (from > 1) await setImmediate();
    throwIfStopping(isStopping);
    for (let row = from; row < Math.min(series.end, from + ROWS_PER_TURN); row++) {
      const ref = series.at.ref[row]!;
      if (ref === 0 || series.rowOf(ref) !== row) continue;
      const last = series.at.lastChunk[row]!;
      if (last !== 0 && chunks.fileOf(last) === 0) unstored?.push(last);
      add(ref, row, openChunk(head, row));
    }
    writer.flush();
  }
  for (const [alias, ref] of aliases) {
    const row = series.rowOf(ref);
    if (row === 0) continue;
    add(alias, row, undefined);
  }
  logSeries();
  writeSnapshotTombstones(record, new ByteWriter(), head.tombstones.entries());
  writer.log(record.written);
  writer.flush();
  let batch: SeriesExemplar[] = [];
  const flush = (): void => {
    if (batch.length === 0) return;
    writeExemplars(record, batch);
    record.bytes[0] = SNAPSHOT_EXEMPLARS;
    writer.log(record.written);
    writer.flush();
    batch = [];
  };
  for (const { ref, exemplar } of head.exemplars.entries()) {
    if (series.rowOf(ref) !== 0) batch.push({ ref, exemplar });
    if (batch.length >= EXEMPLARS_PER_RECORD) flush();
  }
  flush();
}

function openChunk(head: Head, row: SeriesRow): SnapshotChunk | undefined {
  const { series, slabs } = head.memory;
  const { at } = series;
  const block = at.openBlock[row]!;
  if (block === 0) return undefined;
  const start = (block & 0xffff) * 8;
  return {
    minTime: at.openMinTime[row]!,
    maxTime: at.lastTime[row]!,
    encoding: at.openEncoding[row]!,
    bytes: slabs.bytes[block >>> 16]!.subarray(start, start + ((at.openBits[row]! + 7) >>> 3)),
    high: at.lastValueWords[row * 2 + 1]!,
    low: at.lastValueWords[row * 2]!,
    histogram: head.histogramChunks.lastOf(row),
  };
}
