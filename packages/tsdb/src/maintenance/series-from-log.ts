import { SampleColumns } from "@narthex/storage";
import type { Files } from "../files.ts";
import { damageOf } from "../head/chunk-files/head-chunk-file.ts";
import { LoadedChunks } from "../head/chunk-files/loaded-chunks.ts";
import { Head } from "../head/head.ts";
import type { SeriesRow } from "../head/memory/series-rows.ts";
import { readOutOfOrder } from "../head/out-of-order/out-of-order-columns.ts";
import { OutOfOrderReplay } from "../head/out-of-order/out-of-order-replay.ts";
import { readInOrder } from "../head/query/read-in-order.ts";
import { Replay } from "../head/replay/replay.ts";
import { isHistogramRecord } from "../wal/histogram-records.ts";
import { PAGES_IN_SERVICE, readSegment } from "../wal/read-segment.ts";
import { RECORD_SAMPLES, RECORD_SAMPLES_V2 } from "../wal/record-types.ts";
import { listLog, listSegments, type Segment } from "../wal/segment.ts";

/** Number of samples that are encoded in one turn of the event loop. */
const GATHERED_SAMPLES = 8192;

/**
 * Reads the samples of some series from the logs, to restore damaged chunks. The samples are replayed into a second
 * head, as at a start.
 */
export class SeriesFromLog {
  readonly #copy: Head;
  readonly #replay: Replay;
  /** Rows of the series in the second head, by their rows in the database's head. */
  readonly #rows = new Map<SeriesRow, SeriesRow>();

  /**
   * @param aliases additional references of series in the logs, each mapped to the reference that the series has now
   */
  constructor(
    { encodings, histogramChunks, memory }: Head,
    rows: Iterable<SeriesRow>,
    aliases: ReadonlyMap<number, number>,
    minTime: number,
  ) {
    const histogramStarts = histogramChunks.withStarts;
    const copy = new Head(0, undefined, { encodings, histogramStarts, minValidTime: minTime });
    this.#copy = copy;
    this.#replay = new Replay(copy, GATHERED_SAMPLES);
    const { series } = memory;
    for (const row of rows) {
      if (!this.#rows.has(row)) this.#rows.set(row, copy.memory.series.add(series.labelsOf(row), series.at.ref[row]));
    }
    for (const [alias, ref] of aliases) {
      const row = copy.memory.series.rowOf(ref);
      if (row !== 0) this.#replay.aliases.set(alias, row);
    }
  }

  /** Reads the write-ahead log. Returns false if a part of it cannot be read. */
  async readInOrder(dir: string, files: Files): Promise<boolean> {
    const { checkpoint, older, later } = listLog(dir, files);
    if (checkpoint !== undefined && later[0]?.index !== checkpoint.index + 1) return false;
    if (!isGapless(older) || !isGapless(later)) return false;
    // Accepts a torn end of the last segment, because the writer may be writing the last record. Samples of closed
    // chunks are in earlier records.
    const segments = [...older, ...later];
    const isWhole = await this.#readSegments(segments, files, "may be torn", (record) => {
      if (isOfSamples(record[0])) this.#replay.record(record);
    });
    this.#replay.end();
    return isWhole;
  }

  /** Reads the log of out-of-order samples. Returns false if a part of it cannot be read. */
  async readOutOfOrder(dir: string, files: Files): Promise<boolean> {
    const { memory, outOfOrder } = this.#copy;
    const replay = new OutOfOrderReplay(outOfOrder, (ref) => this.#replay.rowOf(ref), new LoadedChunks(memory));
    const segments = listSegments(dir, files);
    if (!isGapless(segments)) return false;
    const isWhole = await this.#readSegments(segments, files, "must be whole", (record) => {
      if (isOfSamples(record[0])) replay.record(record);
    });
    outOfOrder.finish();
    return isWhole;
  }

  /** Returns the samples of a series from `from` to `to`, both included, in order of time. */
  samples(row: SeriesRow, outOfOrder: boolean, from: number, to: number): SampleColumns {
    const { chunks, series } = this.#copy.memory;
    const copied = this.#rows.get(row)!;
    const columns = new SampleColumns();
    if (outOfOrder) {
      const { outOfOrderOpen, outOfOrder: full, outOfOrderEnd } = series.at;
      const all = { open: outOfOrderOpen[copied]!, full: full[copied]!, end: outOfOrderEnd[copied]! };
      readOutOfOrder(chunks, all, from, to, columns);
    } else readInOrder(this.#copy.memory, copied, from, to, columns);
    return columns;
  }

  /** Reads log segments. Returns false if a segment is damaged, or if the disk cannot read it. */
  async #readSegments(
    segments: readonly Segment[],
    files: Files,
    end: "may be torn" | "must be whole",
    visit: (record: Uint8Array) => void,
  ): Promise<boolean> {
    for (const { path } of segments) {
      const isLast = path === segments.at(-1)!.path;
      try {
        const { damages, recordsAfterDamage } = await readSegment(path, visit, PAGES_IN_SERVICE, files);
        const mayBeTorn = isLast && end === "may be torn" && recordsAfterDamage === 0;
        if (damages.length > 0 && !mayBeTorn) return false;
      } catch (cause) {
        if (damageOf(cause) === undefined) throw cause;
        return false;
      }
    }
    return true;
  }
}

const isGapless = (segments: readonly Segment[]): boolean =>
  segments.every(({ index }, i) => i === 0 || index === segments[i - 1]!.index + 1);

const isOfSamples = (type: number | undefined): boolean =>
  type === RECORD_SAMPLES || type === RECORD_SAMPLES_V2 || (type !== undefined && isHistogramRecord(type));
