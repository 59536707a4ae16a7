import type { Labels } from "@narthex/dashboards";
import { JsonCursor, JsonProblem } from "@narthex/http/answer";
import type { Steps } from "@narthex/runtime";
import { QueryFailure } from "../query-failure.ts";
import { GrowingColumns } from "./growing-columns.ts";
import type { HistogramColumns, Series } from "./series.ts";

/** Number of samples after which the reader checks whether it must yield to other work. */
const STEP = 4096;
/** Largest number of points in an answer, including buckets of histograms. */
const MAX_POINTS = 5_000_000;
const [TIME, VALUE] = [0, 1];
const [COUNT, SUM] = [1, 2];
const [LOWER, UPPER, BUCKET_COUNT, BOUNDS] = [1, 2, 3, 4];

/** Reads the series of a matrix or vector one by one, and collects their samples in columns. */
export class SeriesReader {
  readonly #samples = new GrowingColumns(2);
  readonly #histograms = new GrowingColumns(3, 16);
  readonly #buckets = new GrowingColumns(5, 64);
  #points = 0;

  /**
   * Reads an element `{"metric":{…},"values":[[seconds,"value"],…],"histograms":[…]}`. For an instant query, the keys
   * are `value` and `histogram`.
   */
  *read(bytes: Uint8Array): Steps<Series> {
    const json = new JsonCursor(bytes);
    this.#samples.reset();
    this.#histograms.reset();
    this.#buckets.reset();
    let labels: Labels | undefined;
    // Reads the keys of the object without JsonCursor's methods for objects, because the reader yields to other work
    // within the arrays of the object.
    json.expect(0x7b);
    if (json.peek() === 0x7d) json.fail();
    do {
      const key = json.string();
      json.expect(0x3a);
      if (key === "metric") labels = readLabels(json);
      else if (key === "value") this.#sample(json);
      else if (key === "values") yield* this.#each(json, () => this.#sample(json));
      else if (key === "histogram") this.#histogram(json);
      else if (key === "histograms") yield* this.#each(json, () => this.#histogram(json));
      else json.skip();
    } while (hasNextEntry(json));
    json.end();
    if (labels === undefined) throw new JsonProblem("a series has no labels");
    const times = this.#samples.take(TIME);
    for (let i = 1; i < times.length; i++)
      if (!(times[i]! > times[i - 1]!)) throw new JsonProblem("samples are not in order of time");
    const histograms = this.#histograms.count === 0 ? undefined : this.#histogramColumns();
    return { labels, times, values: this.#samples.take(VALUE), ...(histograms && { histograms }) };
  }

  *#each(json: JsonCursor, read: () => void): Steps<void> {
    let count = 0;
    for (let more = json.beginArray(); more; more = json.nextElement()) {
      read();
      if (++count % STEP === 0) yield;
    }
  }

  #sample(json: JsonCursor): void {
    this.#count();
    const row = this.#samples.add();
    if (!json.beginArray()) json.fail();
    this.#samples.set(TIME, row, milliseconds(json));
    if (!json.nextElement()) json.fail();
    this.#samples.set(VALUE, row, json.number());
    if (json.nextElement()) json.fail();
  }

  /** Reads a native histogram: `[seconds,{"count":"1","sum":"2","buckets":[[bounds,"lower","upper","count"],…]}]`. */
  #histogram(json: JsonCursor): void {
    this.#count();
    const row = this.#histograms.add();
    if (!json.beginArray()) json.fail();
    const time = milliseconds(json);
    this.#histograms.set(TIME, row, time);
    this.#histograms.set(COUNT, row, NaN);
    this.#histograms.set(SUM, row, NaN);
    if (!json.nextElement()) json.fail();
    json.object((key) => {
      if (key === "count") this.#histograms.set(COUNT, row, json.number());
      else if (key === "sum") this.#histograms.set(SUM, row, json.number());
      else if (key !== "buckets") json.skip();
      else for (let more = json.beginArray(); more; more = json.nextElement()) this.#bucket(json, time);
    });
    if (json.nextElement()) json.fail();
  }

  #bucket(json: JsonCursor, time: number): void {
    this.#count();
    const row = this.#buckets.add();
    this.#buckets.set(TIME, row, time);
    let more = json.beginArray();
    for (const column of [BOUNDS, LOWER, UPPER, BUCKET_COUNT]) {
      if (!more) json.fail();
      this.#buckets.set(column, row, json.number());
      more = json.nextElement();
    }
    if (more) json.fail();
  }

  #count(): void {
    if (++this.#points > MAX_POINTS)
      throw new QueryFailure(
        422,
        `the answer has more than ${MAX_POINTS} points; ask for fewer series or a shorter range`,
      );
  }

  #histogramColumns(): HistogramColumns {
    return {
      times: this.#histograms.take(TIME),
      counts: this.#histograms.take(COUNT),
      sums: this.#histograms.take(SUM),
      bucketTimes: this.#buckets.take(TIME),
      lower: this.#buckets.take(LOWER),
      upper: this.#buckets.take(UPPER),
      bucketCounts: this.#buckets.take(BUCKET_COUNT),
      bounds: this.#buckets.take(BOUNDS),
    };
  }
}

/** Reads a time in seconds and returns it in ms. Prometheus writes times with at most three decimals. */
const milliseconds = (json: JsonCursor): number => Math.round(json.number() * 1000);

/** Reads a label set. The resulting object has no prototype, because a label may have any name. */
export function readLabels(json: JsonCursor): Labels {
  const labels = Object.create(null) as Record<string, string>;
  json.object((name) => {
    labels[name] = json.string();
  });
  return labels;
}

/** Moves the cursor after a comma and returns true, or after the end of the object and returns false. */
function hasNextEntry(json: JsonCursor): boolean {
  if (json.peek() === 0x2c) {
    json.expect(0x2c);
    return true;
  }
  json.expect(0x7d);
  return false;
}
