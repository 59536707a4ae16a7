import type { Labels, Matcher } from "@narthex/model";
import { QueryError } from "@narthex/promql";
import {
  countOf,
  type EncodedChunks,
  type LabelHints,
  type Querier,
  type Queryable,
  type SampleAggregates,
  SampleColumns,
  type SelectHints,
  type SeriesSet,
  type WaitRecorder,
} from "@narthex/storage";
import { appendColumns, mergeLabels, mergeRuns, mergeSortedStrings } from "@narthex/tsdb";
import { messageOf } from "../errors/error-message.ts";
import { ConcurrentWaits } from "./concurrent-waits.ts";

/** A source of stored data that queries read, such as the local database or another server. */
export interface Source {
  /** Name of the source in warnings. */
  readonly name: string;
  readonly queryable: Queryable;
  /**
   * Whether queries succeed without this source. If true, a failure of the source only causes a warning, and its data
   * is missing in the result. If false, the query fails.
   */
  readonly optional: boolean;
  /**
   * Whether the source is queried only for data older than `completeSince`, the time since which the other sources have
   * all data.
   */
  readonly fillsPast?: boolean;
  /** Returns whether the source currently has no data at all, so that it need not be queried. */
  readonly isOff?: () => boolean;
}

/**
 * Combines several sources into one storage. Series with equal labels are merged. If several sources have a sample at
 * the same time, the sample of the first source is used.
 */
export function joinSources(sources: readonly Source[]): Queryable {
  const [first] = sources;
  if (sources.length === 1 && !first!.optional && first!.isOff === undefined) return first!.queryable;
  const local = sources.filter(({ optional }) => !optional);
  return {
    ...(local.length < sources.length && { local: joinSources(local) }),
    // Returns the changes of stored data only for a single source, because some sources do not report changes of their
    // data.
    get invalidations() {
      const used = sources.filter(({ isOff }) => isOff?.() !== true);
      return used.length === 1 ? used[0]!.queryable.invalidations : undefined;
    },
    querier(minTime, maxTime) {
      const used = sources.filter(({ isOff }) => isOff?.() !== true);
      const [only] = used;
      if (used.length === 1 && !only!.optional) return only!.queryable.querier(minTime, maxTime);
      return new JoinedQuerier(used, minTime, maxTime);
    },
  };
}

interface Range {
  /** Start and end of the time range in epoch ms, both inclusive. */
  readonly start: number;
  readonly end: number;
}

type SourceQuery<T> = (querier: Querier, range: Range, waits: WaitRecorder | undefined) => Promise<T>;

interface Answers<T> {
  readonly answers: readonly T[];
  readonly failures: readonly string[];
}

type QueryHints = Pick<SelectHints, "signal" | "waits">;

interface Part {
  readonly source: Source;
  readonly querier: Querier;
}

class JoinedQuerier implements Querier {
  readonly #minTime: number;
  readonly #maxTime: number;
  readonly #parts: readonly Part[];
  /**
   * Sources with `fillsPast`, which are queried only for older data. Each selector opens a separate querier, because
   * the time ranges differ.
   */
  readonly #fillers: readonly Source[];
  readonly #fillerParts: Part[] = [];
  readonly #failures = new Set<string>();

  constructor(sources: readonly Source[], minTime: number, maxTime: number) {
    this.#minTime = minTime;
    this.#maxTime = maxTime;
    this.#fillers = sources.filter(({ fillsPast }) => fillsPast === true);
    this.#parts = sources
      .filter(({ fillsPast }) => fillsPast !== true)
      .map((source) => ({ source, querier: source.queryable.querier(minTime, maxTime) }));
  }

