/** Guarantee of the database about a sample or its deletion: the strongest event that it must survive. */
export type Guarantee =
  /** No guarantee. The request was refused or is in progress, so it may or may not have had an effect. */
  | "nothing"
  /** The request was acknowledged, or a query has read the sample: the effect must survive the end of the process. */
  | "kill"
  /** The sample is synced to the disk: it must survive a power cut. */
  | "power cut";

interface Entry {
  value: string;
  /** Guarantee that a sample exists at this time. */
  promised: Guarantee;
  /**
   * Guarantee that the sample has this value. If several samples have one timestamp, reads must always return the first
   * sample.
   */
  sure: Guarantee;
  /**
   * Other values that were appended with the timestamp of the sample. If the guaranteed value is missing, one of these
   * values may be read.
   */
  others: Set<string>;
  /** Guarantee that the sample is deleted, if its deletion was requested. */
  deleted?: Guarantee;
  /**
   * Whether a deletion of the sample failed, or was in progress when the process ended. The deletion may not be synced,
   * so that a power cut decides whether the sample is deleted.
   */
  isHalfDeleted?: boolean;
  /**
   * Whether a start did not find the sample although it was not deleted. The sample must not return later, unless a
   * damaged record permits this.
   */
  isLost?: boolean;
}

/** Content of a database: series → time in ms → value as text. */
export type Contents = ReadonlyMap<string, ReadonlyMap<number, string>>;

/** The samples that one deletion concerns. */
export type Deletion = readonly Entry[];

const RANK: Readonly<Record<Guarantee, number>> = { nothing: 0, kill: 1, "power cut": 2 };

/** Returns whether a guarantee covers the event `survived`. */
const isAtLeast = (promised: Guarantee, survived: Guarantee): boolean =>
  promised !== "nothing" && RANK[promised] >= RANK[survived];

function takeValue(entry: Entry, value: string): void {
  if (entry.value === value) return;
  entry.others.add(entry.value);
  entry.others.delete(value);
  entry.value = value;
}

const higher = (a: Guarantee, b: Guarantee): Guarantee => (RANK[a] > RANK[b] ? a : b);

/**
 * A model of the database for the simulation. Records every appended sample, the deletions, and the guarantees for
 * both, and compares them with the content that is found.
 */
export class ReferenceModel {
  readonly #series = new Map<string, Map<number, Entry>>();
  /** Time ranges of all requested deletions. The deletions may also hide samples that are appended later. */
  readonly #deletedTimes: (readonly [from: number, to: number])[] = [];
  /** Time before which samples may be missing because of the retention, ms. */
  keepFrom = -Infinity;
  maxTime = -Infinity;
  /** Whether the disk has returned wrong bytes since the last restart, so that samples may be missing. */
  #mayMissSamples = false;
  /**
   * Whether the disk has ever returned wrong bytes. Missing samples may reappear after the damage is noticed and its
   * file is skipped.
   */
  #wasMisread = false;

  /** Records that a commit with this sample has begun. */
  attempt(series: string, time: number, value: string): void {
    const samples = this.#series.get(series) ?? new Map<number, Entry>();
    this.#series.set(series, samples);
    const entry = samples.get(time);
    const promised = "nothing";
    if (entry === undefined || entry.isLost === true) {
      samples.set(time, { value, promised, sure: promised, others: new Set(entry === undefined ? [] : [entry.value]) });
    } else if (entry.deleted !== undefined) {
      // The sample's timestamp is in the range of an earlier deletion. The deletion may or may not hide this later
      // sample.
      const others = new Set([...entry.others, entry.value]);
      samples.set(time, { value, promised, sure: promised, others, deleted: "nothing" });
    } else if (entry.value !== value) entry.others.add(value);
  }

  promise(series: string, time: number, promised: Guarantee): void {
    const entry = this.#series.get(series)?.get(time);
    if (entry === undefined) return;
    entry.promised = higher(promised, entry.promised);
    if (entry.others.size === 0) entry.sure = entry.promised;
    this.maxTime = Math.max(this.maxTime, time);
  }

