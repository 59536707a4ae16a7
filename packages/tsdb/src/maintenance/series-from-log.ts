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
import { listCheckpoints, listSegments, type Segment } from "../wal/segment.ts";

/** Samples that are encoded in one turn of the event loop. */
const GATHERED_SAMPLES = 8192;

/** Some series of a head with the samples that the logs contain, replayed as a start does. */
export class SeriesFromLog {
  readonly #copy: Head;
  readonly #replay: Replay;
  /** Rows of the copy by rows of the head. */
  readonly #rows = new Map<SeriesRow, SeriesRow>();
  /** Parts of the logs that could not be read. */
  damages = 0;

  /** `aliases`: references of the logs that are not their series' own, with the one that is. Times are ms. */
  constructor(
    { encodings, histogramChunks, memory }: Head,
    rows: Iterable<SeriesRow>,
    aliases: ReadonlyMap<number, number>,
    minTime: number,
  ) {
    const copy = new Head(0);
    copy.encodings = encodings;
    copy.histogramChunks.withStarts = histogramChunks.withStarts;
    copy.minValidTime = minTime;
    this.#copy = copy;
    this.#replay = new Replay(copy, undefined, GATHERED_SAMPLES);
    const { series } = memory;
    for (const row of rows) {
      if (!this.#rows.has(row)) this.#rows.set(row, copy.memory.series.add(series.labelsOf(row), series.at.ref[row]));
    }
    for (const [alias, ref] of aliases) {
      const row = copy.memory.series.rowOf(ref);
      if (row !== 0) this.#replay.aliases.set(alias, row);
    }
  }

  /** Reads the write-ahead log. */
  async readInOrder(dir: string, files: Files): Promise<void> {
    const checkpoint = listCheckpoints(dir, files).at(-1);
    const after = checkpoint?.index ?? -1;
    const earlier = checkpoint === undefined ? [] : listSegments(checkpoint.path, files);
    const segments = [...earlier, ...listSegments(dir, files).filter(({ index }) => index > after)];
    await this.#readSegments(segments, files, (record) => {
      if (isOfSamples(record[0])) this.#replay.record(record);
    });
    this.#replay.end();
  }

  /** Reads the log of out-of-order samples. */
  async readOutOfOrder(dir: string, files: Files): Promise<void> {
    const { memory, outOfOrder } = this.#copy;
    const replay = new OutOfOrderReplay(outOfOrder, (ref) => this.#replay.rowOf(ref), new LoadedChunks(memory));
    await this.#readSegments(listSegments(dir, files), files, (record) => {
      if (isOfSamples(record[0])) replay.record(record);
    });
    outOfOrder.finish();
  }

  /** The samples of a series from `from` to `to`, both included, in order of time. */
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

  async #readSegments(segments: readonly Segment[], files: Files, visit: (record: Uint8Array) => void): Promise<void> {
    for (const [i, { path }] of segments.entries()) {
      try {
        const { damages, recordsAfterDamage } = await readSegment(path, visit, PAGES_IN_SERVICE, files);
        // The writer may be about to end the last record.
        if (i < segments.length - 1 || recordsAfterDamage > 0) this.damages += damages.length;
      } catch (cause) {
        if (damageOf(cause) === undefined) throw cause;
        this.damages++;
      }
    }
  }
}

const isOfSamples = (type: number | undefined): boolean =>
  type === RECORD_SAMPLES || type === RECORD_SAMPLES_V2 || (type !== undefined && isHistogramRecord(type));
