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
import type { LoadedChunks } from "../chunk-files/loaded-chunks.ts";
import type { OutOfOrder } from "./out-of-order.ts";
import type { SeriesRow } from "../memory/series-rows.ts";

/** Restores out-of-order samples from their log at a start. */
export class OutOfOrderReplay {
  readonly #outOfOrder: OutOfOrder;
  readonly #rowOf: (ref: number) => SeriesRow;
  readonly #loaded: LoadedChunks;
  readonly #samples = new SampleRecord();
  samples = 0;
  undecodable = 0;
  /**
   * Whether the log contains markers of chunks that do not exist. Chunks that are created later may get the references
   * of these missing chunks.
   */
  missesChunks = false;

  constructor(outOfOrder: OutOfOrder, rowOf: (ref: number) => SeriesRow, loaded: LoadedChunks) {
    this.#outOfOrder = outOfOrder;
    this.#rowOf = rowOf;
    this.#loaded = loaded;
  }

  end(): void {}

  /** Adds the chunks for which the log has no marker, because a damaged log may have lost their markers. */
  takeRest(): void {
    for (const [chunk, { ref }] of this.#loaded.restOfOutOfOrder) this.#take(ref, chunk);
  }

  #take(ref: number, chunk: number): void {
    const row = this.#rowOf(ref);
    if (row === 0) return;
    const id = this.#loaded.takeOutOfOrder(ref, chunk);
    // Keeps the samples of the log if the chunk that a marker refers to does not exist.
    if (id === 0) this.missesChunks = true;
    else this.#outOfOrder.takeStored(row, id);
  }

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
      readMarkers(cursor, ({ ref, chunk }) => this.#take(ref, chunk));
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
