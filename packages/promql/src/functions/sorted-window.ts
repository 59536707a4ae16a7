/**
 * The values of a sliding window in order, NaN first. Where a window moves by few of its samples each enters or leaves by
 * binary search and one move of memory; where by many, what enters is merged with what stays in one pass.
 */
export class SortedWindow {
  #source: Float64Array = new Float64Array(0);
  /** Slots of the source in the window: from … to-1. */
  #from = 0;
  #to = 0;
  #values: Float64Array = new Float64Array(64);
  #merged: Float64Array = new Float64Array(64);
  /** Values in order; NaN are only counted. */
  #numbers = 0;
  #nans = 0;

  get count(): number {
    return this.#numbers + this.#nans;
  }

  /** The value at a rank from 0. */
  at(rank: number): number {
    return rank < this.#nans ? NaN : this.#values[rank - this.#nans]!;
  }

  /** An empty window on these values. */
  begin(source: Float64Array): void {
    this.#source = source;
    this.#from = this.#to = 0;
    this.#numbers = this.#nans = 0;
  }

  /** The window is now that of slots from … to-1, neither of which ever goes back. */
  moveTo(from: number, to: number): void {
    if (from >= this.#to) {
      this.#from = this.#to = from;
      this.#numbers = this.#nans = 0;
    }
    this.#reserve(this.#numbers + to - this.#to);
    const moved = from - this.#from + to - this.#to;
    if (moved * WORTH_MERGING < this.#numbers) this.#slide(from, to);
    else this.#merge(from, to);
    this.#from = from;
    this.#to = to;
  }

  #slide(from: number, to: number): void {
    for (let slot = this.#from; slot < from; slot++) this.#remove(this.#source[slot]!);
    for (let slot = this.#to; slot < to; slot++) this.#add(this.#source[slot]!);
  }

  #merge(from: number, to: number): void {
    const leaving = this.#inOrder(LEAVING, this.#from, from);
    const entering = this.#inOrder(ENTERING, this.#to, to);
    this.#nans += to - this.#to - entering - (from - this.#from - leaving);
    this.#numbers = merge(
      this.#values,
      this.#numbers,
      this.#rooms[LEAVING]!,
      leaving,
      this.#rooms[ENTERING]!,
      entering,
      this.#merged,
    );
    [this.#values, this.#merged] = [this.#merged, this.#values];
  }

  /** Writes the numbers of slots from … to-1 into the room of a `use`, in order. How many. */
  #inOrder(use: number, from: number, to: number): number {
    if (this.#rooms[use]!.length < to - from) this.#rooms[use] = new Float64Array((to - from) * 2);
    const room = this.#rooms[use]!;
    let count = 0;
    for (let slot = from; slot < to; slot++) {
      const value = this.#source[slot]!;
      if (Number.isNaN(value)) continue;
      room[count++] = value;
    }
    if (count > MOST_INSERTED) {
      room.subarray(0, count).sort();
      return count;
    }
    for (let i = 1; i < count; i++) {
      const value = room[i]!;
      let slot = i;
      for (; slot > 0 && room[slot - 1]! > value; slot--) room[slot] = room[slot - 1]!;
      room[slot] = value;
    }
    return count;
  }

  readonly #rooms = [new Float64Array(32), new Float64Array(32)];

  #add(value: number): void {
    if (Number.isNaN(value)) {
      this.#nans++;
      return;
    }
    const slot = this.#slotOf(value);
    this.#values.copyWithin(slot + 1, slot, this.#numbers++);
    this.#values[slot] = value;
  }

  #remove(value: number): void {
    if (Number.isNaN(value)) {
      this.#nans--;
      return;
    }
    const slot = this.#slotOf(value);
    this.#values.copyWithin(slot, slot + 1, this.#numbers--);
  }

  #reserve(count: number): void {
    if (count <= this.#values.length) return;
    const grown = new Float64Array(count * 2);
    grown.set(this.#values.subarray(0, this.#numbers));
    this.#values = grown;
    this.#merged = new Float64Array(grown.length);
  }

  /** First slot whose value is not smaller. */
  #slotOf(value: number): number {
    let low = 0;
    let high = this.#numbers;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#values[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const LEAVING = 0;
const ENTERING = 1;
/** One value that moves by itself costs about as much as so many that are merged. */
const WORTH_MERGING = 32;
/** More values are not sorted by insertion. */
const MOST_INSERTED = 48;

/** Writes `values` less those `leaving` and with those `entering`, all in order. How many are written. */
function merge(
  values: Float64Array,
  count: number,
  leaving: Float64Array,
  leavingCount: number,
  entering: Float64Array,
  enteringCount: number,
  into: Float64Array,
): number {
  let left = 0;
  let entered = 0;
  let written = 0;
  // NaN, where there are no more, is neither equal to anything nor less.
  let leaves = leavingCount > 0 ? leaving[0]! : NaN;
  let enters = enteringCount > 0 ? entering[0]! : NaN;
  for (let i = 0; i < count; i++) {
    const value = values[i]!;
    if (value === leaves) {
      leaves = ++left < leavingCount ? leaving[left]! : NaN;
      continue;
    }
    while (enters < value) {
      into[written++] = enters;
      enters = ++entered < enteringCount ? entering[entered]! : NaN;
    }
    into[written++] = value;
  }
  while (entered < enteringCount) into[written++] = entering[entered++]!;
  return written;
}
