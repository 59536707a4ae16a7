import type { Grid } from "@narthex/model";
import type { SampleBudget } from "../budget.ts";
import { StepCounts } from "./step-counts.ts";

/**
 * Sample statistics of an evaluation over a grid: the samples held now and at most, queryable samples, and samples
 * read.
 */
export class QuerySampleStats {
  readonly grid: Grid;
  current: number;
  peak = 0;
  /** Queryable samples of each step. A sample of a window is counted at each step whose window contains it. */
  readonly queryable: StepCounts;
  /** Samples read at each step. Each sample is counted once. */
  readonly read: StepCounts;

  /** @param current number of samples that are already held at the start */
  constructor(grid: Grid, current: number, budget: SampleBudget) {
    this.grid = grid;
    this.current = current;
    this.queryable = new StepCounts(grid.count, budget);
    this.read = new StepCounts(grid.count, budget);
  }

  /** Records samples that are held for a moment. */
  reach(more: number): void {
    if (this.current + more > this.peak) this.peak = this.current + more;
  }

  /** Records samples that are held from now on. */
  hold(more: number): void {
    this.current += more;
    this.reach(0);
  }

  become(held: number): void {
    this.current = held;
    this.reach(0);
  }

  /** Continues with the state of an inner evaluation that has finished. */
  absorb(inner: QuerySampleStats): void {
    this.current = inner.current;
    if (inner.peak > this.peak) this.peak = inner.peak;
  }

  /**
   * Adds the samples that a subquery has read. Each step of the subquery is counted at the first step of this grid
   * whose window contains it. Steps between two windows are not counted.
   */
  readThrough(inner: QuerySampleStats, offset: number, range: number): void {
    const { start, step, count } = this.grid;
    if (count <= 1) {
      this.read.addAt(0, inner.read.sum);
      return;
    }
    for (let i = 0; i < inner.grid.count; i++) {
      const samples = inner.read.at(i);
      if (samples === 0) continue;
      const time = inner.grid.start + i * inner.grid.step + offset;
      const at = Math.min(count - 1, Math.max(0, Math.ceil((time - start) / step)));
      if (range === 0 || time > start + at * step - range) this.read.addAt(at, samples);
    }
  }
}
