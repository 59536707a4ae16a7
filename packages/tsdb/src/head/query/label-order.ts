import type { HeadMemory } from "../memory/head-memory.ts";
import type { SeriesRow } from "../memory/series-rows.ts";

/** Size of the largest group of rows that is sorted by comparing whole rows. */
const FEW = 16;

/**
 * Sorts rows by their label sets in the order of compareLabels(), without creating strings. The sort proceeds label by
 * label: rows with the same label pair stay together, and only the distinct pairs of a group are compared, by their
 * bytes. With a limit, only that number of rows at the front is sorted. Returns the former index of each row.
 */
export function sortByLabels(memory: HeadMemory, rows: Uint32Array, limit = Infinity): Uint32Array {
  const order = new LabelOrder(memory, rows, limit);
  order.sort();
  return order.places;
}

/** A group of rows [from, to) whose first `depth` labels are equal. */
interface Group {
  readonly from: number;
  readonly to: number;
  readonly depth: number;
}

class LabelOrder {
  /** Former index of each row. The sort moves these indexes together with the rows. */
  readonly places: Uint32Array;
  readonly #memory: HeadMemory;
  readonly #rows: Uint32Array;
  readonly #movedRows: Uint32Array;
  readonly #movedPlaces: Uint32Array;
  readonly #limit: number;

  constructor(memory: HeadMemory, rows: Uint32Array, limit: number) {
    this.#limit = limit;
    this.#memory = memory;
    this.#rows = rows;
    this.places = new Uint32Array(rows.length);
    for (let i = 0; i < rows.length; i++) this.places[i] = i;
    this.#movedRows = new Uint32Array(rows.length);
    this.#movedPlaces = new Uint32Array(rows.length);
  }

  /**
   * Sorts all rows. Uses a list of groups instead of recursion, because clients decide how many labels a series has.
   */
  sort(): void {
    const waiting: Group[] = [];
    this.#sortOrAdd(0, this.#rows.length, 0, waiting);
    for (let group = waiting.pop(); group !== undefined; group = waiting.pop()) this.#divide(group, waiting);
  }

  /** Sorts a small group, or adds a larger group to `waiting`. Most groups are small, and need no object. */
  #sortOrAdd(from: number, to: number, depth: number, waiting: Group[]): void {
    if (to - from <= FEW) this.#sortFew(from, to, depth);
    else waiting.push({ from, to, depth });
  }

  /**
   * Divides a group by the first label in which its rows differ. Sorts small parts and adds large parts to `waiting`.
   */
  #divide({ from, to, depth }: Group, waiting: Group[]): void {
    let groups = this.#groups(from, to, depth);
    while (groups.size === 1) {
      // Stops if the id is 0 for all rows. Id 0 means that a row has no label at this depth. If all rows have equal
      // labels, the writer has changed the memory during this read, and the caller repeats the read.
      if (groups.has(0)) return;
      groups = this.#groups(from, to, ++depth);
    }
    const starts = this.#scatter(from, to, depth, groups);
    for (let i = 0; i < starts.length && starts[i]! < this.#limit; i++)
      this.#sortOrAdd(starts[i]!, starts[i + 1] ?? to, depth + 1, waiting);
  }

  /** Moves the rows of each part next to each other, with the parts in order. Returns the start of each part. */
  #scatter(from: number, to: number, depth: number, groups: Map<number, number>): number[] {
    const rows = this.#rows;
    const starts: number[] = [];
    let at = from;
    for (const pair of [...groups.keys()].sort((a, b) => this.#comparePairs(a, b))) {
      starts.push(at);
      const count = groups.get(pair)!;
      groups.set(pair, at);
      at += count;
    }
    for (let i = from; i < to; i++) {
      const pair = this.#pairAt(rows[i]!, depth);
      const end = groups.get(pair)!;
      this.#movedRows[end] = rows[i]!;
      this.#movedPlaces[end] = this.places[i]!;
      groups.set(pair, end + 1);
    }
    rows.set(this.#movedRows.subarray(from, to), from);
    this.places.set(this.#movedPlaces.subarray(from, to), from);
    return starts;
  }

  /** Counts the rows of a group by the label pair at index `depth`. */
  #groups(from: number, to: number, depth: number): Map<number, number> {
    const counts = new Map<number, number>();
    let last = this.#pairAt(this.#rows[from]!, depth);
    let run = 0;
    for (let i = from; i < to; i++) {
      const pair = this.#pairAt(this.#rows[i]!, depth);
      if (pair !== last) {
        counts.set(last, (counts.get(last) ?? 0) + run);
        last = pair;
        run = 0;
      }
      run++;
    }
    return counts.set(last, (counts.get(last) ?? 0) + run);
  }

  #sortFew(from: number, to: number, depth: number): void {
    const rows = this.#rows;
    const { places } = this;
    for (let i = from + 1; i < to; i++) {
      const row = rows[i]!;
      const place = places[i]!;
      let at = i;
      while (at > from && this.#compareRows(row, rows[at - 1]!, depth) < 0) {
        rows[at] = rows[at - 1]!;
        places[at] = places[at - 1]!;
        at--;
      }
      rows[at] = row;
      places[at] = place;
    }
  }

  #compareRows(a: SeriesRow, b: SeriesRow, depth: number): number {
    for (; ; depth++) {
      const [left, right] = [this.#pairAt(a, depth), this.#pairAt(b, depth)];
      if (left !== right) return this.#comparePairs(left, right);
      if (left === 0) return 0;
    }
  }

  /** Compares two label pairs by their texts. Id 0 marks the end of a label set and comes before all pairs. */
  #comparePairs(a: number, b: number): number {
    if (a === 0 || b === 0) return a - b;
    const { postings, symbols } = this.#memory;
    const names = symbols.compare(postings.name[a]!, postings.name[b]!);
    return names === 0 ? symbols.compare(postings.value[a]!, postings.value[b]!) : names;
  }

  #pairAt(row: SeriesRow, depth: number): number {
    const { series } = this.#memory;
    return depth < series.at.labelCount[row]! ? series.pairAt(row, depth) : 0;
  }
}
