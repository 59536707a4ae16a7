/** Strongest event that must not undo a sample, or the deletion of one. */
export type Promised =
  /** No promise: the request was refused or is in progress, and may have had an effect or not. */
  | "nothing"
  /** Acknowledged, or read by a query: the end of the process must not undo it. */
  | "kill"
  /** On the disk: a power cut must not undo it. */
  | "power cut";

interface Entry {
  value: string;
  /** Promise for the presence of a sample of this time. */
  promised: Promised;
  /** Promise for the value: if several samples have one timestamp, the first one must always be read. */
  sure: Promised;
  /** Further values that were tried for the same time. One of them may be read if the value is missing. */
  others: Set<string>;
  /** Promise for its deletion, if there was a request. */
  deleted?: Promised;
  /**
   * Whether a deletion failed, or was in progress when the process ended. Files of the deletion may be in the page
   * cache, whether or not the sample is found: a power cut decides which of them stay.
   */
  isHalfDeleted?: boolean;
  /**
   * Whether a start did not find a sample that was not deleted. It must not return, unless a damaged record allows it.
   */
  isLost?: boolean;
}

/** Content of a database: series → time, ms → value as text. */
export type Contents = ReadonlyMap<string, ReadonlyMap<number, string>>;

/** The samples of one deletion. */
export type Deletion = readonly Entry[];

const RANK: Readonly<Record<Promised, number>> = { nothing: 0, kill: 1, "power cut": 2 };

/** Does a promise, if there is any, cover this event? */
const isAtLeast = (promised: Promised, survived: Promised): boolean =>
  promised !== "nothing" && RANK[promised] >= RANK[survived];

function takeValue(entry: Entry, value: string): void {
  if (entry.value === value) return;
  entry.others.add(entry.value);
  entry.others.delete(value);
  entry.value = value;
}

const higher = (a: Promised, b: Promised): Promised => (RANK[a] > RANK[b] ? a : b);

/**
 * Records every sample that was ever appended, which of them were deleted, and the promises for both; compares them
 * with what is found.
 */
export class ReferenceModel {
  readonly #series = new Map<string, Map<number, Entry>>();
  /** Time ranges of all requested deletions; they may hide later samples in them. */
  readonly #deletedTimes: (readonly [from: number, to: number])[] = [];
  /** Older samples may be missing: they are past retention. */
  keepFrom = -Infinity;
  maxTime = -Infinity;
  /** Whether the disk returned wrong bytes, which may be the reason for missing samples. */
  #forgiven = false;
  /**
   * Whether the disk ever returned wrong bytes. Missing samples may be found again once the damage is noticed and its
   * file left out.
   */
  #lied = false;

  /** Records the start of a commit with this sample. */
  attempt(series: string, time: number, value: string): void {
    const samples = this.#series.get(series) ?? new Map<number, Entry>();
    this.#series.set(series, samples);
    const entry = samples.get(time);
    const promised = "nothing";
    if (entry === undefined || entry.isLost === true) {
      samples.set(time, { value, promised, sure: promised, others: new Set(entry === undefined ? [] : [entry.value]) });
    } else if (entry.deleted !== undefined) {
      // A deletion concerns earlier samples: it is not promised whether it hides this one.
      const others = new Set([...entry.others, entry.value]);
      samples.set(time, { value, promised, sure: promised, others, deleted: "nothing" });
    } else if (entry.value !== value) entry.others.add(value);
  }

  promise(series: string, time: number, promised: Promised): void {
    const entry = this.#series.get(series)?.get(time);
    if (entry === undefined) return;
    entry.promised = higher(promised, entry.promised);
    if (entry.others.size === 0) entry.sure = entry.promised;
    this.maxTime = Math.max(this.maxTime, time);
  }

  /** Was this sample ever tried? */
  knows(series: string, time: number): boolean {
    const entry = this.#series.get(series)?.get(time);
    return entry !== undefined && entry.isLost !== true;
  }

  /** Was this time ever in a deletion? */
  hasDeleted(time: number): boolean {
    return this.#deletedTimes.some(([from, to]) => from <= time && time <= to);
  }

  /** Records the start of a deletion. Pass the result to deleted() when it was acknowledged. */
  deleting(matches: (series: string) => boolean, from: number, to: number): Deletion {
    this.#deletedTimes.push([from, to]);
    const touched: Entry[] = [];
    for (const [series, samples] of this.#series) {
      if (!matches(series)) continue;
      for (const [time, entry] of samples) {
        if (time < from || time > to) continue;
        entry.deleted ??= "nothing";
        touched.push(entry);
      }
    }
    return touched;
  }

  deleted(deletion: Deletion, promised: Promised): void {
    for (const entry of deletion) {
      if (entry.deleted === undefined) continue;
      entry.deleted = higher(promised, entry.deleted);
      entry.isHalfDeleted = false;
    }
  }

