/** What a sample's loss, or the return of a deleted one, would mean. */
export type Promised =
  /** Nothing: what it was asked for was refused or is under way. It may have happened or not. */
  | "nothing"
  /** It was acknowledged or seen by a query: the end of the process must not take it back. */
  | "kill"
  /** It was brought to the disk: a power cut must not take it back. */
  | "power cut";

interface Entry {
  value: string;
  /** What is promised for a sample of this time. */
  promised: Promised;
  /** What is promised for the value: of several samples with one timestamp the first one is read, for ever. */
  sure: Promised;
  /** Values that were tried for the same moment: they may be there if the value is not. */
  others: Set<string>;
  /** What is promised for its deletion, if one was asked for. */
  deleted?: Promised;
  /**
   * A deletion failed, or was under way when the process ended. Whether its sample is there or not, files of the deletion may
   * be in the page cache: a power cut decides which of them stay.
   */
  isHalfDeleted?: boolean;
  /** A start did not find it and nobody had deleted it. It must not come back, unless a damaged record lets it. */
  isLost?: boolean;
}

/** What a database holds: series → time, ms → value as text. */
export type Contents = ReadonlyMap<string, ReadonlyMap<number, string>>;

/** The samples that one deletion is about. */
export type Deletion = readonly Entry[];

const RANK: Readonly<Record<Promised, number>> = { nothing: 0, kill: 1, "power cut": 2 };

/** Does what is promised, if anything, survive this? */
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
 * Remembers every sample that was ever appended, which of them were deleted and what was promised for either, and compares
 * with what is found.
 */
export class ReferenceModel {
  readonly #series = new Map<string, Map<number, Entry>>();
  /** Times of all deletions asked for; later samples within may be hidden by them. */
  readonly #deletedTimes: (readonly [from: number, to: number])[] = [];
  /** Older samples may be dropped: they are past retention. */
  keepFrom = -Infinity;
  maxTime = -Infinity;
  /** The disk itself lied: what is not found may be so for that. */
  #forgiven = false;
  /** It did so at some time: what is not found may be found once the damage is met, and its file left out. */
  #lied = false;

  /** A commit with this sample begins. */
  attempt(series: string, time: number, value: string): void {
    const samples = this.#series.get(series) ?? new Map<number, Entry>();
    this.#series.set(series, samples);
    const entry = samples.get(time);
    const promised = "nothing";
    if (entry === undefined || entry.isLost === true) {
      samples.set(time, { value, promised, sure: promised, others: new Set(entry === undefined ? [] : [entry.value]) });
    } else if (entry.deleted !== undefined) {
      // A deletion is about what was there: whether this one is hidden by it, nobody has promised.
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

  /** Was there ever an attempt at this sample? */
  knows(series: string, time: number): boolean {
    const entry = this.#series.get(series)?.get(time);
    return entry !== undefined && entry.isLost !== true;
  }

  /** Was there ever a deletion of this time? */
  hasDeleted(time: number): boolean {
    return this.#deletedTimes.some(([from, to]) => from <= time && time <= to);
  }

  /** The deletion of what there is begins; pass the result to deleted() when it was acknowledged. */
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

  /** Everything acknowledged so far was brought to the disk. */
  promiseAll(): void {
    for (const entry of this.#entries()) {
      if (entry.promised === "kill") entry.promised = "power cut";
      if (entry.sure === "kill") entry.sure = "power cut";
      if (entry.deleted === "kill" && entry.isHalfDeleted !== true) entry.deleted = "power cut";
    }
  }

  /** The disk itself lied: nothing is promised any more of the samples that this may have cost. */
  forgive(mayBeLost: (series: string, time: number) => boolean): void {
    this.#forgiven = true;
    this.#lied = true;
    for (const [series, samples] of this.#series) {
      for (const [time, entry] of samples) {
        // Of several values for one time the one that was read first may be the lost one.
        if (entry.others.size > 0) entry.sure = "nothing";
        if (!mayBeLost(series, time)) continue;
        entry.promised = "nothing";
        entry.sure = "nothing";
        if (entry.deleted !== undefined) entry.deleted = "nothing";
      }
    }
  }

  /** Queries have read this: from now on the same values must be read. */
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

  /** Sentences about what is missing, different, invented or back; `survived` is what the database went through. */
  compare(found: Contents, survived: Promised): string[] {
    return [...this.lost(found, survived), ...this.invented(found, survived)];
  }

  /**
   * After a restart the rest of the truth is what was found: what is there was seen and stays, what is not there must
   * not come back.
   */
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
   * Sentences about what is different, invented or back. With "nothing", deleted samples may be back: without a block that
   * cannot be read, the head begins earlier, and the log may have samples that were deleted of the block.
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
