import {
  compareBytewise,
  compareLabels,
  type Labels,
  type Matcher,
  matchesAll,
  wordsOf,
  writeStale,
} from "@narthex/model";
import type { RuleSample } from "@narthex/rules";
import { type LabelHints, type Querier, type Queryable, SampleColumns, type SeriesSet } from "@narthex/storage";

interface Recorded {
  readonly labels: Labels;
  readonly samples: SampleColumns;
}

/** The rules recorded more samples than a backtest may hold. */
export class TooManyRecordedError extends Error {
  override readonly name = "TooManyRecordedError";

  constructor(limit: number) {
    super(`the rules write more than ${limit} samples; choose a shorter time range or fewer rules`);
  }
}

/** Result of storing samples: the series that got a sample, and the reason for the first dropped sample. */
export interface AppendReport {
  readonly stored: ReadonlyMap<string, Labels>;
  readonly problem: string | undefined;
}

/** The series that the rules of a backtest write, in memory. Each series gets its samples in the order of time. */
export class RecordedSeries implements Queryable {
  readonly #series = new Map<string, Recorded>();
  readonly #limit: number;
  readonly #scratch = new Float64Array(1);
  readonly #words = wordsOf(this.#scratch);
  #count = 0;

  /** @param limit largest number of samples */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Stores samples at the time `ts`. A sample that is older than the last sample of its series, or differs from a sample
   * of the same time, is dropped as in the storage of a server.
   */
  append(samples: readonly RuleSample[], ts: number): AppendReport {
    const stored = new Map<string, Labels>();
    let problem: string | undefined;
    for (const sample of samples) {
      const dropped = this.#appendOne(sample, ts);
      if (dropped === undefined) stored.set(sample.labels.key, sample.labels);
      problem ??= dropped;
    }
    return { stored, problem };
  }

  /** Stores one sample. Returns the reason if the sample is dropped. */
  #appendOne({ labels, value, histogram }: RuleSample, ts: number): string | undefined {
    const samples = this.#samplesOf(labels);
    const newest = samples.count - 1;
    if (newest >= 0 && samples.timestamps[newest]! > ts) return "out of order sample";
    this.#scratch[0] = value;
    if (newest >= 0 && samples.timestamps[newest] === ts)
      return histogram === undefined && this.#isNewest(samples) ? undefined : "duplicate sample for timestamp";
    this.#take();
    if (histogram === undefined) samples.pushFloat(ts, this.#words, 0);
    else samples.pushHistogram(ts, histogram);
    return undefined;
  }

  /** Ends series at the time `ts`: an instant selector does not find them from this time on. */
  end(series: Iterable<Labels>, ts: number): void {
    writeStale(this.#words, 0);
    for (const labels of series) {
      const samples = this.#samplesOf(labels);
      if (samples.count > 0 && samples.timestamps[samples.count - 1]! >= ts) continue;
      this.#take();
      samples.pushFloat(ts, this.#words, 0);
    }
  }

  querier(minTime: number, maxTime: number): Querier {
    const matching = (matchers: readonly Matcher[], from = minTime, to = maxTime): readonly Recorded[] =>
      [...this.#series.values()]
        .filter(({ labels, samples }) => hasSample(samples, from, to) && matchesAll(matchers, labels))
        .sort((a, b) => compareLabels(a.labels, b.labels));
    const words = (all: Iterable<string>, hints?: LabelHints): Promise<string[]> =>
      Promise.resolve(
        Array.from(new Set(all))
          .sort(compareBytewise)
          .slice(0, hints?.limit || undefined),
      );
    return {
      select(matchers, hints) {
        hints.signal?.throwIfAborted();
        const chosen = matching(matchers, Math.max(minTime, hints.start), Math.min(maxTime, hints.end));
        return Promise.resolve(seriesSet(chosen, minTime, maxTime));
      },
      labelNames: (matchers, hints) =>
        words(
          matching(matchers).flatMap(({ labels }) => labels.names()),
          hints,
        ),
      labelValues: (name, matchers, hints) =>
        words(
          matching(matchers).flatMap(({ labels }) => (labels.has(name) ? [labels.get(name)] : [])),
          hints,
        ),
      close: () => undefined,
    };
  }

  #samplesOf(labels: Labels): SampleColumns {
    let recorded = this.#series.get(labels.key);
    if (recorded === undefined) this.#series.set(labels.key, (recorded = { labels, samples: new SampleColumns(16) }));
    return recorded.samples;
  }

  /** Reports whether the float sample in the scratch memory equals the newest sample of a series. */
  #isNewest({ count, valueWords, histograms }: SampleColumns): boolean {
    const at = (count - 1) * 2;
    return (
      histograms?.[count - 1] === undefined &&
      valueWords[at] === this.#words[0] &&
      valueWords[at + 1] === this.#words[1]
    );
  }

  #take(): void {
    if (++this.#count > this.#limit) throw new TooManyRecordedError(this.#limit);
  }
}

const seriesSet = (chosen: readonly Recorded[], minTime: number, maxTime: number): SeriesSet => ({
  labels: chosen.map(({ labels }) => labels),
  warnings: [],
  read(index, start, end, into) {
    const { samples } = chosen[index]!;
    into.reset();
    const last = Math.min(end, maxTime);
    for (let i = firstFrom(samples, Math.max(start, minTime)); i < samples.count && samples.timestamps[i]! <= last; i++)
      into.pushFrom(samples, i);
  },
});

function hasSample(samples: SampleColumns, from: number, to: number): boolean {
  const first = firstFrom(samples, from);
  return first < samples.count && samples.timestamps[first]! <= to;
}

/** Returns the index of the first sample at or after a time. */
function firstFrom({ timestamps, count }: SampleColumns, time: number): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timestamps[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
