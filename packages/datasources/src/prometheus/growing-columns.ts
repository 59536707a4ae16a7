/** Columns of numbers of equal length that grow together. */
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

  /** Begins a row and returns its index; `set` fills it. */
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

  /** Returns a copy of a column with the present number of rows. */
  take(column: number): Float64Array {
    return this.#columns[column]!.slice(0, this.#count);
  }

  reset(): void {
    this.#count = 0;
  }
}
