import { type Clock, systemClock } from "@narthex/runtime";
import type { TimeRange } from "../data-source.ts";
import {
  type HistogramColumns,
  labelsKey,
  type QueryResult,
  type Series,
  seriesBytes,
  timesBefore,
} from "../prometheus/series.ts";
import { Sweep } from "./sweep.ts";

/** Time in ms after which unused cache entries are removed. The next request then queries the complete range again. */
const UNUSED_MS = 15 * 60_000;
const SWEEP_MS = 60_000;
/** Maximum number of warnings, and of infos, of an answer. Prometheus itself returns at most ten of each. */
const MAX_NOTES = 100;

/** A query over a range. Start and end of the range are multiples of the step plus the offset of the grid. */
export interface RangeRequest extends TimeRange {
  /** Identifies everything except the range that the points depend on: source, expression, step, offset of the grid. */
  readonly key: string;
  readonly stepMs: number;
  /** Age in ms below which points may still change. */
  readonly overlapMs: number;
}

interface Entry extends TimeRange {
  /** Epoch time in ms before which the points of the cached series no longer change. */
  readonly settled: number;
  /** Length of the longest range that was requested, ms. Points within this length are kept. */
  readonly span: number;
  readonly series: readonly Series[];
  readonly bytes: number;
  /** Time of the last use of the cache entry by the monotonic clock, ms. */
  readonly usedAt: number;
}

/**
 * A division of the requested range: the part that must be queried from the server, and the cached points before it.
 */
export interface RangePlan {
  readonly request: RangeRequest;
  /** Start of the range that must be queried, epoch ms. */
  readonly from: number;
  readonly kept: Entry | undefined;
}

/** Caches answers of ranges, so that a refresh queries only points that are new or may have changed. */
export class RangeCache {
  readonly #maxBytes: number;
  readonly #clock: Clock;
  readonly #sweep: Sweep;
  /** The entries by key; the most recently used one is last. */
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;
  #hits = 0;
  #misses = 0;
  #evictions = 0;

  /** @param maxBytes largest size of all entries together */
  constructor(maxBytes: number, clock: Clock = systemClock) {
    this.#maxBytes = maxBytes;
    this.#clock = clock;
    this.#sweep = new Sweep(clock, SWEEP_MS, () => this.#dropUnused());
  }

  get bytes(): number {
    return this.#bytes;
  }

  get entries(): number {
    return this.#entries.size;
  }

