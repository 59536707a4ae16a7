import { type FloatHistogram, Labels } from "@narthex/model";
import { type Appender, createSampleBatch, OUTCOME_OK } from "@narthex/storage";
import { histogramOf } from "@narthex/storage/testing";
import { floatText, histogramText } from "./contents.ts";

/** Series that samples come for at a time. */
const LIVE_SERIES = 40;
/** Out-of-order samples keep this far from the end of the window: it moves while a commit waits. */
const WINDOW_MARGIN_MS = 5000;

/** One sample as it is tried. */
export interface Attempt {
  readonly series: string;
  readonly time: number;
  readonly value: string;
}

/** What samples to draw. */
export interface SampleWish {
  readonly count: number;
  /** Of the first; the others follow by the millisecond. */
  readonly time: number;
  /** How far back out-of-order ones may lie, ms; 0: none is out of order. */
  readonly window: number;
  /** With a window, times at which a sample would be out of order beside another one: which of the two stays is not promised. */
  readonly isTaken: (series: string, time: number) => boolean;
}

/** Draws series and samples at random: floats, histograms, exemplars, in order and out of order. */
export class SampleSource {
  readonly #random: () => number;
  readonly #names: string[] = [];
  readonly #series = new Map<string, { readonly labels: Labels; readonly series: string }>();
  #made = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Hands samples to the appender; returns those that were taken. */
  append(app: Appender, { count, time, window, isTaken }: SampleWish): Attempt[] {
    const taken: Attempt[] = [];
    const floats: Attempt[] = [];
    const batch = createSampleBatch(count);
    const drawn = new Set<string>();
    for (let i = 0; i < count; i++) {
      const name = this.#name();
      const { labels, series } = this.#seriesOf(name);
      const at = window > 0 && this.#random() < 0.15 ? time - this.#lateness(window) : time + i;
      if (window > 0 && (isTaken(series, at) || drawn.has(`${series}${at}`))) continue;
      drawn.add(`${series}${at}`);
      const ref = app.series(labels);
      if (name.startsWith("h")) {
        const histogram = this.#histogram();
        if (app.appendHistogram(ref, at, histogram) === OUTCOME_OK) {
          taken.push({ series, time: at, value: histogramText(histogram) });
        }
      } else {
        const slot = batch.count++;
        batch.refs[slot] = ref;
        batch.timestamps[slot] = at;
        batch.values[slot] = this.#float();
        const words = new Uint32Array(batch.values.buffer, slot * 8, 2);
        floats.push({ series, time: at, value: floatText(words[1]!, words[0]!) });
      }
      if (this.#random() < 0.05) {
        app.appendExemplar(ref, { labels: Labels.of({ trace: String(i) }), value: i, timestamp: at });
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
    const name = `${this.#random() < 0.25 ? "h" : "f"}${this.#made++}_${"x".repeat(this.#below(60))}`;
    names.push(name);
    if (names.length > LIVE_SERIES) names.shift();
    return name;
  }

  #float(): number {
    const values = [0, -0, 1, 1.5, NaN, Infinity, this.#below(1000), this.#random()];
    return values[this.#below(values.length)]!;
  }

  #histogram(): FloatHistogram {
    const integer = this.#random() < 0.5;
    return histogramOf(1 + this.#below(6), { integer, sum: this.#below(1000) / 4 });
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}
