import type { Steps } from "@narthex/runtime";
import type { ValueBudget } from "../value-budget.ts";
import type { Series } from "./series.ts";

/** Number of values as which the head of a frame counts: names, types and settings of its columns. */
const HEAD_VALUES = 16;
/** Number of characters of labels and legends that count as one value. */
const CHARACTERS_OF_VALUE = 16;
/** Number of series that are counted in one step. */
const SERIES_OF_STEP = 1000;
/** Number of columns of a frame with samples, and of a frame with buckets of native histograms. */
const [SAMPLE_COLUMNS, BUCKET_COLUMNS] = [2, 5];

/** Form of a series in the answer: a frame of its own with a legend, or rows of a table that repeat its labels. */
interface SeriesUse {
  readonly legendFormat: string;
  readonly isTable: boolean;
}

/**
 * Takes the values that frames of series need: times, values, buckets, labels and legends. Must be called before the
 * frames are built. Throws QueryFailure if the budget has too few values left.
 */
export function* takeSeries(
  series: readonly Series[],
  { legendFormat, isTable }: SeriesUse,
  budget: ValueBudget,
): Steps<void> {
  const placeholders = legendFormat.split("{{").length - 1;
  for (const [at, { labels, times, histograms }] of series.entries()) {
    if (at % SERIES_OF_STEP === SERIES_OF_STEP - 1) yield;
    let characters = 0;
    let longest = 0;
    for (const [name, value] of Object.entries(labels)) {
      characters += name.length + value.length;
      longest = Math.max(longest, value.length);
    }
    // A placeholder of the legend is replaced by the value of at most one label.
    const texts = isTable
      ? characters * (times.length + (histograms?.times.length ?? 0))
      : characters + legendFormat.length + placeholders * longest;
    const numbers = SAMPLE_COLUMNS * times.length + BUCKET_COLUMNS * (histograms?.bucketTimes.length ?? 0);
    budget.take(HEAD_VALUES + Math.ceil(texts / CHARACTERS_OF_VALUE) + numbers);
  }
}
