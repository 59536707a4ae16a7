/**
 * The sorted values of a sliding window, NaN first. After a small move, binary search inserts and removes single
 * samples. After a large move, the values stay unsorted and only requested ranks are selected.
 */
export class SortedWindow {
  #source: Float64Array = new Float64Array(0);
  /** Indexes of the samples in the window, from … to-1. */
  #from = 0;
  #to = 0;
  #values = new Float64Array(64);
  #areInOrder = false;
  /** Number of values in the window that are not NaN, and number of NaN, which are not stored. */
  #numbers = 0;
  #nans = 0;
  /**
   * Rank of the last selection in unsorted values: no value before this rank is greater, and no value after it is less.
   */
  #selected = -1;

  get count(): number {
    return this.#numbers + this.#nans;
  }

  /** Returns the value at a rank, counted from 0. */
  at(rank: number): number {
    if (rank < this.#nans) return NaN;
    const at = rank - this.#nans;
    if (this.#areInOrder) return this.#values[at]!;
    if (at === this.#selected + 1 && at > 0) return minFrom(this.#values, at, this.#numbers);
    this.#selected = at;
    return select(this.#values, this.#numbers, at);
  }

  /** Sets the values of a series, with an empty window. */
  begin(source: Float64Array): void {
    this.#source = source;
    this.#from = this.#to = 0;
    this.#numbers = this.#nans = 0;
    this.#areInOrder = false;
  }

  /** Moves the window to the samples from … to-1. Neither end may move back. */
  moveTo(from: number, to: number): void {
    const moved = from - this.#from + to - this.#to;
    const count = to - from;
    const isFew = moved * (WORTH_SELECTING + count / MOVED_FOR_ONE) < count;
    if (isFew && this.#areInOrder) this.#slide(from, to);
    else this.#copy(from, to, isFew);
    this.#from = from;
    this.#to = to;
  }

  #copy(from: number, to: number, inOrder: boolean): void {
    this.#reserve(to - from);
    const [source, values] = [this.#source, this.#values];
    let count = 0;
    for (let slot = from; slot < to; slot++) {
      const value = source[slot]!;
      if (!Number.isNaN(value)) values[count++] = value;
    }
    this.#numbers = count;
    this.#nans = to - from - count;
    this.#selected = -1;
    this.#areInOrder = inOrder;
    if (inOrder) values.subarray(0, count).sort();
  }

  #slide(from: number, to: number): void {
    this.#reserve(this.#numbers + to - this.#to);
    for (let slot = this.#from; slot < from; slot++) this.#remove(this.#source[slot]!);
    for (let slot = this.#to; slot < to; slot++) this.#add(this.#source[slot]!);
  }

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
  }

  /** Returns the position of the first sorted value that is not less than `value`. */
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

/**
 * Moves per window length from which the values are not kept sorted: if the window moves by more than one sample for
 * each 16 samples in the window, selecting ranks is faster.
 */
const WORTH_SELECTING = 16;
/**
 * Number of values in the window for which WORTH_SELECTING increases by one, because moving one value shifts all later
 * values.
 */
const MOVED_FOR_ONE = 64;

/**
 * Moves the value with a rank to its sorted place among the first `count` values (Hoare's selection). Afterwards no
 * earlier value is greater and no later value is less.
 */
function select(values: Float64Array, count: number, rank: number): number {
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const pivot = medianOf(values[low]!, values[(low + high) >>> 1]!, values[high]!);
    let left = low;
    let right = high;
    while (left <= right) {
      while (values[left]! < pivot) left++;
      while (values[right]! > pivot) right--;
      if (left > right) break;
      const swapped = values[left]!;
      values[left++] = values[right]!;
      values[right--] = swapped;
    }
    if (right < rank) low = left;
    if (rank < left) high = right;
  }
  return values[rank]!;
}

const medianOf = (a: number, b: number, c: number): number =>
  a < b ? (b < c ? b : a < c ? c : a) : a < c ? a : b < c ? c : b;

function minFrom(values: Float64Array, from: number, to: number): number {
  let least = values[from]!;
  for (let i = from + 1; i < to; i++) if (values[i]! < least) least = values[i]!;
  return least;
}