  /**
   * Number of requests that were partly answered from the cache (hits), of other requests (misses), and of evicted
   * entries.
   */
  get counts(): { readonly hits: number; readonly misses: number; readonly evictions: number } {
    return { hits: this.#hits, misses: this.#misses, evictions: this.#evictions };
  }

  plan(request: RangeRequest): RangePlan {
    const kept = this.#entries.get(request.key);
    const isWithin = kept !== undefined && kept.from <= request.from && request.from <= kept.settled;
    if (!isWithin) {
      this.#misses++;
      return { request, from: request.from, kept: undefined };
    }
    this.#hits++;
    const behind = kept.settled + request.stepMs;
    // At least the last point is queried, so that the server reports errors in the query.
    return { request, from: Math.min(behind, request.to), kept };
  }

  /**
   * Joins the cached points and the new points to the complete answer, and stores its points in the cache. Warnings and
   * infos are those of the new answer. The cache stores no warnings, because texts that differ at each refresh would
   * accumulate.
   * @param requestedAt time before the request was sent, epoch ms
   */
  join({ request, from, kept }: RangePlan, answer: QueryResult, requestedAt: number): QueryResult {
    const { key, to, stepMs, overlapMs } = request;
    const added = answer.series.map((one) => orderedWithin(one, from, to)).filter((one) => !isEmpty(one));
    const series = kept === undefined ? added : joinedSeries(kept.series, from, added);
    const warnings = answer.warnings.slice(0, MAX_NOTES);
    const infos = answer.infos.slice(0, MAX_NOTES);
    const span = Math.max(kept?.span ?? 0, to - request.from);
    const start = kept === undefined ? request.from : Math.max(kept.from, request.from - (span - (to - request.from)));
    const keptSeries = kept === undefined ? series : within(series, start, to);
    const last = Math.min(to, requestedAt - overlapMs);
    const settled = request.from + Math.floor((last - request.from) / stepMs) * stepMs;
    this.#keep(key, { from: start, to, settled, span, series: keptSeries });
    return { ...answer, series: kept === undefined ? series : within(series, request.from, to), warnings, infos };
  }

  /** Removes all entries whose key has this prefix. */
  forget(prefix: string): void {
    for (const key of this.#entries.keys()) if (key.startsWith(prefix)) this.#drop(key);
  }

  #keep(key: string, entry: Omit<Entry, "bytes" | "usedAt">): void {
    this.#drop(key);
    if (entry.settled < entry.from) return;
    let bytes = 512 + 2 * key.length;
    for (const series of entry.series) bytes += seriesBytes(series);
    if (bytes > this.#maxBytes) return;
    this.#entries.set(key, { ...entry, bytes, usedAt: this.#clock.monotonic() });
    this.#sweep.arm();
    this.#bytes += bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#evictions++;
      this.#drop(oldest);
    }
  }

  /** Removes unused cache entries. Returns whether any entries remain. */
  #dropUnused(): boolean {
    const limit = this.#clock.monotonic() - UNUSED_MS;
    for (const [key, { usedAt }] of this.#entries) if (usedAt <= limit) this.#drop(key);
    return this.#entries.size > 0;
  }

  #drop(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#bytes -= entry.bytes;
    this.#entries.delete(key);
  }
}

/**
 * Returns a series without points outside the range, and without points that are earlier than a point before them. A
 * server may ignore the range, and later requests would not remove such points from the cache. Returns the series itself
 * if no point is removed.
 */
function orderedWithin(series: Series, from: number, to: number): Series {
  const { labels, times, values, histograms } = series;
  const rows = rowsWithin(times, from, to);
  const buckets = histograms && histogramsWithin(histograms, from, to);
  if (rows === undefined && buckets === histograms) return series;
  return {
    labels,
    times: rows === undefined ? times : picked(times, rows),
    values: rows === undefined ? values : picked(values, rows),
    ...(buckets && { histograms: buckets }),
  };
}

function histogramsWithin(columns: HistogramColumns, from: number, to: number): HistogramColumns {
  const [rows, buckets] = [rowsWithin(columns.times, from, to), rowsWithin(columns.bucketTimes, from, to)];
  if (rows === undefined && buckets === undefined) return columns;
  const of = (column: Float64Array): Float64Array => (rows === undefined ? column : picked(column, rows));
  const bucketsOf = (column: Float64Array): Float64Array => (buckets === undefined ? column : picked(column, buckets));
  return {
    times: of(columns.times),
    counts: of(columns.counts),
    sums: of(columns.sums),
    bucketTimes: bucketsOf(columns.bucketTimes),
    lower: bucketsOf(columns.lower),
    upper: bucketsOf(columns.upper),
    bucketCounts: bucketsOf(columns.bucketCounts),
    bounds: bucketsOf(columns.bounds),
  };
}

/**
 * Returns the rows whose times are within the range and not earlier than the row before. Returns undefined if these are
 * all rows.
 */
function rowsWithin(times: Float64Array, from: number, to: number): readonly number[] | undefined {
  let last = from;
  if (times.every((time) => time >= last && (last = time) <= to)) return undefined;
  last = from;
  const rows: number[] = [];
  for (const [row, time] of times.entries()) {
    if (!(time >= last && time <= to)) continue;
    last = time;
    rows.push(row);
  }
  return rows;
}

const picked = (column: Float64Array, rows: readonly number[]): Float64Array =>
  Float64Array.from(rows, (row) => column[row]!);

