import { isStaleAt, type Matcher } from "@narthex/model";
import { countOf, type Queryable, SampleColumns, type SeriesSet } from "@narthex/storage";

/** The range of all possible times, ms. */
export const ALL_TIME = { start: -8.64e15, end: 8.64e15 };
/** Largest number of series that are counted. At this number, messages say "or more". */
export const MAX_SERIES = 1000;
/** Maximum number of series whose samples are read, for example to find the newest sample. */
const MAX_READ = 100;
/** Maximum number of values of a label that are compared with a misspelled value. */
const MAX_VALUES = 50_000;
const HOUR = 3_600_000;
/** Lengths in ms of the time ranges that are searched one after another for the newest sample. */
const LOOKBACKS = [HOUR, 6 * HOUR, 24 * HOUR, 8 * 24 * HOUR, Infinity];

/** A range of time in ms, including both ends. */
export interface TimeRange {
  readonly start: number;
  readonly end: number;
}

/** Reads stored data in order to explain why a query has no result. */
export class StoredData {
  readonly yieldToEventLoop: () => Promise<void> | undefined;
  readonly #queryable: Queryable;
  readonly #signal: AbortSignal;

  /** @param yieldToEventLoop lets other work run; called between steps, and awaited if it returns a promise */
  constructor(queryable: Queryable, signal: AbortSignal, yieldToEventLoop: () => Promise<void> | undefined) {
    this.#queryable = queryable;
    this.#signal = signal;
    this.yieldToEventLoop = yieldToEventLoop;
  }

  /** Returns the number of series that match, at most MAX_SERIES. */
  count(matchers: readonly Matcher[], range: TimeRange): Promise<number> {
    return this.#select(matchers, range, MAX_SERIES, (set) => Promise.resolve(countOf(set)));
  }

  /** Returns the values of a label among the series that match, sorted. */
  async values(name: string, matchers: readonly Matcher[], { start, end }: TimeRange): Promise<readonly string[]> {
    const querier = this.#queryable.querier(start, end);
    try {
      return await querier.labelValues(name, matchers, { limit: MAX_VALUES, signal: this.#signal });
    } finally {
      querier.close();
      await this.yieldToEventLoop();
    }
  }

  /** Returns the names of the labels of the series that match, sorted. */
  async names(matchers: readonly Matcher[], { start, end }: TimeRange): Promise<readonly string[]> {
    const querier = this.#queryable.querier(start, end);
    try {
      return await querier.labelNames(matchers, { limit: MAX_VALUES, signal: this.#signal });
    } finally {
      querier.close();
      await this.yieldToEventLoop();
    }
  }

  /**
   * Returns the time in ms of the newest sample up to `end`, among the first matching series. Returns undefined if they
   * have no sample.
   */
  async newest(matchers: readonly Matcher[], end: number): Promise<number | undefined> {
    for (const back of LOOKBACKS) {
      const range = { start: Math.max(ALL_TIME.start, end - back), end };
      const found = await this.#fromSamples(matchers, range, ({ timestamps, valueWords, count }) => {
        let last = count - 1;
        while (last >= 0 && isStaleAt(valueWords, last)) last--;
        return last < 0 ? undefined : timestamps[last];
      });
      if (found.length > 0) return found.reduce((a, b) => Math.max(a, b), -Infinity);
    }
    return undefined;
  }

  /** Returns the time of the oldest sample after `start`, ms; undefined if none exists. */
  async oldest(matchers: readonly Matcher[], start: number): Promise<number | undefined> {
    const range = { start: start + 1, end: ALL_TIME.end };
    const found = await this.#fromSamples(matchers, range, ({ timestamps, count }) =>
      count === 0 ? undefined : timestamps[0],
    );
    return found.length === 0 ? undefined : found.reduce((a, b) => Math.min(a, b), Infinity);
  }

  /**
   * Returns the smallest distance in ms between consecutive samples of a series; undefined if no series has two
   * samples.
   */
  async interval(matchers: readonly Matcher[], range: TimeRange): Promise<number | undefined> {
    const found = await this.#fromSamples(matchers, range, ({ timestamps, count }) => {
      let least = Infinity;
      for (let i = 1; i < count; i++) least = Math.min(least, timestamps[i]! - timestamps[i - 1]!);
      return least === Infinity ? undefined : least;
    });
    return found.length === 0 ? undefined : found.reduce((a, b) => Math.min(a, b), Infinity);
  }

  #fromSamples(
    matchers: readonly Matcher[],
    range: TimeRange,
    of: (samples: SampleColumns) => number | undefined,
  ): Promise<number[]> {
    return this.#select(matchers, range, MAX_READ, async (set) => {
      const samples = new SampleColumns();
      const found: number[] = [];
      for (let i = 0; i < Math.min(countOf(set), MAX_READ); i++) {
        samples.reset();
        set.read(i, range.start, range.end, samples);
        const one = of(samples);
        if (one !== undefined) found.push(one);
        await this.yieldToEventLoop();
      }
      return found;
    });
  }

  async #select<T>(
    matchers: readonly Matcher[],
    { start, end }: TimeRange,
    limit: number,
    use: (set: SeriesSet) => Promise<T>,
  ): Promise<T> {
    const querier = this.#queryable.querier(start, end);
    try {
      return await use(await querier.select(matchers, { start, end, limit, signal: this.#signal }));
    } finally {
      querier.close();
      await this.yieldToEventLoop();
    }
  }
}
