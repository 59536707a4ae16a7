/** What a sample's loss would mean. */
export type Promised =
  /** Nothing: the commit was refused or is under way. It may be there or not. */
  | "nothing"
  /** It was acknowledged or seen by a query: the end of the process must not take it. */
  | "kill"
  /** It was brought to the disk: a power cut must not take it. */
  | "power cut";

interface Entry {
  value: string;
  promised: Promised;
  /** Other values tried for the same moment: refused commits that may have left their record. */
  refused: string[];
}

/** What a database holds: series → time, ms → value as text. */
export type Contents = ReadonlyMap<string, ReadonlyMap<number, string>>;

const RANK: Readonly<Record<Promised, number>> = { nothing: 0, kill: 1, "power cut": 2 };

/** Remembers every sample that was ever appended and what was promised for it, and compares with what is found. */
export class Ledger {
  readonly #series = new Map<string, Map<number, Entry>>();
  /** Older samples may be dropped: they are past retention. */
  keepFrom = -Infinity;
  maxTime = -Infinity;

  /** A commit with this sample begins. */
  attempt(series: string, time: number, value: string): void {
    const samples = this.#series.get(series) ?? new Map<number, Entry>();
    this.#series.set(series, samples);
    const entry = samples.get(time);
    if (entry === undefined) samples.set(time, { value, promised: "nothing", refused: [] });
    else if (entry.promised === "nothing" && entry.value !== value) {
      entry.refused.push(entry.value);
      entry.value = value;
    }
  }

  promise(series: string, time: number, promised: Promised): void {
    const entry = this.#series.get(series)?.get(time);
    if (entry === undefined) return;
    if (RANK[promised] > RANK[entry.promised]) entry.promised = promised;
    this.maxTime = Math.max(this.maxTime, time);
  }

  /** Everything acknowledged so far was brought to the disk. */
  promiseAll(): void {
    for (const samples of this.#series.values()) {
      for (const entry of samples.values()) if (entry.promised === "kill") entry.promised = "power cut";
    }
  }

  /** Nothing is promised any more: the disk itself lied. */
  forgive(): void {
    for (const samples of this.#series.values()) for (const entry of samples.values()) entry.promised = "nothing";
  }

  /** Sentences about what is missing, different or invented; `survived` is what the database went through. */
  compare(found: Contents, survived: Promised): string[] {
    return [...this.#lost(found, survived), ...this.#invented(found)];
  }

  /**
   * After a restart the rest of the truth is what was found: what is there was seen and stays, what is not there must
   * not come back.
   */
  settle(found: Contents): void {
    for (const [series, samples] of this.#series) {
      const there = found.get(series);
      for (const [time, entry] of samples) {
        const value = there?.get(time);
        if (value === undefined) {
          entry.promised = "nothing";
          if (time >= this.keepFrom) samples.delete(time);
          continue;
        }
        entry.value = value;
        entry.refused = [];
        if (entry.promised === "nothing") entry.promised = "kill";
      }
      if (samples.size === 0) this.#series.delete(series);
    }
  }

  *#lost(found: Contents, survived: Promised): Generator<string> {
    for (const [series, samples] of this.#series) {
      const there = found.get(series);
      for (const [time, entry] of samples) {
        if (RANK[entry.promised] < RANK[survived] || entry.promised === "nothing" || time < this.keepFrom) continue;
        const value = there?.get(time);
        if (value === entry.value) continue;
        const text = value === undefined ? "is gone" : `reads ${value}`;
        yield `${series} at ${time} = ${entry.value} survives a ${entry.promised}, but ${text}`;
      }
    }
  }

  #owner(time: number, value: string): string {
    for (const [series, samples] of this.#series) if (samples.get(time)?.value === value) return `, but to ${series}`;
    return "";
  }

  *#invented(found: Contents): Generator<string> {
    for (const [series, samples] of found) {
      const known = this.#series.get(series);
      for (const [time, value] of samples) {
        const entry = known?.get(time);
        if (entry === undefined) yield `${series} at ${time} = ${value} was never appended${this.#owner(time, value)}`;
        else if (entry.value !== value && !entry.refused.includes(value) && entry.promised === "nothing") {
          yield `${series} at ${time} reads ${value}, but ${entry.value} was appended`;
        }
      }
    }
  }
}
