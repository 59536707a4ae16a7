/** Columns of numbers that grow together, so that all of them always have the same length. */
export class GrowingColumns {
  #columns: Float64Array[];
  #room: number;
  #count = 0;

  constructor(columns: number, room = 256) {
    this.#room = room;
    this.#columns = Array.from({ length: columns }, () => new Float64Array(room));
  }

  get count(): number {
    return this.#count;
  }

  /** Adds a row and returns its index. The caller must set its values with `set`. */
  add(): number {
    if (this.#count === this.#room) {
      this.#room *= 2;
      this.#columns = this.#columns.map((column) => {
        const grown = new Float64Array(this.#room);
        grown.set(column);
        return grown;
      });
    }
    return this.#count++;
  }

  set(column: number, row: number, value: number): void {
    this.#columns[column]![row] = value;
  }

  /** Returns a copy of a column, without the unused room at its end. */
  take(column: number): Float64Array {
    return this.#columns[column]!.slice(0, this.#count);
  }

  reset(): void {
    this.#count = 0;
  }
}
