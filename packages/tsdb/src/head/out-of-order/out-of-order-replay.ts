import { Cursor, DecodeError } from "@narthex/bytes";
import { histogramProblem } from "@narthex/model";
import { isHistogramRecord, readHistogramRecord } from "../../wal/histogram-records.ts";
import {
  readMarkers,
  readSamples,
  RECORD_MARKERS,
  RECORD_SAMPLES,
  RECORD_SAMPLES_V2,
  SampleRecord,
} from "../../wal/records.ts";
import type { ChunkId } from "../memory/chunk-table.ts";
import type { OutOfOrder } from "./out-of-order.ts";
import type { SeriesRow } from "../memory/series-rows.ts";

/** Puts the records of the out-of-order log back. */
export class OutOfOrderReplay {
  readonly #outOfOrder: OutOfOrder;
  readonly #rowOf: (ref: number) => SeriesRow;
  /** The chunk of this series and reference, 0 where there is none: what that one held is in the log. */
  readonly #chunkOf: (ref: number, chunk: number) => ChunkId;
  readonly #samples = new SampleRecord();
  samples = 0;
  undecodable = 0;
  /** References of the chunks that the log names. */
  readonly marked = new Set<number>();
  /** The log names chunks that are not there: later ones may be given their references. */
  missesChunks = false;

  constructor(
    outOfOrder: OutOfOrder,
    rowOf: (ref: number) => SeriesRow,
    chunkOf: (ref: number, chunk: number) => ChunkId,
  ) {
    this.#outOfOrder = outOfOrder;
    this.#rowOf = rowOf;
    this.#chunkOf = chunkOf;
  }

  end(): void {}

  record(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    try {
      this.#dispatch(new Cursor(bytes, 1), bytes[0]!);
    } catch (cause) {
      if (!(cause instanceof DecodeError)) throw cause;
      this.undecodable++;
    }
  }

  #dispatch(cursor: Cursor, type: number): void {
    if (type === RECORD_MARKERS) {
      readMarkers(cursor, ({ ref, chunk }) => {
        const row = this.#rowOf(ref);
        const id = this.#chunkOf(ref, chunk);
        if (id === 0) this.missesChunks = true;
        else {
          this.marked.add(chunk);
          if (row !== 0) this.#outOfOrder.forgetStored(row, id);
        }
      });
    } else if (type === RECORD_SAMPLES || type === RECORD_SAMPLES_V2) this.#insertFloats(cursor, type);
    else if (isHistogramRecord(type)) {
      readHistogramRecord(cursor, type, ({ ref, timestamp, histogram, start }) => {
        const row = this.#rowOf(ref);
        if (row === 0 || histogramProblem(histogram) !== undefined) return;
        this.#outOfOrder.insertHistogram(row, timestamp, histogram, start);
        this.samples++;
      });
    }
  }

  #insertFloats(cursor: Cursor, type: number): void {
    const samples = this.#samples;
    readSamples(cursor, type, samples);
    const { refs, timestamps, words } = samples;
    for (let i = 0; i < samples.count; i++) {
      const row = this.#rowOf(refs[i]!);
      if (row === 0) continue;
      this.#outOfOrder.insertFloat(row, timestamps[i]!, words[i * 2 + 1]!, words[i * 2]!, samples.startOf(i));
      this.samples++;
    }
  }
}
