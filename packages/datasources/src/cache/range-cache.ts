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

/** A dashboard that nobody has looked at for so long is asked anew, as it is at first. */
const UNUSED_MS = 15 * 60_000;
const SWEEP_MS = 60_000;

/** A range of an expression on a grid of steps, both ends on it. */
export interface RangeRequest extends TimeRange {
  /** Says all that the points depend on but the range: source, expression, step, where the grid lies. */
  readonly key: string;
  readonly stepMs: number;
  /** How far back from now points may still change, ms. */
  readonly overlapMs: number;
}

interface Entry extends TimeRange {
  /** Points up to here change no more. */
  readonly settled: number;
  /** The longest range that was asked for: so much is kept. */
  readonly span: number;
  readonly series: readonly Series[];
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  readonly bytes: number;
  /** Monotonic ms. */
  readonly usedAt: number;
}

/** What is still to be asked for a request, and what to join the answer to. */
export interface RangePlan {
  readonly request: RangeRequest;
  /** From here on. */
  readonly from: number;
  readonly kept: Entry | undefined;
}

/** Keeps answers of ranges, so that a refresh asks only for the points that are new or may have changed. */
export class RangeCache {
  readonly #maxBytes: number;
  readonly #clock: Clock;
  readonly #sweep: Sweep;
  /** The one used last at the end. */
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;
  #hits = 0;
  #misses = 0;
  #evictions = 0;

  /** @param maxBytes all entries together take no more */
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

  /** Requests of which a part was kept, those of which nothing was, and entries that made room for others. */
  get counts(): { readonly hits: number; readonly misses: number; readonly evictions: number } {
    return { hits: this.#hits, misses: this.#misses, evictions: this.#evictions };
  }

  /** What has to be asked for a range. */
  plan(request: RangeRequest): RangePlan {
    const kept = this.#entries.get(request.key);
    const isWithin = kept !== undefined && kept.from <= request.from && request.from <= kept.settled;
    if (!isWithin) {
      this.#misses++;
      return { request, from: request.from, kept: undefined };
    }
    this.#hits++;
    const behind = kept.settled + request.stepMs;
    // The last point is asked in any case: the server says what is wrong with the query, if anything is.
    return { request, from: Math.min(behind, request.to), kept };
  }

  /**
   * The whole answer, of what was kept and what was asked; keeps it.
   *
   * @param askedAt the time before the question was sent
   */
  join({ request, from, kept }: RangePlan, answer: QueryResult, askedAt: number): QueryResult {
    const { key, to, stepMs, overlapMs } = request;
    const series = kept === undefined ? answer.series : joinedSeries(kept.series, from, answer.series);
    const warnings = kept === undefined ? answer.warnings : union(kept.warnings, answer.warnings);
    const infos = kept === undefined ? answer.infos : union(kept.infos, answer.infos);
    const span = Math.max(kept?.span ?? 0, to - request.from);
    const start = kept === undefined ? request.from : Math.max(kept.from, request.from - (span - (to - request.from)));
    const keptSeries = kept === undefined ? series : within(series, start, to);
    const last = Math.min(to, askedAt - overlapMs);
    const settled = request.from + Math.floor((last - request.from) / stepMs) * stepMs;
    this.#keep(key, { from: start, to, settled, span, series: keptSeries, warnings, infos });
    return { ...answer, series: kept === undefined ? series : within(series, request.from, to), warnings, infos };
  }

  /** Forgets entries whose key begins so. */
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

  /** Whether any are left. */
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

const union = (kept: readonly string[], added: readonly string[]): readonly string[] => [
  ...new Set([...kept, ...added]),
];

/** What was kept of before `from`, and the new behind it; in the order of labels, as Prometheus answers. */
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

/** The points from `from` to `to`, of series that have any. */
const within = (series: readonly Series[], from: number, to: number): readonly Series[] =>
  series.map((one) => slice(one, from, to + 1)).filter((one) => !isEmpty(one));

/** The points from `from` to before `end`; the same series where those are all. */
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
