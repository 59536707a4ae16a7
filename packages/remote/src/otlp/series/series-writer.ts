import { type FloatHistogram, STALE_HIGH, STALE_LOW, wordsOf } from "@narthex/model";
import { type Exemplar, NO_SERIES, OUTCOME_INVALID_HISTOGRAM } from "@narthex/storage";
import type { TimedHistogram } from "@narthex/exposition";
import type { MessageBudget } from "../../message-limits.ts";
import type { Ingest } from "../../receiver/ingest.ts";
import { type SeriesLabels, seriesLabels } from "../../receiver/series-labels.ts";
import type { PointReferences } from "./point-references.ts";
import type { Translation } from "../translation/translation.ts";

const number = new Float64Array(1);
const numberWords = wordsOf(number);

/**
 * Adds values to the transaction of a request. A series is created with its first value that may be stored. After the
 * first refused value, no more values are added.
 */
export class SeriesWriter {
  /** Error text of the first value that was refused. */
  problem: string | undefined;
  /** True if the first refused value was an inconsistent histogram. */
  isInvalidHistogram = false;
  /** Number of exemplars that were older than the newest exemplar of their series. */
  lateExemplars = 0;
  readonly #references: PointReferences;
  readonly #translation: Translation;
  readonly #budget: MessageBudget;
  #ingest!: Ingest;
  /** True while refused values are ignored without an error. */
  #isForgiving = false;

  constructor(references: PointReferences, translation: Translation, budget: MessageBudget) {
    this.#references = references;
    this.#translation = translation;
    this.#budget = budget;
  }

  begin(ingest: Ingest): void {
    this.#ingest = ingest;
  }

  refuse(problem: string, outcome: number): void {
    if (this.#isForgiving || this.problem !== undefined) return;
    this.problem = problem;
    this.isInvalidHistogram = outcome === OUTCOME_INVALID_HISTOGRAM;
  }

  /**
   * Adds a float.
   * @param low lower 32 bits of the value
   * @param high upper 32 bits of the value
   */
  float(index: number, timestamp: number, start: number, low: number, high: number): void {
    if (!this.#admits(index, timestamp)) return;
    this.#ingest.float(index, index, timestamp, start, low, high);
  }

  stale(index: number, timestamp: number, start: number): void {
    this.float(index, timestamp, start, STALE_LOW, STALE_HIGH);
  }

  /** Adds a float that is not a stale marker. */
  value(index: number, timestamp: number, start: number, value: number): void {
    number[0] = value;
    this.float(index, timestamp, start, numberWords[0]!, numberWords[1]!);
  }

  histogram(index: number, sample: TimedHistogram): void {
    this.#budget.takeObject(numbersOf(sample.histogram));
    if (this.#admits(index, sample.timestamp, sample.histogram)) this.#ingest.histogram(index, index, sample);
  }

  /** Adds exemplars to a series, unless the series cannot be stored. */
  exemplars(index: number, exemplars: readonly Exemplar[]): void {
    for (const exemplar of exemplars) {
      this.#budget.takeObject(charactersOf(exemplar.labels.pairs));
      if (this.problem !== undefined || this.#references.ref(index) === NO_SERIES) return;
      if (this.#ingest.exemplar(index, index, exemplar)) this.lateExemplars++;
    }
  }

  /** Calls `append`, which adds values. Values that are too old are ignored, without an error. */
  forgiving(append: () => void): void {
    this.#ingest.flush();
    if (this.problem !== undefined) return;
    this.#isForgiving = true;
    append();
    this.#ingest.flush();
    this.#isForgiving = false;
  }

  #admits(index: number, timestamp: number, histogram?: FloatHistogram): boolean {
    if (this.problem !== undefined) return false;
    if (this.#references.ref(index) !== NO_SERIES) return true;
    // Stores the waiting values first, because a series must not be created after a value was refused.
    this.#ingest.flush();
    if (this.problem !== undefined) return false;
    const read = this.labelsAt(index);
    // Leaves out the point if its labels cannot be stored. Prometheus 3.5 panics in this case.
    if (!read.ok) return false;
    if (!this.#ingest.admits(timestamp, index, histogram)) return false;
    this.#references.replace(index, this.#ingest.resolve(read.labels));
    if (this.#ingest.describes) {
      const family = this.#references.familyOf(this.#references.ownerOf(index));
      this.#ingest.describe(index, index, this.#translation.metricOf(family).metadata);
    }
    return true;
  }

  /**
   * Returns the labels of a series by its number. Throws MessageError if the labels that are copied for the message
   * become too long in total.
   */
  labelsAt(index: number): SeriesLabels {
    const references = this.#references;
    const point = references.ownerOf(index);
    const offset = index - references.firstOf(point);
    const family = references.familyOf(point);
    const pairs = this.#translation.labels(family, references.attributesOf(point), references.layoutOf(point), offset);
    // Counts the text of labels even if they cannot be stored, because the text was created.
    this.#budget.takeText(charactersOf(pairs));
    return seriesLabels(pairs);
  }
}

/** Returns the number of numbers (span fields, counts and bounds) in a histogram. */
const numbersOf = (histogram: FloatHistogram): number =>
  (histogram.positiveSpans.length + histogram.negativeSpans.length) * 2 +
  histogram.positiveBuckets.length +
  histogram.negativeBuckets.length +
  (histogram.customBounds?.length ?? 0);

function charactersOf(texts: readonly string[]): number {
  let characters = 0;
  for (const text of texts) characters += text.length;
  return characters;
}
