import type { Grid } from "@narthex/model";
import { histogramWeight, type SampleBudget, tooManySamples } from "../budget.ts";
import type { RangeSource, SeriesColumn, VectorOperator } from "../operators/operator.ts";
import { columnWeight } from "../operators/column-weight.ts";
import type { Expr, SubqueryExpr } from "../syntax/ast.ts";
import { RangeSampleCounts, VectorSampleCounts } from "./sample-counts.ts";

/** Error if a query may exceed the sample limit. The query must run again with exact counting. */
export class NeedsSampleStatsError extends Error {
  override readonly name = "NeedsSampleStatsError";
}

/** The evaluation times of a subquery, and its offset and range in ms. */
export interface SubqueryGrid {
  readonly grid: Grid;
  readonly offset: number;
  readonly range: number;
}

/**
 * Records the number of samples that each part of a query returns. Exact counting visits each sample, so it is used
 * only if statistics are requested. Otherwise an upper bound is computed, and a query whose bound exceeds the limit
 * runs a second time with exact counting.
 */
export class SampleStatsRecorder {
  readonly subqueries = new Map<SubqueryExpr, SubqueryGrid>();
  /** The memory of the query, which includes the memory of these counts. */
  readonly budget: SampleBudget;
  readonly #counts: boolean;
  readonly #vectors = new Map<object, VectorSampleCounts>();
  readonly #ranges = new Map<Expr, RangeSampleCounts>();
  /** Groups of equal parts of the query, by part. Only one part of a group is evaluated. */
  readonly #equals = new Map<Expr, Expr[]>();
  #bound = 0;

  constructor(counts: boolean, budget: SampleBudget) {
    this.#counts = counts;
    this.budget = budget;
  }

  /** Upper bound of the number of samples in memory, used if samples are not counted. */
  get most(): number {
    return this.#bound;
  }

  /** Returns the part that is evaluated in place of this part. Equal parts of a query are evaluated once. */
  evaluated(expr: Expr): Expr {
    return this.#equals.get(expr)?.find((one) => this.#vectors.get(one)?.prepared) ?? expr;
  }

  vector(part: object): VectorSampleCounts | undefined {
    return this.#vectors.get(part);
  }

  range(expr: Expr): RangeSampleCounts | undefined {
    return this.#ranges.get(expr);
  }

  /** Adds a part to a group of equal parts of the query. */
  addEqual(equals: Expr[], expr: Expr): void {
    equals.push(expr);
    this.#equals.set(expr, equals);
  }

  /** Records a scalar with a value at this number of evaluation times. */
  recordScalar(steps: number): void {
    this.#raise(steps + 2);
  }

  /** Returns an operator like `input` that counts each sample once for each evaluation time. */
  recordRepeated(steps: number, input: VectorOperator): VectorOperator {
    return {
      ...input,
      prepare: async (signal) => {
        const list = await input.prepare(signal);
        this.#raise(list.length * steps);
        return list;
      },
      next: (out) => {
        if (!input.next(out)) return false;
        if (!this.#counts && out.histograms !== undefined) this.#raise(columnWeight(out) * steps);
        return true;
      },
    };
  }

  /** Counts the samples that an operator returns. */
  recordVector(part: object, steps: number, input: VectorOperator): VectorOperator {
    const counts = new VectorSampleCounts(steps, this.budget);
    this.#vectors.set(part, counts);
    return {
      prepare: async (signal) => {
        counts.prepared = true;
        const list = await input.prepare(signal);
        // Raises the upper bound of samples in memory by the whole result and, for one evaluation time, by the
        // collected and computed elements.
        this.#raise(list.length * (steps + 2));
        return list;
      },
      next: (out) => {
        if (!input.next(out)) return false;
        if (this.#counts) this.#count(part, counts, out);
        else if (out.histograms !== undefined) this.#raise(2 * columnWeight(out));
        return true;
      },
      close: () => input.close(),
    };
  }

  /** Counts the samples in the windows of a range vector. */
  recordRange(expr: Expr, source: RangeSource): RangeSource {
    const { frame, derived } = source;
    const counts = this.#counts ? new RangeSampleCounts(frame, this.budget) : undefined;
    if (counts !== undefined) this.#ranges.set(expr, counts);
    let most = 0;
    const hold = (held: number): void => {
      if (held <= most) return;
      this.#raise(held - most);
      most = held;
    };
    return {
      frame,
      derived,
      prepare: async (signal) => {
        const list = await source.prepare(signal);
        // Counts each window as a sample even if it has no result, because some functions keep a sample for each
        // window.
        this.#raise(list.length * frame.grid.count);
        return list;
      },
      next: (out) => {
        if (!source.next(out)) return false;
        if (counts !== undefined) {
          counts.add(out);
          return true;
        }
        let held = out.count;
        for (let i = 0; out.histograms !== undefined && i < out.count; i++) {
          const histogram = out.histograms[i];
          if (histogram !== undefined) held += histogramWeight(histogram);
        }
        hold(held);
        return true;
      },
      // Does not use spans if samples are counted, because counting visits each sample.
      nextSpans: (out) => {
        if (counts !== undefined || source.nextSpans?.(out) !== true) return false;
        hold(out.samples);
        return true;
      },
      get downsampled() {
        return source.downsampled;
      },
      nextAggregates: (out) => {
        if (source.nextAggregates?.(out) !== true) return false;
        if (counts === undefined) hold(out.rows);
        else counts.addAggregates(out, source.downsampled!.before);
        return true;
      },
      close: () => source.close(),
    };
  }

  #count(part: object, counts: VectorSampleCounts, out: SeriesColumn): void {
    counts.add(out);
    if (counts.total > this.budget.max && isHeld(part as Expr)) throw tooManySamples();
  }

  #raise(by: number): void {
    this.#bound += by;
    if (!this.#counts && this.#bound > this.budget.max) throw new NeedsSampleStatsError();
  }
}

/** Returns whether all samples of a part are in memory at the same time. absent_over_time() is the only exception. */
const isHeld = (part: Expr): boolean => part.kind !== "call" || part.func !== "absent_over_time";
