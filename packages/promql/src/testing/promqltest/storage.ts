import {
  compareLabels,
  CUSTOM_BUCKETS_SCHEMA,
  detectReset,
  EMPTY_HISTOGRAM,
  type FloatHistogram,
  type Labels,
  type Matcher,
  matchesAll,
  wordsOf,
  writeStale,
} from "@narthex/model";
import { type Querier, type Queryable, SampleColumns, type SelectHints, type SeriesSet } from "@narthex/storage";

/** The sample of a series at one time. */
export type ScriptSample = number | "stale" | FloatHistogram;

interface ScriptSeries {
  readonly labels: Labels;
  readonly columns: SampleColumns;
  readonly startTimestamps: number[];
  /** The latest histogram of the chunk; undefined if a later sample was a float. */
  chunk: FloatHistogram | undefined;
  /** Whether the series has ended with a stale marker, which also ends a chunk. */
  ended: boolean;
}

/** Length in ms of the storage blocks that scripts expect. A chunk never extends beyond a block. */
const CHUNK_RANGE_MS = 86_400_000;

const staleWords = wordsOf(new Float64Array(1));
writeStale(staleWords, 0);

/**
 * An in-memory storage for promqltest scripts, with start timestamps. Histograms get the counter reset hints that a
 * storage with chunks would return: unknown for the first histogram of a chunk, not-reset for later ones, gauge for
 * gauges.
 */
export class ScriptStorage implements Queryable {
  readonly #series = new Map<string, ScriptSeries>();

  /** Adds a sample to a series. Returns an Error if its time is not after the last sample. */
  append(labels: Labels, timestamp: number, sample: ScriptSample, startTimestamp: number): Error | undefined {
    const series = this.#seriesOf(labels);
    const { columns } = series;
    const last = columns.count === 0 ? -Infinity : columns.timestamps[columns.count - 1]!;
    if (timestamp === last) return new Error(`duplicate sample for timestamp: ${labels.toString()}`);
    if (timestamp < last) return new Error(`out of order sample: ${labels.toString()}`);
    if (typeof sample === "number") {
      columns.pushFloat(timestamp, wordsOf(Float64Array.of(sample)), 0);
      series.chunk = undefined;
    } else if (sample === "stale" && series.chunk === undefined) columns.pushFloat(timestamp, staleWords, 0);
    else if (sample === "stale") {
      columns.pushHistogram(timestamp, { ...EMPTY_HISTOGRAM, stale: true, sum: NaN });
      series.ended = true;
    } else {
      const sameRange = Math.floor(last / CHUNK_RANGE_MS) === Math.floor(timestamp / CHUNK_RANGE_MS);
      columns.pushHistogram(timestamp, {
        ...sample,
        resetHint: hintOnRead(sample, sameRange && !series.ended ? series.chunk : undefined),
      });
      series.chunk = sample;
      series.ended = false;
    }
    series.startTimestamps[columns.count - 1] = startTimestamp;
    return undefined;
  }

  querier(minTime: number, maxTime: number): Querier {
    return {
      select: (matchers, hints) => Promise.resolve(this.#select(matchers, hints, minTime, maxTime)),
      labelNames: () => Promise.resolve([]),
      labelValues: () => Promise.resolve([]),
      close() {},
    };
  }

  #seriesOf(labels: Labels): ScriptSeries {
    let series = this.#series.get(labels.key);
    if (series === undefined) {
      series = { labels, columns: new SampleColumns(16), startTimestamps: [], chunk: undefined, ended: false };
      this.#series.set(labels.key, series);
    }
    return series;
  }

  #select(matchers: readonly Matcher[], hints: SelectHints, minTime: number, maxTime: number): SeriesSet {
    const from = Math.max(hints.start, minTime);
    const to = Math.min(hints.end, maxTime);
    const chosen = [...this.#series.values()]
      .filter(({ labels, columns }) => matchesAll(matchers, labels) && slotsBetween(columns, from, to).length > 0)
      .sort((a, b) => compareLabels(a.labels, b.labels));
    return {
      labels: chosen.map(({ labels }) => labels),
      warnings: [],
      read(index, start, end, into) {
        into.reset();
        const { columns, startTimestamps } = chosen[index]!;
        const slots = slotsBetween(columns, Math.max(start, minTime), Math.min(end, maxTime));
        for (const slot of slots) into.pushFrom(columns, slot);
        if (startTimestamps.some((start) => start !== 0)) {
          into.startTimestamps = Float64Array.from(slots, (slot) => startTimestamps[slot]!);
        }
      },
    };
  }
}

function slotsBetween({ count, timestamps }: SampleColumns, from: number, to: number): number[] {
  const slots: number[] = [];
  for (let i = 0; i < count; i++) if (timestamps[i]! >= from && timestamps[i]! <= to) slots.push(i);
  return slots;
}

/**
 * Returns the counter reset hint that a read of the sample returns. `previous` is the sample before it in the chunk.
 */
function hintOnRead(sample: FloatHistogram, previous: FloatHistogram | undefined): FloatHistogram["resetHint"] {
  if (sample.resetHint === "gauge") return "gauge";
  return previous !== undefined && continuesChunk(sample, previous) ? "not-reset" : "unknown";
}

function continuesChunk(sample: FloatHistogram, previous: FloatHistogram): boolean {
  if (previous.resetHint === "gauge" || sample.resetHint === "reset") return false;
  if (sample.schema !== previous.schema || sample.zeroThreshold !== previous.zeroThreshold) return false;
  if (sample.schema === CUSTOM_BUCKETS_SCHEMA && String(sample.customBounds) !== String(previous.customBounds))
    return false;
  return !detectReset({ ...sample, resetHint: "unknown" }, previous);
}
