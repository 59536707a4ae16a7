import type { Labels } from "@narthex/model";
import { NO_SERIES, type SeriesRef } from "@narthex/storage";

/** The series that an evaluation of a rule wrote. Most evaluations write the same series in the same order. */
export class WrittenSeries {
  static readonly NONE = WrittenSeries.of([]);

  readonly labels: readonly Labels[];
  /** References of the series in the storage; 0 if a reference is unknown. */
  readonly #refs: Uint32Array;
  #byKey: ReadonlyMap<string, Labels> | undefined;

  constructor(labels: readonly Labels[], refs: Uint32Array) {
    this.labels = labels;
    this.#refs = refs;
  }

  static of(labels: readonly Labels[]): WrittenSeries {
    return new WrittenSeries(labels, new Uint32Array(labels.length));
  }

  /** The series by the key of their labels. */
  get byKey(): ReadonlyMap<string, Labels> {
    return (this.#byKey ??= new Map(this.labels.map((labels) => [labels.key, labels])));
  }

  /**
   * Returns the reference of a series if it was written at this place, otherwise NO_SERIES. The storage may have removed
   * the series.
   */
  refAt(place: number, labels: Labels): SeriesRef {
    return this.labels[place] === labels ? this.#refs[place]! : NO_SERIES;
  }
}
