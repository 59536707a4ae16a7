/**
 * Names of the counters of a queue, in the order of their positions in shared memory. The sending thread writes the
 * counters, and the metrics of remote write show them.
 */
const NAMES = [
  "samplesSent",
  "exemplarsSent",
  "histogramsSent",
  "metadataSent",
  "samplesFailed",
  "exemplarsFailed",
  "histogramsFailed",
  "metadataFailed",
  "samplesRetried",
  "exemplarsRetried",
  "histogramsRetried",
  "metadataRetried",
  "samplesTooOld",
  "exemplarsTooOld",
  "histogramsTooOld",
  "samplesOfDroppedSeries",
  "exemplarsOfDroppedSeries",
  "histogramsOfDroppedSeries",
  "samplesOfUnknownSeries",
  "exemplarsOfUnknownSeries",
  "histogramsOfUnknownSeries",
  "histogramsOfCustomBuckets",
  "samplesPending",
  "exemplarsPending",
  "histogramsPending",
  "enqueueRetries",
  "shards",
  "shardsDesired",
  "highestSentSeconds",
  "highestQueuedSeconds",
  "bytesSent",
  "metadataBytesSent",
  "currentSegment",
  "decodeFailures",
  "seriesRecords",
  "sampleRecords",
  "tombstoneRecords",
  "exemplarRecords",
  "markerRecords",
  "metadataRecords",
  "histogramRecords",
  "floatHistogramRecords",
  "customHistogramRecords",
  "customFloatHistogramRecords",
  "unknownRecords",
  "batchSecondsSum",
  "oldestSegment",
] as const;

export type QueueNumber = (typeof NAMES)[number];

/** Upper bounds in seconds of the histogram of request durations. */
export const DURATION_BOUNDS: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60, 120, 300,
];

const INDEX = new Map(NAMES.map((name, i) => [name, i]));
const SIZE = NAMES.length + DURATION_BOUNDS.length + 1;

/** Counters of a queue in shared memory, which outlives the sending thread. */
export class QueueStats {
  readonly buffer: SharedArrayBuffer;
  readonly #numbers: Float64Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(SIZE * 8)) {
    this.buffer = buffer;
    this.#numbers = new Float64Array(buffer);
  }

  get(name: QueueNumber): number {
    return this.#numbers[INDEX.get(name)!]!;
  }

  set(name: QueueNumber, value: number): void {
    this.#numbers[INDEX.get(name)!] = value;
  }

  add(name: QueueNumber, count: number): void {
    this.#numbers[INDEX.get(name)!]! += count;
  }

  /** Numbers of requests by duration: one number for each upper bound, and one for longer requests. */
  get durations(): Float64Array {
    return this.#numbers.subarray(NAMES.length);
  }

  observeSeconds(seconds: number): void {
    const at = DURATION_BOUNDS.findIndex((bound) => seconds <= bound);
    this.#numbers[NAMES.length + (at < 0 ? DURATION_BOUNDS.length : at)]! += 1;
    this.add("batchSecondsSum", seconds);
  }
}

/**
 * Number of entries that the storage has appended, which is the same for all queues. The appending thread writes it.
 */
export class AppendedStats {
  readonly buffer: SharedArrayBuffer;
  readonly #numbers: Float64Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(16)) {
    this.buffer = buffer;
    this.#numbers = new Float64Array(buffer);
  }

  /** Number of samples, histograms and exemplars that were appended since the start. */
  get count(): number {
    return this.#numbers[0]!;
  }

  /** Time of the newest appended entry, Unix seconds. */
  get highestSeconds(): number {
    return this.#numbers[1]!;
  }

  set(count: number, highestSeconds: number): void {
    this.#numbers[0] = count;
    this.#numbers[1] = highestSeconds;
  }
}
