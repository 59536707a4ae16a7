import { type Field, type Frame, type JsonObject, type Labels, numericColumn } from "@narthex/dashboards";
import type { Steps } from "@narthex/runtime";
import { numberAt, objectAt, textAt } from "../json-values.ts";
import { QueryFailure } from "../query-failure.ts";
import type { ValueBudget } from "../value-budget.ts";
import { BucketTable } from "./bucket-table.ts";
import { bucketsOf, metricValues } from "./bucket-values.ts";
import { type SeriesIdentity, seriesName } from "./series-name.ts";
import type { BucketAggregation, ElasticsearchTarget, Metric } from "./target.ts";

/** Number of buckets after which other work may run. */
const STEP = 100;
/** Number of cells for which the frame of a series counts. */
const FRAME_CELLS = 20;

interface Series extends SeriesIdentity {
  readonly times: number[];
  readonly values: (number | undefined)[];
}

/**
 * Returns the frames of a search with groups: time series if the innermost group is by time, otherwise a table with a row
 * for each bucket.
 */
export function* aggregationFrames(
  aggregations: JsonObject,
  target: ElasticsearchTarget,
  { refId, budget }: { readonly refId: string; readonly budget: ValueBudget },
): Steps<readonly Frame[]> {
  const reader = new AggregationReader(target, budget);
  yield* reader.read(aggregations, 0, {});
  if (reader.table.rows > 0) return [reader.table.frame(refId)];
  const types = new Set(reader.series.map(({ type }) => type)).size;
  const trim = trimEdges(target.buckets);
  const frames: Frame[] = [];
  for (const one of reader.series) {
    frames.push(seriesFrame(one, seriesName(one, target, types), { refId, trim }));
    if (frames.length % STEP === 0) yield;
  }
  return frames;
}

/** Collects the series and rows of an answer. */
class AggregationReader {
  readonly series: Series[] = [];
  readonly table: BucketTable;
  readonly #target: ElasticsearchTarget;
  readonly #budget: ValueBudget;
  #buckets = 0;

  constructor(target: ElasticsearchTarget, budget: ValueBudget) {
    this.#target = target;
    this.#budget = budget;
    this.table = new BucketTable(target, budget);
  }

  /** Reads the groups of a level, and the levels within them. */
  *read(level: JsonObject, depth: number, labels: Labels): Steps<void> {
    const { buckets } = this.#target;
    for (const group of buckets) {
      const content = objectAt(level, group.id);
      if (content === undefined) continue;
      if (group.type === "nested") {
        this.#budget.take(1);
        yield* this.read(content, depth + 1, labels);
      } else if (depth < buckets.length - 1) yield* this.#inner(content, group, depth, labels);
      else if (group.type === "date_histogram") yield* this.#timeSeries(content, labels);
      else for (const bucket of bucketsOf(content)) yield* this.#counted(() => this.table.add(labels, group, bucket));
    }
  }

  *#inner(content: JsonObject, group: BucketAggregation, depth: number, labels: Labels): Steps<void> {
    if (depth >= this.#target.buckets.length) return;
    const name = group.type === "filters" ? "filter" : group.field;
    for (const { key, content: inside } of bucketsOf(content)) {
      this.#budget.take(1);
      if (++this.#buckets % STEP === 0) yield;
      yield* this.read(inside, depth + 1, { ...labels, [name]: key });
    }
  }

  *#timeSeries(content: JsonObject, labels: Labels): Steps<void> {
    for (const metric of this.#target.metrics) {
      if (metric.isHidden) continue;
      const found = new Map<string, Series>();
      for (const { content: bucket } of bucketsOf(content))
        yield* this.#counted(() => this.#addPoint(bucket, metric, { labels, found }));
      for (const one of found.values()) this.series.push(one);
    }
  }

  #addPoint(
    bucket: JsonObject,
    metric: Metric,
    { labels, found }: { readonly labels: Labels; readonly found: Map<string, Series> },
  ): void {
    const time = numberAt(bucket, "key");
    const isPlain = metric.type !== "count" && metric.type !== "percentiles" && metric.type !== "extended_stats";
    // A pipeline aggregation has no value in the first buckets.
    if (time === undefined || (isPlain && objectAt(bucket, metric.id) === undefined)) return;
    for (const { type, field, value } of metricValues(metric, bucket)) {
      const key = `${type}\u0000${field}`;
      let series = found.get(key);
      if (series === undefined) {
        // A frame takes as much memory as many values.
        this.#budget.take(FRAME_CELLS);
        found.set(key, (series = { metric, type, field, labels, times: [], values: [] }));
      }
      this.#budget.take(2);
      series.times.push(Math.trunc(time / 1000) * 1000);
      series.values.push(value);
    }
  }

  *#counted(work: () => void): Steps<void> {
    work();
    if (++this.#buckets % STEP === 0) yield;
  }
}

function seriesFrame(
  { times, values, labels }: Series,
  name: string,
  { refId, trim }: { readonly refId: string; readonly trim: number },
): Frame {
  const [from, to] = times.length > 2 * trim ? [trim, times.length - trim] : [0, times.length];
  const kept = values.slice(from, to);
  const nulls = Uint8Array.from(kept, (value) => (value === undefined ? 1 : 0));
  const fields: Field[] = [
    numericColumn({ name: "Time" }, "time", Float64Array.from(times.slice(from, to))),
    numericColumn(
      { name: "Value", labels, config: { displayNameFromDS: name } },
      "number",
      Float64Array.from(kept, (value) => value ?? 0),
      nulls,
    ),
  ];
  return { refId, name, length: kept.length, fields, meta: { type: "timeseries-multi" } };
}

/** Returns the number of points that are removed at both ends of each series. */
function trimEdges(buckets: readonly BucketAggregation[]): number {
  const histogram = buckets.find(({ type }) => type === "date_histogram");
  const trim = Math.floor(numberAt(histogram?.settings ?? {}, "trimEdges") ?? 0);
  return Math.max(0, trim);
}

/** Throws QueryFailure if a search has failed. */
export function checkSearch(response: JsonObject, reasonOf: (error: unknown) => string): void {
  if (response["error"] === undefined || response["error"] === null) return;
  const status = numberAt(response, "status") ?? 400;
  throw new QueryFailure(status >= 500 ? 502 : 400, reasonOf(response["error"]) || textAt(response, "error"));
}
