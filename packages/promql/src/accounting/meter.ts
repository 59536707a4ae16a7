import type { Grid } from "@narthex/model";

/** Samples that an evaluation over a grid holds now and held at most, and those it looked at. */
export class Meter {
  readonly grid: Grid;
  current: number;
  peak = 0;
  /** Samples looked at for each step, those of a window at each step that it holds them. */
  readonly looked: Float64Array;
  /** The same, each once. */
  readonly read: Float64Array;

  /** @param current what is held already */
  constructor(grid: Grid, current: number) {
    this.grid = grid;
    this.current = current;
    this.looked = new Float64Array(grid.count);
    this.read = new Float64Array(grid.count);
  }

  get lookedAt(): number {
    return sumOf(this.looked);
  }

  get readOnce(): number {
    return sumOf(this.read);
  }

  /** So many more for a moment. */
  reach(more: number): void {
    if (this.current + more > this.peak) this.peak = this.current + more;
  }

  /** So many more. */
  hold(more: number): void {
    this.current += more;
    this.reach(0);
  }

  become(held: number): void {
    this.current = held;
    this.reach(0);
  }

  look(looked: Float64Array, read: Float64Array | undefined): void {
    for (let step = 0; step < looked.length; step++) {
      this.looked[step]! += looked[step]!;
      if (read !== undefined) this.read[step]! += read[step]!;
    }
  }

  /** Goes on where an inner evaluation ended. */
  absorb(inner: Meter): void {
    this.current = inner.current;
    if (inner.peak > this.peak) this.peak = inner.peak;
  }

  /**
   * Takes over what a subquery read: each of its steps belongs to the first of ours that has it in its window. Steps that
   * fall between two windows count for none.
   */
  readThrough(inner: Meter, offset: number, range: number): void {
    const { start, step, count } = this.grid;
    if (count <= 1) {
      this.read[0]! += inner.readOnce;
      return;
    }
    inner.read.forEach((samples, i) => {
      const time = inner.grid.start + i * inner.grid.step + offset;
      const at = Math.min(count - 1, Math.max(0, Math.ceil((time - start) / step)));
      if (range > 0 && time <= start + at * step - range) return;
      this.read[at]! += samples;
    });
  }
}

const sumOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);
