import { type FloatHistogram, forEachBucket, formatFloat, isStaleAt, type Labels, Matcher } from "@narthex/model";
import { SampleColumns } from "@narthex/storage";
import { openReadOnly } from "@narthex/tsdb";

/**
 * Stored samples of one target by series, in order of time. A sample is the text `#N value` for scrape number N, or
 * `@ms value` for an explicit timestamp.
 */
export interface ObservedTarget {
  /** Times of the scrapes, Unix time in ms. */
  readonly scrapes: readonly number[];
  readonly series: ReadonlyMap<string, readonly string[]>;
}

/** Series that are not compared, because their values always differ between the servers. */
const PASSING = new Set(["scrape_duration_seconds"]);

/**
 * Reads the data folder of a stopped server. Returns the samples of each job's target, by job.
 * @param steps number of scrapes to read; samples of later scrapes are left out
 */
export async function readFolder(dir: string, steps: number): Promise<Map<string, ObservedTarget>> {
  using tsdb = await openReadOnly(dir, { maxTime: Number.MAX_SAFE_INTEGER });
  if (tsdb.problems.length > 0) throw new Error(tsdb.problems.join("; "));
  const querier = tsdb.querier(-Infinity, Infinity);
  const range = { start: -Number.MAX_SAFE_INTEGER, end: Number.MAX_SAFE_INTEGER };
  const set = await querier.select([new Matcher("=~", "ep", ".+")], range);
  const columns = new SampleColumns();
  const times = new Map<string, Map<number, number>>();
  const out = new Map<string, { scrapes: readonly number[]; series: Map<string, readonly string[]> }>();
  for (const [i, labels] of set.labels.entries()) {
    if (labels.get("__name__") !== "up") continue;
    columns.reset();
    set.read(i, range.start, range.end, columns);
    const scrapes = [...columns.timestamps.subarray(0, columns.count)];
    const target = labels.get("ep");
    times.set(target, new Map(scrapes.map((time, scrape) => [time, scrape])));
    out.set(target, { scrapes, series: new Map() });
  }
  for (const [i, labels] of set.labels.entries()) {
    if (PASSING.has(labels.get("__name__"))) continue;
    columns.reset();
    set.read(i, range.start, range.end, columns);
    const scrapeOf = times.get(labels.get("ep"))!;
    const rows = rowsOf(columns, scrapeOf, steps);
    if (rows.length > 0) out.get(labels.get("ep"))!.series.set(nameOf(labels), rows);
  }
  querier.close();
  return out;
}

export const nameOf = (labels: Labels): string => labels.get("__name__") + labels.without("__name__", "ep").toString();

function rowsOf(columns: SampleColumns, scrapeOf: ReadonlyMap<number, number>, steps: number): string[] {
  const rows: string[] = [];
  for (let i = 0; i < columns.count; i++) {
    const time = columns.timestamps[i]!;
    const scrape = scrapeOf.get(time);
    if (scrape !== undefined && scrape >= steps) continue;
    const histogram = columns.histograms?.[i];
    const value = histogram === undefined ? floatText(columns, i) : histogramText(histogram);
    const start = columns.startTimestamps?.[i] ?? 0;
    rows.push(`${scrape === undefined ? `@${time}` : `#${scrape}`} ${value}${start === 0 ? "" : ` since ${start}`}`);
  }
  return rows;
}

const floatText = (columns: SampleColumns, i: number): string =>
  isStaleAt(columns.valueWords, i)
    ? "stale"
    : Object.is(columns.values[i], -0)
      ? "-0"
      : formatFloat(columns.values[i]!);

function histogramText(histogram: FloatHistogram): string {
  if (histogram.stale === true) return "stale histogram";
  const { schema, count, sum, zeroCount, zeroThreshold, integer, resetHint } = histogram;
  // Formats the buckets of one side without the empty buckets between spans, which depend on earlier histograms.
  const side = (spans: FloatHistogram["positiveSpans"], buckets: Float64Array): string => {
    const out: string[] = [];
    forEachBucket(spans, buckets, (index, count) => {
      if (count !== 0) out.push(`${index}:${count}`);
    });
    return `[${out.join(" ")}]`;
  };
  const bounds = histogram.customBounds === undefined ? "" : ` bounds ${[...histogram.customBounds].join(" ")}`;
  return `histogram ${integer === true ? "integer" : "float"} schema ${schema} count ${count} sum ${formatFloat(sum)} zero ${zeroCount}≤${zeroThreshold} positive ${side(histogram.positiveSpans, histogram.positiveBuckets)} negative ${side(histogram.negativeSpans, histogram.negativeBuckets)}${bounds} ${resetHint}`;
}
