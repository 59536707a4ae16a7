import { type FloatHistogram, Labels, wordsOf, writeStale } from "@narthex/model";
import { type Appender, createSampleBatch, OUTCOME_OK } from "@narthex/storage";
import { histogramOf } from "@narthex/storage/testing";
import { floatText, histogramText } from "./contents.ts";

/** Number of series that get samples at the same time; other series have ended. */
const LIVE_SERIES = 40;
/** Probability that a new series has the name of a series that has ended. */
const RETURNING = 0.4;
/** Probability that an out-of-order sample with an existing timestamp of its series is appended nevertheless. */
const DUPLICATES = 0.5;
/**
 * Smallest distance in ms of out-of-order samples from the end of the out-of-order window, because the end moves while
 * a commit waits.
 */
const WINDOW_MARGIN_MS = 5000;

/** A sample that is appended, whether or not it is accepted. */
export interface Attempt {
  readonly series: string;
  readonly time: number;
  readonly value: string;
}

export interface SampleParams {
  readonly count: number;
  /** Time of the first sample, ms. Each further sample is a millisecond later. */
  readonly time: number;
  /** Length of the out-of-order window, ms. With 0 no sample is out of order. */
  readonly window: number;
  /** Returns whether the series already has a sample with this timestamp. Used only with an out-of-order window. */
  readonly isTaken: (series: string, time: number) => boolean;
  /**
   * Returns whether samples of this time were deleted. Used only with an out-of-order window, because a deletion may or
   * may not hide a later out-of-order sample.
   */
  readonly isDeleted: (time: number) => boolean;
}

/**
 * Draws random series and samples: floats, histograms and exemplars, in order and out of order, and several with one
 * timestamp. Series that have ended may continue; the log then has another reference for them.
 */
export class SampleSource {
  readonly #random: () => number;
  readonly #names: string[] = [];
  readonly #ended: string[] = [];
  /** Number of accepted samples with a timestamp that their series already had. */
  duplicates = 0;
  /** Number of series that ended and continued later. */
  returned = 0;
  /** Accepted exemplars by their label `trace`. */
  readonly exemplars = new Map<string, Attempt>();
  #exemplars = 0;
  readonly #series = new Map<string, { readonly labels: Labels; readonly series: string }>();
  #made = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Appends drawn samples and returns those that were accepted. */
  append(app: Appender, { count, time, window, isTaken, isDeleted }: SampleParams): Attempt[] {
    const taken: Attempt[] = [];
    const floats: Attempt[] = [];
    const batch = createSampleBatch(count);
    const drawn = new Set<string>();
    let last: Attempt | undefined;
    for (let i = 0; i < count; i++) {
      const repeats = window > 0 && last !== undefined && this.#random() < 0.05;
      const name = repeats ? nameOf(last!) : this.#name();
      const { labels, series } = this.#seriesOf(name);
      const isLate = window > 0 && this.#random() < 0.15;
      const at = repeats ? last!.time : isLate ? time - this.#lateness(window) : time + i;
      const isDuplicate = isTaken(series, at) || drawn.has(`${series}${at}`);
      if (window > 0 && (isDeleted(at) || (isDuplicate && this.#random() >= DUPLICATES))) continue;
      drawn.add(`${series}${at}`);
      const ref = app.series(labels);
      last = { series, time: at, value: "" };
      if (isDuplicate) this.duplicates++;
      if (name.startsWith("h") || (name.startsWith("m") && this.#random() < 0.5)) {
        const histogram = this.#isStale() ? { ...histogramOf(1), stale: true } : this.#histogram();
        if (app.appendHistogram(ref, at, histogram) === OUTCOME_OK) {
          taken.push({ series, time: at, value: histogramText(histogram) });
        }
      } else {
        const slot = batch.count++;
        batch.refs[slot] = ref;
        batch.timestamps[slot] = at;
        batch.values[slot] = this.#float();
        if (this.#isStale()) writeStale(wordsOf(batch.values), slot);
        const words = new Uint32Array(batch.values.buffer, slot * 8, 2);
        floats.push({ series, time: at, value: floatText(words[1]!, words[0]!) });
      }
      if (this.#random() < 0.05) {
        const trace = String(this.#exemplars++);
        if (app.appendExemplar(ref, { labels: Labels.of({ trace }), value: i, timestamp: at }) === OUTCOME_OK)
          this.exemplars.set(trace, { series, time: at, value: String(i) });
      }
    }
    app.append(batch);
    floats.forEach((attempt, i) => {
      if (batch.outcomes[i] === OUTCOME_OK) taken.push(attempt);
    });
    return taken;
  }

  #seriesOf(name: string): { readonly labels: Labels; readonly series: string } {
    const known = this.#series.get(name);
    if (known !== undefined) return known;
    const labels = Labels.of({ __name__: name, job: "simulation" });
    const made = { labels, series: labels.toString() };
    this.#series.set(name, made);
    return made;
  }

  #lateness(window: number): number {
    const most = Math.max(1, window - WINDOW_MARGIN_MS);
    return 1 + Math.floor(this.#random() * (this.#random() < 0.5 ? Math.min(most, 3000) : most));
  }

  #name(): string {
    const names = this.#names;
    if (names.length > 0 && this.#random() >= 0.1) return names[this.#below(names.length)]!;
    const name = this.#ended.length > 0 && this.#random() < RETURNING ? this.#returning() : this.#newName();
    names.push(name);
    if (names.length > LIVE_SERIES) this.#ended.push(names.shift()!);
    return name;
  }

  #returning(): string {
    this.returned++;
    return this.#ended.splice(this.#below(this.#ended.length), 1)[0]!;
  }

  /** Returns a name for a new series of floats, of histograms or of both. */
  #newName(): string {
    const kind = this.#random();
    return `${kind < 0.25 ? "h" : kind < 0.4 ? "m" : "f"}${this.#made++}_${"x".repeat(this.#below(60))}`;
  }

  #isStale(): boolean {
    return this.#random() < 0.05;
  }

  #float(): number {
    const values = [0, -0, 1, 1.5, NaN, Infinity, this.#below(1000), this.#random()];
    return values[this.#below(values.length)]!;
  }

  #histogram(): FloatHistogram {
    const integer = this.#random() < 0.5;
    const buckets = 1 + this.#below(6);
    const changes = { integer, sum: this.#below(1000) / 4 };
    const kind = this.#random();
    if (kind < 0.1) return histogramOf(buckets, { ...changes, resetHint: "gauge" });
    if (kind < 0.2) return histogramOf(buckets, { ...changes, zeroThreshold: 0.5 });
    if (kind >= 0.3) return histogramOf(buckets, changes);
    const customBounds = Float64Array.from({ length: buckets }, (_, i) => i + this.#below(2) / 2);
    const count = (buckets * (buckets + 1)) / 2;
    return histogramOf(buckets, { ...changes, schema: -53, customBounds, zeroThreshold: 0, zeroCount: 0, count });
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}

/** Returns the name in a series' labels. */
export const nameOf = ({ series }: Pick<Attempt, "series">): string => /__name__="([^"]+)"/.exec(series)![1]!;
