import { Labels, Matcher, METRIC_NAME } from "@narthex/model";
import { countOf, SampleColumns, SampleSpans, type SeriesSet } from "@narthex/storage";
import { labelsOf } from "../listing/series-selection.ts";
import type { ListingContext } from "../listing/listing-context.ts";

/** Number of series and samples of a metric from one job. */
export interface MetricCount {
  readonly metric: string;
  readonly job: string;
  series: number;
  samples: number;
}

const ALL_METRICS = [new Matcher("!=", METRIC_NAME, "")];
/** Memory in bytes that a selected series needs until it is counted. */
const SERIES_BYTES = 64;
/** Number of series after which the deadline is checked. */
const SERIES_PER_LOOK = 16;
const isCounted = (name: string): boolean => name === METRIC_NAME || name === "job";

/** Counts all series that have samples in a time range, and their samples in this range, by metric and job. */
export async function countMetrics(
  { querier, signal, job, yieldToEventLoop }: ListingContext,
  { start, end }: { readonly start: number; readonly end: number },
): Promise<readonly MetricCount[]> {
  const set = await querier.select(ALL_METRICS, { start, end, signal });
  job.charge.take(SERIES_BYTES * countOf(set));
  const samplesIn = sampleCounter(set, start, end);
  const groupOf = grouping(set);
  const counts: MetricCount[] = [];
  for (let i = 0; i < countOf(set); i++) {
    const samples = samplesIn(i);
    if (samples > 0) {
      const { group, labels } = groupOf(i);
      const count = (counts[group] ??= {
        metric: labels().get(METRIC_NAME),
        job: labels().get("job"),
        series: 0,
        samples: 0,
      });
      count.series++;
      count.samples += samples;
    }
    const pause = i % SERIES_PER_LOOK === 0 ? yieldToEventLoop() : undefined;
    if (pause !== undefined) await pause;
  }
  return counts.filter((count) => count !== undefined);
}

/** Groups series by metric name and job. Does not create label sets if the storage has numbered labels. */
function grouping(set: SeriesSet): (index: number) => { readonly group: number; readonly labels: () => Labels } {
  const { labelSets } = set;
  if (labelSets !== undefined) {
    const groups = labelSets.group(isCounted);
    return (index) => ({ group: groups[index]!, labels: () => labelSets.at(index, isCounted) });
  }
  const numbers = new Map<string, number>();
  return (index) => {
    const labels = labelsOf(set, index).filter(isCounted);
    let group = numbers.get(labels.key);
    if (group === undefined) numbers.set(labels.key, (group = numbers.size));
    return { group, labels: () => labels };
  };
}

function sampleCounter(set: SeriesSet, start: number, end: number): (index: number) => number {
  const spans = new SampleSpans();
  const columns = new SampleColumns();
  return (index) => {
    if (set.readSpans?.(index, start, end, spans) === true) return spans.samples;
    columns.reset();
    set.read(index, start, end, columns);
    return columns.count;
  };
}
