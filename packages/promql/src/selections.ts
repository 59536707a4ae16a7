import { formatDuration, type Labels, type Matcher } from "@narthex/model";
import type {
  LabelSets,
  Querier,
  Queryable,
  SampleColumns,
  SelectHints,
  SeriesSet,
  WaitRecorder,
} from "@narthex/storage";
import type { SampleBudget } from "./budget.ts";
import type { Selection, SelectionRequest } from "./selection.ts";
import { QueryError } from "./query-error.ts";

/**
 * One read from the storage for all selectors with equal matchers. Its time range covers the ranges of these selectors.
 */
interface Claim {
  readonly matchers: readonly Matcher[];
  start: number;
  end: number;
  /** Hints for the storage about the use of the selector. Undefined if several selectors share the read. */
  hints: Pick<SelectHints, "step" | "range" | "func"> | undefined;
  /** Smallest period in ms that a value of any of the selectors represents. */
  window: number;
  set: Promise<SeriesSet> | undefined;
}

/**
 * Returns the period in ms that one value of a result represents: a step, or the window of a range vector if it is
 * shorter.
 */
function windowOf({ step, range }: Pick<SelectionRequest, "step" | "range">): number {
  if (step === 0) return range;
  return range === 0 ? step : Math.min(step, range);
}

/**
 * Memory in bytes of a selected series until its samples are read: the positions of its chunks, and its place among the
 * other series.
 */
const SERIES_BYTES = 64;

const failure = (error: unknown): QueryError => {
  if (error instanceof QueryError) return error;
  return new QueryError("storage", `expanding series: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  });
};

/** Reads all series of a query from the storage, through one querier for its whole time range. */
export class Selections {
  readonly #queryable: Queryable;
  readonly #budget: SampleBudget;
  readonly #waits: WaitRecorder | undefined;
  readonly #claims = new Map<string, Claim>();
  #bytes = 0;
  #querier: Querier | undefined;
  readonly warnings = new Set<string>();
  readonly infos = new Set<string>();

  /** @param waits records how long selections wait for data */
  constructor(queryable: Queryable, budget: SampleBudget, waits?: WaitRecorder) {
    this.#queryable = queryable;
    this.#budget = budget;
    this.#waits = waits;
  }

  /** Number of bytes of encoded samples that the query has decoded, up to the closing of the selections. */
  get bytesRead(): number {
    return this.#querier?.bytesRead ?? 0;
  }

  claim({ matchers, start, end, step, range, func }: SelectionRequest): Selection {
    const key = matchers.map(String).sort().join(",");
    let claim = this.#claims.get(key);
    const window = windowOf({ step, range });
    if (claim === undefined) {
      claim = { matchers, start, end, hints: { step, range, func }, window, set: undefined };
      this.#claims.set(key, claim);
    } else {
      claim.start = Math.min(claim.start, start);
      claim.end = Math.max(claim.end, end);
      claim.hints = undefined;
      claim.window = Math.min(claim.window, window);
    }
    const claimed = claim;
    return { series: (signal) => (claimed.set ??= this.#select(claimed, signal)) };
  }

  async #select(claim: Claim, signal: AbortSignal): Promise<SeriesSet> {
    try {
      this.#querier ??= this.#openQuerier();
      const set = await this.#querier.select(claim.matchers, {
        start: claim.start,
        end: claim.end,
        ...claim.hints,
        window: claim.window,
        signal,
        memory: { take: (bytes) => this.#take(bytes) },
        waits: this.#waits,
      });
      for (const warning of set.warnings) this.warnings.add(warning);
      if (set.downsampled !== undefined) this.infos.add(downsampledInfo(set.downsampled));
      const bytes = SERIES_BYTES * (set.labelSets?.count ?? set.labels.length);
      this.#take(bytes);
      return new GuardedSet(set);
    } catch (error) {
      // Throws the reason of the abort, because callers expect it. An abort is not an error of the storage.
      if (signal.aborted) throw signal.reason;
      throw failure(error);
    }
  }

  #take(bytes: number): void {
    this.#budget.take(0, bytes);
    this.#bytes += bytes;
  }

  #openQuerier(): Querier {
    let start = Infinity;
    let end = -Infinity;
    for (const claim of this.#claims.values()) {
      start = Math.min(start, claim.start);
      end = Math.max(end, claim.end);
    }
    return this.#queryable.querier(start, end);
  }

  close(): void {
    this.#querier?.close();
    this.#querier = undefined;
    this.#budget.release(0, this.#bytes);
    this.#bytes = 0;
  }
}

const downsampledInfo = ({ samplesFrom, resolutionMs }: NonNullable<SeriesSet["downsampled"]>): string =>
  `samples before ${new Date(samplesFrom).toISOString()} are downsampled to ${formatDuration(resolutionMs)}`;

/** Wraps series of the storage, so that errors of reads become query errors. */
class GuardedSet implements SeriesSet {
  readonly readSpans?: NonNullable<SeriesSet["readSpans"]>;
  readonly readAggregates?: NonNullable<SeriesSet["readAggregates"]>;
  readonly downsampled: SeriesSet["downsampled"];
  readonly labelSets: LabelSets | undefined;
  readonly warnings: readonly string[];
  readonly #set: SeriesSet;

  constructor(set: SeriesSet) {
    this.labelSets = set.labelSets;
    this.warnings = set.warnings;
    this.#set = set;
    this.downsampled = set.downsampled;
    if (set.readAggregates !== undefined) {
      this.readAggregates = (index, minTime, maxTime, into) => {
        try {
          return set.readAggregates!(index, minTime, maxTime, into);
        } catch (error) {
          throw failure(error);
        }
      };
    }
    if (set.readSpans === undefined) return;
    this.readSpans = (index, minTime, maxTime, into) => {
      try {
        return set.readSpans!(index, minTime, maxTime, into);
      } catch (error) {
        throw failure(error);
      }
    };
  }

  get labels(): readonly Labels[] {
    return this.#set.labels;
  }

  // Lists the parameters one by one. An array of parameters for each read would cause as much garbage as the samples of
  // the series.
  read(index: number, minTime: number, maxTime: number, into: SampleColumns): void {
    try {
      this.#set.read(index, minTime, maxTime, into);
    } catch (error) {
      throw failure(error);
    }
  }

  readNewest(index: number, minTime: number, maxTime: number, into: SampleColumns): void {
    try {
      if (this.#set.readNewest === undefined) this.#set.read(index, minTime, maxTime, into);
      else this.#set.readNewest(index, minTime, maxTime, into);
    } catch (error) {
      throw failure(error);
    }
  }
}
