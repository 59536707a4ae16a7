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
 * The log of out-of-order samples (folder wbl), in Prometheus' format. Each commit first writes markers for the chunks
 * that it moved to files, then its samples. A marker means that this chunk has all samples that the log has for the
 * series before the marker.
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
  /** Number of the first log segment to keep. All earlier segments are removed. */
  #firstKept = 0;
  /** Number of the first log segment that this process began. 0 if there are no segments of earlier processes. */
  readonly #firstOwn: number;
  /** Promise of the removal of segments in progress. The promise never rejects. */
  #removal: Promise<void> = Promise.resolve();
  /**
   * True if all earlier removals of segments are synced to the disk. False at the start, because the previous process
   * may not have synced its removals.
   */
  #removalsSynced = false;

  /**
   * @param withStarts whether records of version 2 are written, which contain start timestamps
   * @param removeLater removes segments, for instance on another thread
   */
  constructor(wal: WalWriter, withStarts = false, removeLater: RemoveLater = async (path) => wal.files.remove(path)) {
    this.#withStarts = withStarts;
    this.#removeLater = removeLater;
    this.wal = wal;
    const earlier = listSegments(wal.dir, wal.files).some(({ index, size }) => index < wal.segment && size > 0);
    this.#firstOwn = earlier ? wal.segment : 0;
  }

  /** Whether the log may contain samples of earlier processes, in which some series had different references. */
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

  /**
   * Passes the records of a commit to the operating system. On failure, throws the system's error and leaves the log
   * unchanged.
   */
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

  /** Starts the removal of the segments before `segment`. syncRemovals() waits for its end. */
  truncate(segment: number): void {
    this.#removalsSynced = false;
    this.#firstKept = segment;
    this.truncations++;
    this.#removal = this.#remove().catch(() => void this.failedTruncations++);
  }

  /**
   * Resolves when no later start can find the removed segments, even after a power cut. Otherwise deleted samples could
   * return from these segments. Rejects with the system's error.
   */
  async syncRemovals(): Promise<void> {
    if (this.#removalsSynced) return;
    await this.#removal;
    await this.#remove();
    await this.wal.files.syncFolder(this.wal.dir);
    this.#removalsSynced = true;
  }

  /** Removes segments, the oldest first, so that the log never has a gap, even if the process ends. */
  async #remove(): Promise<void> {
    for (const { index, path } of listSegments(this.wal.dir, this.wal.files)) {
      if (index < this.#firstKept) await this.#removeLater(path);
    }
  }
}
