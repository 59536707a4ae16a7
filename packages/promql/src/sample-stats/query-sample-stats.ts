import type { Grid } from "@narthex/model";
import type { SampleBudget } from "../budget.ts";
import { StepCounts } from "./step-counts.ts";

/**
 * Numbers of samples as Prometheus counts them: currently in memory, the maximum in memory, and samples read (counted
 * per window, and counted once).
 */
export class QuerySampleStats {
  readonly grid: Grid;
  current: number;
  peak = 0;
  /** Number of samples that each evaluation time needs. A sample counts once for each window that contains it. */
  readonly queryable: StepCounts;
  /** Number of samples that were read for each evaluation time. Each sample counts only once. */
  readonly read: StepCounts;

  /** @param current number of samples that are already in memory at the start */
  constructor(grid: Grid, current: number, budget: SampleBudget) {
    this.grid = grid;
    this.current = current;
    this.queryable = new StepCounts(grid.count, budget);
    this.read = new StepCounts(grid.count, budget);
  }

  /** Records that `more` additional samples are in memory for a short time. */
  reach(more: number): void {
    if (this.current + more > this.peak) this.peak = this.current + more;
  }

  /** Records that `more` additional samples are in memory from now on. */
  hold(more: number): void {
    this.current += more;
    this.reach(0);
  }

  become(held: number): void {
    this.current = held;
    this.reach(0);
  }

  /** Adds the numbers of an inner evaluation, such as a subquery, that has ended. */
  absorb(inner: QuerySampleStats): void {
    this.current = inner.current;
    if (inner.peak > this.peak) this.peak = inner.peak;
  }

  /**
   * Adds the samples that a subquery has read. Each evaluation time of the subquery counts for the first window that
   * contains it. Evaluation times between two windows are not counted.
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
