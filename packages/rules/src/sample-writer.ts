import type { Labels } from "@narthex/model";
import { invariant, type Steps } from "@narthex/runtime";
import {
  type Appender,
  createSampleBatch,
  NO_SERIES,
  OUTCOME_OK,
  OUTCOME_UNKNOWN_SERIES,
  refusalText,
  type SampleBatch,
} from "@narthex/storage";
import type { RuleSample } from "./rule-query.ts";
import { WrittenSeries } from "./written-series.ts";

/** Number of samples that are appended in one step. After a step, the event loop may do other work. */
export const SAMPLES_PER_STEP = 128;

/** Appends the samples of one evaluation of a rule. Uses the series references of the last evaluation. */
export class SampleWriter {
  readonly #appender: Appender;
  readonly #samples: readonly RuleSample[];
  readonly #previous: WrittenSeries;
  readonly #refs: Uint32Array;
  /** Result for each sample: a number of the OUTCOME_* constants. */
  readonly outcomes: Uint8Array;
  /** Whether the samples have other series than the last evaluation, or in another order. */
  hasChanged: boolean;

  constructor(appender: Appender, samples: readonly RuleSample[], previous: WrittenSeries) {
    this.#appender = appender;
    this.#samples = samples;
    this.#previous = previous;
    this.#refs = new Uint32Array(samples.length);
    this.outcomes = new Uint8Array(samples.length);
    this.hasChanged = samples.length !== previous.labels.length;
  }

  *append(timestamp: number): Steps<void> {
    const batch = createSampleBatch(Math.min(SAMPLES_PER_STEP, this.#samples.length));
    for (let from = 0; from < this.#samples.length; from += SAMPLES_PER_STEP) {
      this.#appendFloats(from, timestamp, batch);
      yield;
    }
    for (const [place, { histogram }] of this.#samples.entries()) {
      if (histogram === undefined) continue;
      this.outcomes[place] = this.#appender.appendHistogram(this.#renewed(place), timestamp, histogram);
      yield;
    }
  }

  /** Returns the series of the samples that were stored. */
  accepted(): WrittenSeries {
    const places = this.#samples.keys().filter((place) => this.outcomes[place] === OUTCOME_OK);
    const kept = [...places];
    const labels = kept.map((place) => this.#samples[place]!.labels);
    return new WrittenSeries(
      labels,
      Uint32Array.from(kept, (place) => this.#refs[place]!),
    );
  }

  /** Returns the error of the last sample that the storage has refused. */
  lastError(timestamp: number): string {
    const place = this.outcomes.findLastIndex((outcome) => outcome !== OUTCOME_OK);
    const outcome = this.outcomes[place]!;
    const { value, histogram } = this.#samples[place]!;
    const sample = { ref: this.#refs[place]!, timestamp, value: histogram ?? value };
    const text = refusalText(outcome, sample, this.#appender, true);
    invariant(text !== undefined, "a refused sample has an error", { outcome });
    return text;
  }

  #appendFloats(from: number, timestamp: number, batch: SampleBatch): void {
    const to = Math.min(this.#samples.length, from + SAMPLES_PER_STEP);
    batch.count = 0;
    for (let place = from; place < to; place++) {
      const { labels, value, histogram } = this.#samples[place]!;
      if (histogram !== undefined) continue;
      batch.refs[batch.count] = this.#refOf(place, labels);
      batch.timestamps[batch.count] = timestamp;
      batch.values[batch.count++] = value;
    }
    this.#appender.append(batch);
    let at = 0;
    for (let place = from; place < to; place++) {
      if (this.#samples[place]!.histogram !== undefined) continue;
      const outcome = batch.outcomes[at++]!;
      this.outcomes[place] = outcome === OUTCOME_UNKNOWN_SERIES ? this.#appendAgain(place, timestamp) : outcome;
    }
  }

  #refOf(place: number, labels: Labels): number {
    const known = this.#previous.refAt(place, labels);
    if (known === NO_SERIES) return this.#renewed(place);
    return (this.#refs[place] = known);
  }

  /** Appends a sample whose series the storage has removed since the last evaluation. */
  #appendAgain(place: number, timestamp: number): number {
    const batch = createSampleBatch(1);
    batch.refs[0] = this.#renewed(place);
    batch.timestamps[0] = timestamp;
    batch.values[0] = this.#samples[place]!.value;
    batch.count = 1;
    this.#appender.append(batch);
    return batch.outcomes[0]!;
  }

  #renewed(place: number): number {
    this.hasChanged = true;
    return (this.#refs[place] = this.#appender.series(this.#samples[place]!.labels));
  }
}