  /** Records that everything acknowledged so far is on the disk. */
  promiseAll(): void {
    for (const entry of this.#entries()) {
      if (entry.promised === "kill") entry.promised = "power cut";
      if (entry.sure === "kill") entry.sure = "power cut";
      if (entry.deleted === "kill" && entry.isHalfDeleted !== true) entry.deleted = "power cut";
    }
  }

  /** Withdraws, after wrong bytes from the disk, the promises of the samples that may be lost. */
  forgive(mayBeLost: (series: string, time: number) => boolean): void {
    this.#forgiven = true;
    this.#lied = true;
    for (const [series, samples] of this.#series) {
      for (const [time, entry] of samples) {
        // If there are several values for one time, the one that was read first may be lost.
        if (entry.others.size > 0) entry.sure = "nothing";
        if (!mayBeLost(series, time)) continue;
        entry.promised = "nothing";
        entry.sure = "nothing";
        if (entry.deleted !== undefined) entry.deleted = "nothing";
      }
    }
  }

  /** Records the result of queries: from now on the same values must be read. */
  observe(found: Contents): void {
    for (const [series, samples] of this.#series) {
      const there = found.get(series);
      for (const [time, entry] of samples) {
        const value = there?.get(time);
        if (value === undefined || entry.sure !== "nothing" || entry.promised === "nothing") continue;
        takeValue(entry, value);
        entry.sure = "kill";
      }
    }
  }

  /**
   * Returns sentences about samples that are missing, different, invented or back; `survived` is the event that the
   * database has survived.
   */
  compare(found: Contents, survived: Promised): string[] {
    return [...this.lost(found, survived), ...this.invented(found, survived)];
  }

  /** Updates the model after a restart: samples that were found must stay, and others must not return. */
  settle(found: Contents, survived: Promised, wasRead: (time: number) => boolean = () => true): void {
    for (const [series, samples] of this.#series) {
      const there = found.get(series);
      for (const [time, entry] of samples) {
        if (!wasRead(time)) continue;
        const value = there?.get(time);
        if (value === undefined) {
          entry.promised = "nothing";
          entry.sure = "nothing";
          if (entry.deleted !== undefined && !this.#forgiven) {
            const isHalf = entry.deleted === "nothing" || entry.isHalfDeleted === true;
            entry.isHalfDeleted = survived === "kill" && isHalf;
            entry.deleted = higher("kill", entry.deleted);
          } else if (time >= this.keepFrom && !this.#lied) entry.isLost = true;
          continue;
        }
        takeValue(entry, value);
        delete entry.isLost;
        entry.isHalfDeleted = survived === "kill" && (entry.deleted !== undefined || entry.isHalfDeleted === true);
        delete entry.deleted;
        if (entry.promised === "nothing" && !this.#forgiven) entry.promised = "kill";
        entry.sure = entry.promised;
      }
    }
    this.#forgiven = false;
  }

  *lost(found: Contents, survived: Promised, wasRead: (time: number) => boolean = () => true): Generator<string> {
    for (const [series, samples] of this.#series) {
      const there = found.get(series);
      for (const [time, entry] of samples) {
        if (!wasRead(time) || !isAtLeast(entry.promised, survived) || time < this.keepFrom) continue;
        if (entry.deleted !== undefined || (survived === "power cut" && entry.isHalfDeleted === true)) continue;
        const value = there?.get(time);
        if (value === entry.value || (value !== undefined && !isAtLeast(entry.sure, survived))) continue;
        const text = value === undefined ? "is gone" : `reads ${value}`;
        yield `${series} at ${time} = ${entry.value} survives a ${entry.promised}, but ${text}`;
      }
    }
  }

  /**
   * Returns sentences about samples that are different, invented or back. With "nothing", deleted samples may be back:
   * without a block that cannot be read, the head begins earlier, and the log may have samples that were deleted from
   * the block.
   */
  *invented(found: Contents, survived: Promised): Generator<string> {
    for (const [series, samples] of found) {
      const known = this.#series.get(series);
      for (const [time, value] of samples) {
        const entry = known?.get(time);
        if (entry === undefined) yield `${series} at ${time} = ${value} was never appended${this.#owner(time, value)}`;
        else if (entry.isLost === true && !this.#lied) yield `${series} at ${time} = ${value} was lost and is back`;
        else if (entry.value !== value && !entry.others.has(value)) {
          yield `${series} at ${time} reads ${value}, but ${entry.value} was appended`;
        } else if (survived !== "nothing" && isAtLeast(entry.deleted ?? "nothing", survived)) {
          yield `${series} at ${time} = ${value} was deleted, which survives a ${entry.deleted}, but it is there`;
        }
      }
    }
  }

  #owner(time: number, value: string): string {
    for (const [series, samples] of this.#series) if (samples.get(time)?.value === value) return `, but to ${series}`;
    return "";
  }

  *#entries(): Generator<Entry> {
    for (const samples of this.#series.values()) yield* samples.values();
  }
}
