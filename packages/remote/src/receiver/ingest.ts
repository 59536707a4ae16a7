import { atStoredResolution, type FloatHistogram, histogramProblem, Labels, wordsOf } from "@narthex/model";
import {
  type Appender,
  createSampleBatch,
  type Exemplar,
  type MetricMetadata,
  NO_SERIES,
  OUTCOME_DUPLICATE,
  OUTCOME_FULL,
  OUTCOME_INVALID_HISTOGRAM,
  OUTCOME_OK,
  OUTCOME_OUT_OF_BOUNDS,
  OUTCOME_OUT_OF_ORDER,
  OUTCOME_UNKNOWN_SERIES,
  refusalText,
  type RefusedSample,
  type SampleBatch,
  type SeriesRef,
} from "@narthex/storage";
import type { TimedHistogram } from "@narthex/exposition";

const CAPACITY = 1024;

/** Numbers of samples, histograms and exemplars that a request has added to its transaction. */
export interface WrittenCounts {
  samples: number;
  histograms: number;
  exemplars: number;
}

/** Error that the storage cannot store a request at all. The sender is not at fault. */
export class IngestError extends Error {
  override readonly name = "IngestError";
}

/** Finds the storage's reference of a series by the series number that the message reader has assigned. */
interface ReferenceTable {
  ref(index: number): SeriesRef;
  /** Records that a series has a new reference because the storage has forgotten the old one. */
  replace(index: number, ref: SeriesRef): void;
}

export interface IngestOptions {
  readonly appender: Appender;
  readonly references: ReferenceTable;
  /** Latest allowed time of exemplars, ms since 1970. Later exemplars are refused, like samples. */
  readonly maxTimestamp: number;
  readonly outOfOrderWindowMs: number;
  /** True to store type, help and unit of each series. */
  readonly withMetadata: boolean;
  /**
   * Returns the labels of a series that was stored earlier.
   * @param origin position of the series in the message
   */
  readonly labelsAt: (origin: number) => Labels;
  /**
   * Callback with the error text of a refused sample, histogram or exemplar. `origin` is the position of its series in
   * the message, `outcome` the storage's result.
   */
  readonly refuse: (problem: string, origin: number, outcome: number) => void;
}

/**
 * Buffer for the samples of a request that wait to be stored. All requests share the buffer, so it is emptied before
 * another request is read.
 */
export interface IngestBuffer {
  readonly batch: SampleBatch;
  readonly words: Uint32Array;
  /** Series number of each sample in the buffer. */
  readonly index: Uint32Array;
  /** Position in the message of the series of each sample in the buffer. */
  readonly origin: Float64Array;
}

export function createIngestBuffer(): IngestBuffer {
  const batch = createSampleBatch(CAPACITY);
  return { batch, words: wordsOf(batch.values), index: new Uint32Array(CAPACITY), origin: new Float64Array(CAPACITY) };
}

/** Adds the series of one request to one transaction, in their order in the request. */
export class Ingest {
  readonly counts: WrittenCounts = { samples: 0, histograms: 0, exemplars: 0 };
  readonly #buffer: IngestBuffer;
  readonly #options: IngestOptions;
  readonly #single = createSampleBatch(1);

  constructor(buffer: IngestBuffer, options: IngestOptions) {
    this.#buffer = buffer;
    this.#options = options;
    buffer.batch.count = 0;
    buffer.batch.starts = undefined;
  }

  /** Returns the storage's reference of a series. Throws IngestError if the storage has no room for a new series. */
  resolve(labels: Labels): SeriesRef {
    const { appender } = this.#options;
    const ref = appender.series(labels);
    if (ref === NO_SERIES) throw new IngestError(appender.refusal ?? "the storage is full");
    return ref;
  }

  /**
   * Returns whether a new series may begin with a sample of this time, or with the histogram `sent`. If not, calls
   * `refuse` with the error text.
   */
  admits(timestamp: number, origin: number, sent?: FloatHistogram): boolean {
    const { appender, refuse } = this.#options;
    const outcome = appender.checkTime?.(timestamp) ?? OUTCOME_OK;
    const problem = sent === undefined ? undefined : histogramProblem(checkable(atStoredResolution(sent)));
    if (outcome === OUTCOME_OK && problem === undefined) return true;
    this.flush();
    if (outcome === OUTCOME_OK) refuse(problem!, origin, OUTCOME_INVALID_HISTOGRAM);
    else this.#refuse(outcome, origin, { ref: NO_SERIES, timestamp });
    return false;
  }

  /**
   * Adds a float to the series with the number `index`.
   * @param timestamp whole ms since 1970
   * @param low lower 32 bits of the value
   * @param high upper 32 bits of the value
   */
  float(index: number, origin: number, timestamp: number, start: number, low: number, high: number): void {
    const { batch, words } = this.#buffer;
    if (batch.count === CAPACITY) this.flush();
    const slot = batch.count++;
    batch.refs[slot] = this.#options.references.ref(index);
    batch.timestamps[slot] = timestamp;
    words[slot * 2] = low;
    words[slot * 2 + 1] = high;
    this.#buffer.index[slot] = index;
    this.#buffer.origin[slot] = origin;
    if (start !== 0) batch.starts ??= new Float64Array(CAPACITY);
    if (batch.starts !== undefined) batch.starts[slot] = start;
  }