  /** Returns whether this sample was ever appended. */
  has(series: string, time: number): boolean {
    const entry = this.#series.get(series)?.get(time);
    return entry !== undefined && entry.isLost !== true;
  }

  /** Returns whether this time was ever in the range of a deletion. */
  hasDeleted(time: number): boolean {
    return this.#deletedTimes.some(([from, to]) => from <= time && time <= to);
  }

  /** Records that a deletion has begun. The result must be passed to deleted() after the deletion was acknowledged. */
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

  deleted(deletion: Deletion, promised: Guarantee): void {
    for (const entry of deletion) {
      if (entry.deleted === undefined) continue;
      entry.deleted = higher(promised, entry.deleted);
      entry.isHalfDeleted = false;
    }
  }

  /** Raises all guarantees after a sync: every acknowledged sample and deletion must now survive a power cut. */
  promiseAll(): void {
    for (const entry of this.#entries()) {
      if (entry.promised === "kill") entry.promised = "power cut";
      if (entry.sure === "kill") entry.sure = "power cut";
      if (entry.deleted === "kill" && entry.isHalfDeleted !== true) entry.deleted = "power cut";
    }
  }

  /** Withdraws the guarantees of samples that may be lost, after the disk has returned wrong bytes. */
  allowLoss(mayBeLost: (series: string, time: number) => boolean): void {
    this.#mayMissSamples = true;
    this.#wasMisread = true;
    for (const [series, samples] of this.#series) {
      for (const [time, entry] of samples) {
        // If several values were appended at this time, the guarantee for the first value is withdrawn.
        if (entry.others.size > 0) entry.sure = "nothing";
        if (!mayBeLost(series, time)) continue;
        entry.promised = "nothing";
        entry.sure = "nothing";
        if (entry.deleted !== undefined) entry.deleted = "nothing";
      }
    }
  }

  /** Records the samples that a query has read. Later queries must read the same values. */
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
   * Returns messages about samples that are missing, differ, were never appended, or have returned after a deletion.
   * `survived` is the event that the database has survived.
   */
  compare(found: Contents, survived: Guarantee): string[] {
    return [...this.lost(found, survived), ...this.invented(found, survived)];
  }

  /**
   * Updates the model after a restart: samples that were found must stay, and samples that were not found must not
   * return.
   */
  settle(found: Contents, survived: Guarantee, wasRead: (time: number) => boolean = () => true): void {
    for (const [series, samples] of this.#series) {
      const there = found.get(series);
      for (const [time, entry] of samples) {
        if (!wasRead(time)) continue;
        const value = there?.get(time);
        if (value === undefined) {
          entry.promised = "nothing";
          entry.sure = "nothing";
          if (entry.deleted !== undefined && !this.#mayMissSamples) {
            const isHalf = entry.deleted === "nothing" || entry.isHalfDeleted === true;
            entry.isHalfDeleted = survived === "kill" && isHalf;
            entry.deleted = higher("kill", entry.deleted);
          } else if (time >= this.keepFrom && !this.#wasMisread) entry.isLost = true;
          continue;
        }
        takeValue(entry, value);
        delete entry.isLost;
        entry.isHalfDeleted = survived === "kill" && (entry.deleted !== undefined || entry.isHalfDeleted === true);
        delete entry.deleted;
        if (entry.promised === "nothing" && !this.#mayMissSamples) entry.promised = "kill";
        entry.sure = entry.promised;
      }
    }
    this.#mayMissSamples = false;
  }

  *lost(found: Contents, survived: Guarantee, wasRead: (time: number) => boolean = () => true): Generator<string> {
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
   * Returns messages about samples that differ, were never appended, or have returned after a deletion. If `survived`
   * is "nothing", deleted samples may return from the log, because the head begins earlier if a block cannot be read.
   */
  *invented(found: Contents, survived: Guarantee): Generator<string> {
    for (const [series, samples] of found) {
      const known = this.#series.get(series);
      for (const [time, value] of samples) {
        const entry = known?.get(time);
        if (entry === undefined) yield `${series} at ${time} = ${value} was never appended${this.#owner(time, value)}`;
        else if (entry.isLost === true && !this.#wasMisread)
          yield `${series} at ${time} = ${value} was lost and is back`;
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
