/**
 * A list of unsigned 32-bit numbers in a typed array that grows. The numbers are in `values` up to index `length`; the
 * next push may replace this array.
 */
export class Uint32List {
  values: Uint32Array;
  length = 0;

  constructor(capacity = 64) {
    this.values = new Uint32Array(capacity);
  }

  push(value: number): void {
    if (this.length === this.values.length) {
      const values = new Uint32Array(this.length * 2);
      values.set(this.values);
      this.values = values;
    }
    this.values[this.length++] = value;
  }
}