  /** Adds the samples in the buffer to the transaction. */
  flush(): void {
    const { batch } = this.#buffer;
    if (batch.count === 0) return;
    this.#options.appender.append(batch);
    const { outcomes, count } = batch;
    let stored = 0;
    for (let slot = 0; slot < count; slot++) {
      if (outcomes[slot] === OUTCOME_OK) stored++;
      else if (this.#settle(slot, outcomes[slot]!)) stored++;
    }
    this.counts.samples += stored;
    batch.count = 0;
  }

  /**
   * Handles a sample that the storage did not accept. If the storage has forgotten the series, adds the sample with a
   * new reference and returns true if it is then accepted.
   */
  #settle(slot: number, outcome: number): boolean {
    const { batch, index, origin, words } = this.#buffer;
    const at = origin[slot]!;
    const number = index[slot]!;
    let ref = batch.refs[slot]!;
    if (outcome === OUTCOME_UNKNOWN_SERIES) {
      ref = this.#renew(number, at);
      const single = this.#single;
      single.refs[0] = ref;
      single.timestamps[0] = batch.timestamps[slot]!;
      wordsOf(single.values).set(words.subarray(slot * 2, slot * 2 + 2));
      single.starts = batch.starts?.slice(slot, slot + 1);
      single.count = 1;
      this.#options.appender.append(single);
      outcome = single.outcomes[0]!;
      if (outcome === OUTCOME_OK) return true;
    }
    this.#refuse(outcome, at, { ref, timestamp: batch.timestamps[slot]!, value: batch.values[slot]! });
    return false;
  }

  /** Adds a histogram to the series with the number `index`. */
  histogram(index: number, origin: number, { histogram: sent, timestamp, start }: TimedHistogram): void {
    this.flush();
    const { appender, references } = this.#options;
    const histogram = checkable(atStoredResolution(sent));
    let ref = references.ref(index);
    let outcome = appender.appendHistogram(ref, timestamp, histogram, start);
    if (outcome === OUTCOME_UNKNOWN_SERIES) {
      ref = this.#renew(index, origin);
      outcome = appender.appendHistogram(ref, timestamp, histogram, start);
    }
    if (outcome === OUTCOME_OK) this.counts.histograms++;
    else this.#refuse(outcome, origin, { ref, timestamp, value: histogram });
  }

  /**
   * Adds an exemplar to the series with the number `index`. Returns true if the exemplar is older than the newest
   * exemplar of the series, so that the caller can report it. Ignores an exemplar that cannot be stored for another
   * reason.
   */
  exemplar(index: number, origin: number, exemplar: Exemplar): boolean {
    const { references } = this.#options;
    const outcome = this.#putExemplar(references.ref(index), exemplar);
    if (outcome !== OUTCOME_UNKNOWN_SERIES) return outcome === OUTCOME_OUT_OF_ORDER;
    return this.#putExemplar(this.#renew(index, origin), exemplar) === OUTCOME_OUT_OF_ORDER;
  }

  /**
   * Adds an exemplar to a series that has no sample in this request, but may be stored from earlier requests. Returns
   * true if the exemplar is older than the newest exemplar of the series.
   */
  lateExemplar(labels: Labels, exemplar: Exemplar): boolean {
    const ref = this.#options.appender.findSeries?.(labels) ?? NO_SERIES;
    return this.#putExemplar(ref, exemplar) === OUTCOME_OUT_OF_ORDER;
  }

  #putExemplar(ref: SeriesRef, exemplar: Exemplar): number {
    this.flush();
    if (exemplar.timestamp > this.#options.maxTimestamp) return OUTCOME_OUT_OF_BOUNDS;
    const outcome = this.#options.appender.appendExemplar(ref, exemplar);
    if (outcome === OUTCOME_OK || outcome === OUTCOME_DUPLICATE) this.counts.exemplars++;
    return outcome;
  }

  /** True if the storage keeps types and help texts. */
  get describes(): boolean {
    return this.#options.withMetadata && this.#options.appender.appendMetadata !== undefined;
  }

  /** Stores type, help text and unit of the series with the number `index`. */
  describe(index: number, origin: number, metadata: MetricMetadata): void {
    const { appender, references } = this.#options;
    if (appender.appendMetadata?.(references.ref(index), metadata) !== OUTCOME_UNKNOWN_SERIES) return;
    appender.appendMetadata(this.#renew(index, origin), metadata);
  }

  /** Requests a new reference from the storage for a series whose old reference the storage has forgotten. */
  #renew(index: number, origin: number): SeriesRef {
    const ref = this.resolve(this.#options.labelsAt(origin));
    this.#options.references.replace(index, ref);
    return ref;
  }

  #refuse(outcome: number, at: number, sample: RefusedSample): void {
    const { appender, outOfOrderWindowMs } = this.#options;
    if (outcome === OUTCOME_FULL) throw new IngestError(appender.refusal ?? "the storage is full");
    const problem = refusalText(outcome, sample, appender, outOfOrderWindowMs > 0);
    if (problem === undefined) throw new IngestError(`a sample was refused with outcome ${outcome}`);
    this.#options.refuse(problem, at, outcome);
  }
}

/** Removes the stale mark of an inconsistent histogram. The storage then checks the histogram and refuses it. */
function checkable(histogram: FloatHistogram): FloatHistogram {
  if (histogram.stale !== true) return histogram;
  const plain = { ...histogram, stale: false };
  return histogramProblem(plain) === undefined ? histogram : plain;
}
