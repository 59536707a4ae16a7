import type { Labels, Matcher } from "@narthex/model";
import type { LabelSets, Querier, Queryable, SelectHints, SeriesSet, WaitRecorder } from "@narthex/storage";
import type { SampleBudget } from "./budget.ts";
import type { Selection, SelectionRequest } from "./selection.ts";
import { QueryError } from "./query-error.ts";

/** Selectors with the same matchers: one selection over the widest time range of them all. */
interface Claim {
  readonly matchers: readonly Matcher[];
  start: number;
  end: number;
  /** Hints of the only claimant; undefined once there are several. */
  hints: Pick<SelectHints, "step" | "range" | "func"> | undefined;
  set: Promise<SeriesSet> | undefined;
}

/** What a chosen series takes until it is read: where its chunks are, and where it stands among others. */
const SERIES_BYTES = 64;

const failure = (error: unknown): QueryError => {
  if (error instanceof QueryError) return error;
  return new QueryError("storage", `expanding series: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  });
};

/** All that a query reads from storage, through one querier over the whole time range it looks at. */
export class Selections {
  readonly #queryable: Queryable;
  readonly #budget: SampleBudget;
  readonly #waits: WaitRecorder | undefined;
  readonly #claims = new Map<string, Claim>();
  #bytes = 0;
  #querier: Querier | undefined;
  readonly warnings = new Set<string>();

  /** @param waits is told when a selection waits */
  constructor(queryable: Queryable, budget: SampleBudget, waits?: WaitRecorder) {
    this.#queryable = queryable;
    this.#budget = budget;
    this.#waits = waits;
  }

  /** Bytes of encoded samples that were decoded so far, until it is closed. */
  get bytesRead(): number {
    return this.#querier?.bytesRead ?? 0;
  }

  claim({ matchers, start, end, step, range, func }: SelectionRequest): Selection {
    const key = matchers.map(String).sort().join(",");
    let claim = this.#claims.get(key);
    if (claim === undefined) {
      claim = { matchers, start, end, hints: { step, range, func }, set: undefined };
      this.#claims.set(key, claim);
    } else {
      claim.start = Math.min(claim.start, start);
      claim.end = Math.max(claim.end, end);
      claim.hints = undefined;
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
        signal,
        memory: { take: (bytes) => this.#take(bytes) },
        waits: this.#waits,
      });
      for (const warning of set.warnings) this.warnings.add(warning);
      const bytes = SERIES_BYTES * (set.labelSets?.count ?? set.labels.length);
      this.#take(bytes);
      return new GuardedSet(set);
    } catch (error) {
      // An abort is the query's own doing and is told apart by whoever aborted.
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

/** Names a failing read as what it is. */
class GuardedSet implements SeriesSet {
  readonly readSpans?: NonNullable<SeriesSet["readSpans"]>;
  readonly labelSets: LabelSets | undefined;
  readonly warnings: readonly string[];
  readonly #set: SeriesSet;

  constructor(set: SeriesSet) {
    this.labelSets = set.labelSets;
    this.warnings = set.warnings;
    this.#set = set;
    if (set.readSpans === undefined) return;
    this.readSpans = (...parameters) => {
      try {
        return set.readSpans!(...parameters);
      } catch (error) {
        throw failure(error);
      }
    };
  }

  get labels(): readonly Labels[] {
    return this.#set.labels;
  }

  read(...parameters: Parameters<SeriesSet["read"]>): void {
    try {
      this.#set.read(...parameters);
    } catch (error) {
      throw failure(error);
    }
  }

  readNewest(...parameters: Parameters<SeriesSet["read"]>): void {
    try {
      if (this.#set.readNewest === undefined) this.#set.read(...parameters);
      else this.#set.readNewest(...parameters);
    } catch (error) {
      throw failure(error);
    }
  }
}
