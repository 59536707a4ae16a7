/** What these need to know of a metric family. */
interface Family {
  /** The scrape that had it last. */
  lastSeen: number;
  /** The scrape that brought what it says now. */
  readonly changed: number;
  /** Grows with each change of what any family says. */
  readonly version: number;
  /** The family was dropped from the cache. */
  readonly gone: boolean;
}

/** More metadata before one series is too long for a preamble that is remembered. */
const MAX_PENDING = 8192;

/** No version of any family. */
const NEVER = -1;

/**
 * Which families the metadata of a preamble is about, by the preamble's number in the LineCache: where a preamble comes
 * again and the metadata of its families has not changed since, its entries need not be read.
 */
export class PreambleFamilies<T extends Family> {
  /** Families that metadata since the last series was about. */
  #pending: T[] = [];
  /** By number of a preamble: the last family it tells of, and the others of those that tell of several. */
  #last: (T | undefined)[] = [];
  readonly #others = new Map<number, readonly T[]>();
  /** The newest version of any of them, when it was read. */
  #versions: number[] = [];
  #generation = 0;

  /** A body is about to be read; the preambles have been numbered again where `generation` is not that of the last. */
  begin(generation: number): void {
    this.#pending = [];
    if (generation === this.#generation) return;
    this.#generation = generation;
    this.#last = [];
    this.#versions = [];
    this.#others.clear();
  }

  /** Records a metadata entry of this family. */
  add(family: T): void {
    if (this.#pending.length < MAX_PENDING) this.#pending.push(family);
  }

  /** A series came behind a preamble, whose entries were added; -1: one that has no number. */
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

  /** Would reading the entries of a preamble again change nothing, and did nothing of it change in this scrape? */
  isSettled(preamble: number, scrape: number): boolean {
    const version = this.#versions[preamble];
    if (version === undefined) return false;
    const last = this.#last[preamble];
    if (last?.gone === true || last?.changed === scrape) return false;
    const others = this.#othersOf(preamble);
    // Nearly all tell of one family: no closure is made for those.
    if (others.length === 0) return version === (last?.version ?? 0);
    const isFresh = (family: T): boolean => family.gone || family.changed === scrape;
    if (others.some(isFresh)) return false;
    return version === newest(last, others);
  }

  /** The family that the last entry of a preamble was about, or undefined if it has none. */
  lastOf(preamble: number): T | undefined {
    return this.#last[preamble];
  }

  /** Passes over the entries of a settled preamble. Returns lastOf(). */
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
