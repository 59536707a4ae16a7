/** The properties of a metric family that this cache needs. */
interface Family {
  /** Number of the last scrape that contained the family. */
  lastSeen: number;
  /** Number of the scrape in which the family last changed. */
  readonly changed: number;
  /** Version of the family. Each change gives the family a version that is higher than all earlier versions. */
  readonly version: number;
  /** True if the family was removed from the cache. */
  readonly gone: boolean;
}

/** Maximum number of metadata lines of a preamble that the cache remembers. */
const MAX_PENDING = 8192;

/** A version number that differs from those of all families. */
const NEVER = -1;

/**
 * Remembers the families of each preamble (the metadata lines before a series). A repeated preamble whose families have
 * not changed need not be read again.
 */
export class PreambleFamilies<T extends Family> {
  /** Families of the metadata lines since the last series. */
  #pending: T[] = [];
  /**
   * For each preamble, the family of its last line. `#others` has the families of its other lines, if there are several
   * families.
   */
  #last: (T | undefined)[] = [];
  readonly #others = new Map<number, readonly T[]>();
  /** For each preamble, the newest version of its families when the preamble was read. */
  #versions: number[] = [];
  #generation = 0;

  /**
   * Begins a scraped body. If `generation` has changed, the preambles (the metadata lines before a series) have new
   * numbers.
   */
  begin(generation: number): void {
    this.#pending = [];
    if (generation === this.#generation) return;
    this.#generation = generation;
    this.#last = [];
    this.#versions = [];
    this.#others.clear();
  }

  /** Records that a metadata line of the current preamble belongs to the family. */
  add(family: T): void {
    if (this.#pending.length < MAX_PENDING) this.#pending.push(family);
  }

  /**
   * Ends the preamble of a series after the metadata lines before the series were added.
   * @param preamble number of these lines, or -1 if they have no number
   */
  settle(preamble: number): void {
    const families = this.#pending;
    if (preamble >= 0 && families.length < MAX_PENDING && (families.length > 0 || preamble >= this.#last.length)) {
      while (this.#last.length < preamble) {
        this.#last.push(undefined);
        this.#versions.push(NEVER);
      }
      const last = families.at(-1);
      const others = [...new Set(families)].filter((family) => family !== last);
      this.#last[preamble] = last;
      this.#versions[preamble] = newest(last, others);
      if (others.length > 0) this.#others.set(preamble, others);
      else this.#others.delete(preamble);
    }
    if (families.length > 0) this.#pending = [];
  }

  /**
   * Reports whether the metadata lines of a preamble would change nothing if they were read again, and none of their
   * families has changed in this scrape.
   */
  isSettled(preamble: number, scrape: number): boolean {
    const version = this.#versions[preamble];
    if (version === undefined) return false;
    const last = this.#last[preamble];
    if (last?.gone === true || last?.changed === scrape) return false;
    const others = this.#othersOf(preamble);
    // Handles a preamble with one family without a closure, because nearly all preambles have one family.
    if (others.length === 0) return version === (last?.version ?? 0);
    const isFresh = (family: T): boolean => family.gone || family.changed === scrape;
    if (others.some(isFresh)) return false;
    return version === newest(last, others);
  }

  /** Returns the family of the last metadata line of a preamble, or undefined if the preamble has no lines. */
  lastOf(preamble: number): T | undefined {
    return this.#last[preamble];
  }

  /**
   * Marks the families of a preamble that isSettled() accepts as seen in this scrape, so that its metadata lines need
   * not be read again. Returns the result of lastOf().
   */
  pass(preamble: number, scrape: number): T | undefined {
    const last = this.#last[preamble];
    if (last === undefined) return undefined;
    last.lastSeen = scrape;
    for (const other of this.#othersOf(preamble)) other.lastSeen = scrape;
    return last;
  }

  #othersOf(preamble: number): readonly T[] {
    return this.#others.size === 0 ? NONE : (this.#others.get(preamble) ?? NONE);
  }
}

const NONE: readonly never[] = [];

function newest(last: Family | undefined, others: readonly Family[]): number {
  return others.reduce((version, family) => Math.max(version, family.version), last?.version ?? 0);
}