  get bytesRead(): number {
    return [...this.#parts, ...this.#fillerParts].reduce((sum, { querier }) => sum + (querier.bytesRead ?? 0), 0);
  }

  get completeSince(): number {
    const known = this.#parts.flatMap(({ querier: { completeSince } }) => completeSince ?? []);
    return known.length === 0 ? Infinity : known.reduce((a, b) => Math.min(a, b), Infinity);
  }

  get warnings(): readonly string[] {
    const warnings = [...this.#parts, ...this.#fillerParts].flatMap(({ querier }) => querier.warnings ?? []);
    return [...new Set([...warnings, ...this.#failures])];
  }

  async select(matchers: readonly Matcher[], hints: SelectHints): Promise<SeriesSet> {
    const { answers, failures } = await this.#queryAll(
      hints,
      (querier, { start, end }, waits) => querier.select(matchers, { ...hints, start, end, waits }),
      hints,
    );
    const filled = answers.filter((set) => countOf(set) > 0 || set.warnings.length > 0);
    // Returns the set of the only source that found series, because there is nothing to merge.
    if (filled.length === 1 && failures.length === 0) return filled[0]!;
    return new JoinedSeriesSet(answers, failures, hints.limit || Infinity);
  }

  async labelNames(matchers: readonly Matcher[], hints: LabelHints = {}): Promise<readonly string[]> {
    const { answers } = await this.#queryAll(this.#range, (querier) => querier.labelNames(matchers, hints), hints);
    return mergeSortedStrings(answers, hints.limit || Infinity);
  }

  async labelValues(name: string, matchers: readonly Matcher[], hints: LabelHints = {}): Promise<readonly string[]> {
    const list = (querier: Querier): Promise<readonly string[]> => querier.labelValues(name, matchers, hints);
    const { answers } = await this.#queryAll(this.#range, list, hints);
    return mergeSortedStrings(answers, hints.limit || Infinity);
  }

  close(): void {
    for (const { querier } of [...this.#parts, ...this.#fillerParts]) querier.close();
  }

  get #range(): Range {
    return { start: this.#minTime, end: this.#maxTime };
  }

  /**
   * Queries the sources without `fillsPast` first. If the range begins before `completeSince`, also queries the sources
   * with `fillsPast`.
   */
  async #queryAll<T>(range: Range, query: SourceQuery<T>, hints: QueryHints): Promise<Answers<T>> {
    const present = await this.#query(this.#parts, range, query, hints);
    if (this.#fillers.length === 0) return present;
    // Reads `completeSince` after the first queries have ended. If a block is removed at the same time, its data was
    // already read, or it is older than `completeSince` and comes from the other sources.
    const start = Math.max(range.start, this.#minTime);
    const end = Math.min(range.end, this.#maxTime, this.completeSince - 1);
    if (start > end) return present;
    const parts = this.#fillers.map((source) => ({ source, querier: source.queryable.querier(start, end) }));
    for (const item of parts) this.#fillerParts.push(item);
    const past = await this.#query(parts, { start, end }, query, hints);
    return { answers: [...present.answers, ...past.answers], failures: [...present.failures, ...past.failures] };
  }

  /**
   * Queries several sources concurrently. Waits for all of them even after a failure, because a source may be closed
   * only when its queries have ended.
   */
  async #query<T>(
    parts: readonly Part[],
    range: Range,
    query: SourceQuery<T>,
    { signal, waits }: QueryHints,
  ): Promise<Answers<T>> {
    const all = waits && new ConcurrentWaits(waits, parts.length);
    const run = (querier: Querier): Promise<T> =>
      all?.done(query(querier, range, all.task)) ?? query(querier, range, undefined);
    const outcomes = await Promise.allSettled(parts.map(({ querier }) => run(querier)));
    all?.close();
    signal?.throwIfAborted();
    const answers: T[] = [];
    const failures: string[] = [];
    for (const [i, outcome] of outcomes.entries()) {
      const { source } = parts[i]!;
      if (outcome.status === "fulfilled") answers.push(outcome.value);
      // Fails the query for a QueryError even from an optional source, because the query itself requests too much.
      else if (source.optional && !(outcome.reason instanceof QueryError))
        failures.push(`${source.name}: ${messageOf(outcome.reason)}`);
      else throw outcome.reason;
    }
    for (const failure of failures) this.#failures.add(failure);
    return { answers, failures };
  }
}

/** Series of all sources for one selector, merged by labels. */
class JoinedSeriesSet implements SeriesSet {
  readonly labels: readonly Labels[];
  readonly warnings: readonly string[];
  readonly downsampled: SeriesSet["downsampled"];
  readonly #sets: readonly SeriesSet[];
  readonly #positions: readonly Uint32Array[];
  readonly #part = new SampleColumns(0);
  readonly #scratch = new SampleColumns(0);

  constructor(sets: readonly SeriesSet[], failures: readonly string[], limit: number) {
    const { labels, positions } = mergeLabels(
      sets.map((set) => set.labels),
      limit,
    );
    this.#sets = sets;
    this.labels = labels;
    this.#positions = positions;
    this.downsampled = this.#downsampledAlone();
    this.warnings = [...new Set([...sets.flatMap(({ warnings }) => warnings), ...failures])];
  }

  /**
   * Returns which series are downsampled. Leaves out series that several sources have, because another source may have
   * the samples that downsampling removed.
   */
  #downsampledAlone(): SeriesSet["downsampled"] {
    const sparse = this.#sets.find(({ downsampled }) => downsampled !== undefined);
    if (sparse === undefined) return undefined;
    const of = (index: number): boolean => this.#only(index)[0] === sparse;
    for (let index = 0; index < this.labels.length; index++) if (of(index)) return { ...sparse.downsampled!, of };
    return undefined;
  }

  /** Reads the chunks of a series. Returns false if several sources have the series. */
  readChunks(index: number, minTime: number, maxTime: number, into: EncodedChunks): boolean {
    const [source, position] = this.#only(index);
    return source?.readChunks?.(position, minTime, maxTime, into) === true;
  }

  /** Reads the downsampled rows of a series. Returns false if several sources have the series. */
  readAggregates(index: number, minTime: number, maxTime: number, into: SampleAggregates): boolean {
    const [source, position] = this.#only(index);
    return source?.readAggregates?.(position, minTime, maxTime, into) === true;
  }

  /**
   * Returns the source of a series and the index of the series in this source. The source is undefined if several
   * sources have the series.
   */
  #only(index: number): readonly [set: SeriesSet | undefined, place: number] {
    const having = this.#positions.flatMap((positions, i) => (positions[index] === 0 ? [] : [i]));
    const [first] = having;
    if (first === undefined || having.length > 1) return [undefined, 0];
    return [this.#sets[first], this.#positions[first]![index]! - 1];
  }

  read(index: number, minTime: number, maxTime: number, into: SampleColumns): void {
    into.reset();
    let filled = false;
    for (let i = 0; i < this.#sets.length; i++) {
      const position = this.#positions[i]![index]!;
      if (position === 0) continue;
      if (!filled) this.#sets[i]!.read(position - 1, minTime, maxTime, into);
      else {
        const { count } = into;
        this.#sets[i]!.read(position - 1, minTime, maxTime, this.#part);
        appendColumns(this.#part, into);
        mergeRuns(into, count, this.#scratch);
      }
      filled = true;
    }
  }
}