/** Joins the cached points before `from` with the new points. The series are sorted by labels, as in Prometheus. */
function joinedSeries(kept: readonly Series[], from: number, added: readonly Series[]): readonly Series[] {
  const byLabels = new Map(added.map((series) => [labelsKey(series.labels), series] as const));
  const joined = new Map<string, Series>();
  for (const series of kept) {
    const key = labelsKey(series.labels);
    const head = slice(series, -Infinity, from);
    const tail = byLabels.get(key);
    byLabels.delete(key);
    const whole = tail === undefined ? head : concatenated(head, tail);
    if (!isEmpty(whole)) joined.set(key, whole);
  }
  for (const [key, series] of byLabels) joined.set(key, series);
  return [...joined].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, series]) => series);
}

const isEmpty = ({ times, histograms }: Series): boolean => times.length === 0 && (histograms?.times.length ?? 0) === 0;

/** Returns the points from `from` to `to`, both included. Series without such points are left out. */
const within = (series: readonly Series[], from: number, to: number): readonly Series[] =>
  series.map((one) => slice(one, from, to + 1)).filter((one) => !isEmpty(one));

/**
 * Returns the points of a series from `from` until before `end`. If the series has no other points, returns the series
 * itself without a copy.
 */
function slice(series: Series, from: number, end: number): Series {
  const { labels, times, values, histograms } = series;
  const [first, last] = [timesBefore(times, from), timesBefore(times, end)];
  const cut = histograms === undefined ? undefined : sliceHistograms(histograms, from, end);
  if (first === 0 && last === times.length && cut === histograms) return series;
  return {
    labels,
    times: times.slice(first, last),
    values: values.slice(first, last),
    ...(cut && { histograms: cut }),
  };
}

function sliceHistograms(columns: HistogramColumns, from: number, end: number): HistogramColumns | undefined {
  const { times, counts, sums, bucketTimes, lower, upper, bucketCounts, bounds } = columns;
  const [first, last] = [timesBefore(times, from), timesBefore(times, end)];
  if (first === 0 && last === times.length) return columns;
  if (first === last) return undefined;
  const [firstBucket, lastBucket] = [timesBefore(bucketTimes, from), timesBefore(bucketTimes, end)];
  return {
    times: times.slice(first, last),
    counts: counts.slice(first, last),
    sums: sums.slice(first, last),
    bucketTimes: bucketTimes.slice(firstBucket, lastBucket),
    lower: lower.slice(firstBucket, lastBucket),
    upper: upper.slice(firstBucket, lastBucket),
    bucketCounts: bucketCounts.slice(firstBucket, lastBucket),
    bounds: bounds.slice(firstBucket, lastBucket),
  };
}

function concatenated(head: Series, tail: Series): Series {
  const [before, behind] = [head.histograms, tail.histograms];
  const histograms =
    before === undefined || behind === undefined ? (before ?? behind) : joinedHistograms(before, behind);
  return {
    labels: tail.labels,
    times: joinedColumn(head.times, tail.times),
    values: joinedColumn(head.values, tail.values),
    ...(histograms && { histograms }),
  };
}

const joinedHistograms = (head: HistogramColumns, tail: HistogramColumns): HistogramColumns => ({
  times: joinedColumn(head.times, tail.times),
  counts: joinedColumn(head.counts, tail.counts),
  sums: joinedColumn(head.sums, tail.sums),
  bucketTimes: joinedColumn(head.bucketTimes, tail.bucketTimes),
  lower: joinedColumn(head.lower, tail.lower),
  upper: joinedColumn(head.upper, tail.upper),
  bucketCounts: joinedColumn(head.bucketCounts, tail.bucketCounts),
  bounds: joinedColumn(head.bounds, tail.bounds),
});

function joinedColumn(head: Float64Array, tail: Float64Array): Float64Array {
  if (head.length === 0) return tail;
  if (tail.length === 0) return head;
  const out = new Float64Array(head.length + tail.length);
  out.set(head);
  out.set(tail, head.length);
  return out;
}
