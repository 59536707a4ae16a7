import { ByteWriter } from "@narthex/bytes";
import {
  histogramRecordType,
  histogramRecordTypeV2,
  type HistogramSample,
  writeHistograms,
} from "../../wal/histogram-records.ts";
import { type ChunkMarker, SampleRecord, writeMarkers, writeSamples, writeSamplesV2 } from "../../wal/records.ts";
import type { RemoveLater } from "../../files.ts";
import { listSegments } from "../../wal/segment.ts";
import type { WalWriter } from "../../wal/writer.ts";
import type { OutOfOrderSample } from "./out-of-order-sample.ts";

/**
 * The log of out-of-order samples (folder wbl), in Prometheus' format: each commit writes markers of the chunks that
 * went to files, then its samples. A marker says that all earlier logged samples of its series are in that chunk.
 */
export class OutOfOrderLog {
  readonly wal: WalWriter;
  truncations = 0;
  failedTruncations = 0;
  readonly #withStarts: boolean;
  readonly #removeLater: RemoveLater;
  readonly #record = new ByteWriter(16 * 1024);
  readonly #samples = new SampleRecord();
  #histograms: HistogramSample[] = [];
  #markers: ChunkMarker[] = [];
  /** Segments before this one are to be removed. */
  #firstKept = 0;
  /** Segments before this one were written by earlier processes; 0 if none exist. */
  readonly #firstOwn: number;
  /** Removals in progress; never rejects. */
  #removal: Promise<void> = Promise.resolve();
  /** The removals of the previous process may not be on the disk. */
  #removalsSynced = false;

  /**
   * @param withStarts whether records of version 2 are written, which have start timestamps
   * @param removeLater removes segments, for instance on another thread
   */
  constructor(wal: WalWriter, withStarts = false, removeLater: RemoveLater = async (path) => wal.files.remove(path)) {
    this.#withStarts = withStarts;
    this.#removeLater = removeLater;
    this.wal = wal;
    const earlier = listSegments(wal.dir, wal.files).some(({ index, size }) => index < wal.segment && size > 0);
    this.#firstOwn = earlier ? wal.segment : 0;
  }

  /** May the log have samples of earlier processes, which had other references for some series? */
  get isInherited(): boolean {
    return this.#firstOwn > 0 && !(this.#removalsSynced && this.#firstKept >= this.#firstOwn);
  }

  sample(sample: OutOfOrderSample): void {
    const { ref, time, high, low, start, histogram } = sample;
    if (histogram === undefined) this.#float(ref, time, high, low, start);
    else this.#histograms.push({ ref, timestamp: time, histogram, start });
  }

  #float(ref: number, time: number, high: number, low: number, start: number): void {
    const samples = this.#samples;
    const i = samples.count;
    samples.reserve(i + 1);
    samples.refs[i] = ref;
    samples.timestamps[i] = time;
    samples.words[i * 2] = low;
    samples.words[i * 2 + 1] = high;
    if (this.#withStarts) {
      samples.starts ??= new Float64Array(samples.refs.length);
      samples.starts[i] = start;
    }
    samples.count = i + 1;
  }

  marker(ref: number, chunk: number): void {
    this.#markers.push({ ref, chunk });
  }

  /** Passes the records of a commit to the page cache. Throws the system's error; then the log is unchanged. */
  flush(): void {
    const samples = this.#samples;
    const histograms = this.#histograms;
    const markers = this.#markers;
    if (samples.count === 0 && histograms.length === 0 && markers.length === 0) return;
    try {
      this.wal.atOnce(() => this.#log());
    } finally {
      samples.count = 0;
      this.#histograms = [];
      this.#markers = [];
    }
  }

  #log(): void {
    const record = this.#record;
    const samples = this.#samples;
    if (this.#markers.length > 0) {
      writeMarkers(record, this.#markers);
      this.wal.log(record.written);
    }
    if (samples.count > 0) {
      if (this.#withStarts) writeSamplesV2(record, samples, 0, samples.count);
      else writeSamples(record, samples.refs, samples.timestamps, samples.words, 0, samples.count);
      this.wal.log(record.written);
    }
    const byType = Map.groupBy(this.#histograms, this.#withStarts ? histogramRecordTypeV2 : histogramRecordType);
    for (const type of [...byType.keys()].sort((a, b) => a - b)) {
      writeHistograms(record, type, byType.get(type)!);
      this.wal.log(record.written);
    }
  }

  nextSegment(): number {
    return this.wal.nextSegment();
  }

  /** Begins to remove the segments before one; syncRemovals() reports when they are gone, or the error. */
  truncate(segment: number): void {
    this.#removalsSynced = false;
    this.#firstKept = segment;
    this.truncations++;
    this.#removal = this.#remove().catch(() => void this.failedTruncations++);
  }

  /**
   * Resolves when no start can find removed segments any more, even after a power cut. Otherwise samples deleted later
   * would return from them. Rejects with the system's error.
   */
  async syncRemovals(): Promise<void> {
    if (this.#removalsSynced) return;
    await this.#removal;
    await this.#remove();
    await this.wal.files.syncFolder(this.wal.dir);
    this.#removalsSynced = true;
  }

  /** Oldest first, so that the log has no gap whenever the process ends. */
  async #remove(): Promise<void> {
    for (const { index, path } of listSegments(this.wal.dir, this.wal.files)) {
      if (index < this.#firstKept) await this.#removeLater(path);
    }
  }
}
