import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { ByteWriter, Cursor, DecodeError } from "@narthex/bytes";
import { exists, type Files } from "../files.ts";
import type { Head } from "../head/head.ts";
import type { SeriesRow } from "../head/memory/series-rows.ts";
import type { WalCompression } from "../wal/compression.ts";
import { writeLog } from "../wal/log-draft.ts";
import { PAGES_AT_START, readSegment } from "../wal/read-segment.ts";
import { readMetadata, RECORD_METADATA, writeMetadata } from "../wal/records.ts";
import { listSegments } from "../wal/segment.ts";
import { SnapshotDamage } from "./snapshot-damage.ts";

/**
 * Folder, inside a snapshot's folder, with the metadata of the series (types, units, help texts). Prometheus ignores
 * the folder and stores no metadata in snapshots. The files have the format of a log. The last record is empty.
 */
const FOLDER = "metadata";
/** Size of a metadata record, bytes. After each record other work can run. */
const RECORD_BYTES = 64 * 1024;

export interface SnapshotMetadataOptions {
  readonly files: Files;
  readonly compression: WalCompression;
  /** Callback between records. The callback throws an error to stop the writing. */
  readonly check: () => void;
}

/** Writes the metadata of all series into the folder of a snapshot. Throws the system's error. */
export async function writeSnapshotMetadata(path: string, head: Head, options: SnapshotMetadataOptions): Promise<void> {
  const { files, compression, check } = options;
  if (head.metadata.size === 0) return;
  await writeLog(join(path, FOLDER), { compression, files }, async (writer) => {
    const record = new ByteWriter(2 * RECORD_BYTES);
    for (const [ref, metadata] of head.metadata) {
      writeMetadata(record, ref, metadata);
      if (record.length < RECORD_BYTES) continue;
      writer.log(record.written);
      writer.flush();
      record.reset();
      await setImmediate();
      check();
    }
    if (record.length > 0) writer.log(record.written);
    writer.log(Uint8Array.of(RECORD_METADATA));
  });
}

/** Restores the metadata of a snapshot into a head. Throws SnapshotDamage, or the system's error. */
export async function readSnapshotMetadata(
  path: string,
  head: Head,
  rowOf: (ref: number) => SeriesRow,
  { files, signal }: { readonly files: Files; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const folder = join(path, FOLDER);
  if (!exists(files, folder)) return;
  let isComplete = false;
  const visit = (bytes: Uint8Array): void => {
    isComplete = bytes.length === 1;
    readMetadata(new Cursor(bytes, 1), (ref, metadata) => {
      const row = rowOf(ref);
      if (row !== 0) head.metadata.set(head.memory.series.at.ref[row]!, metadata);
    });
  };
  for (const segment of listSegments(folder, files)) {
    signal?.throwIfAborted();
    try {
      const [damage] = (await readSegment(segment.path, visit, PAGES_AT_START, files)).damages;
      if (damage !== undefined) throw new SnapshotDamage(`${segment.path} at ${damage.offset}: ${damage.reason}`);
    } catch (cause) {
      if (!(cause instanceof DecodeError)) throw cause;
      throw new SnapshotDamage(`${segment.path}: a record cannot be decoded: ${cause.message}`);
    }
  }
  if (!isComplete) throw new SnapshotDamage(`${folder}: the end of the snapshot is missing`);
}
