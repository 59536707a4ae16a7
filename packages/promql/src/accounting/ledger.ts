import type { Grid } from "@narthex/model";
import { histogramWeight, type SampleBudget, tooManySamples } from "../budget.ts";
import type { RangeSource, SeriesColumn, VectorOperator } from "../operators/operator.ts";
import { columnWeight } from "../operators/drain.ts";
import type { Expr, SubqueryExpr } from "../syntax/ast.ts";
import { RangeTally, VectorTally } from "./tallies.ts";

/** A query may come near its limit of samples: it has to be run again, and counted. */
export class NeedsCounting extends Error {
  override readonly name = "NeedsCounting";
}

/** Where a subquery is evaluated, ms. */
export interface SubqueryPlace {
  readonly grid: Grid;
  readonly offset: number;
  readonly range: number;
}

/**
 * What the parts of a query come to, for the account of what Prometheus would hold of it. Counting costs a look at each
 * sample of each part, so that it is done only where somebody wants the numbers; else an upper bound is kept, and a query
 * whose bound lies above the limit starts anew.
 */
export class Ledger {
  readonly subqueries = new Map<SubqueryExpr, SubqueryPlace>();
  /** Counts take memory, too. */
  readonly budget: SampleBudget;
  readonly #counts: boolean;
  readonly #vectors = new Map<object, VectorTally>();
  readonly #ranges = new Map<Expr, RangeTally>();
  /** Equal parts, of which one is evaluated for all. */
  readonly #equals = new Map<Expr, Expr[]>();
  #bound = 0;

  constructor(counts: boolean, budget: SampleBudget) {
    this.#counts = counts;
    this.budget = budget;
  }

  /** The part of a query that is evaluated for this one and its equals. */
  evaluated(expr: Expr): Expr {
    return this.#equals.get(expr)?.find((one) => this.#vectors.get(one)?.prepared) ?? expr;
  }

  vector(part: object): VectorTally | undefined {
    return this.#vectors.get(part);
  }

  range(expr: Expr): RangeTally | undefined {
    return this.#ranges.get(expr);
  }

  /** One more of several equal parts. */
  addEqual(equals: Expr[], expr: Expr): void {
    equals.push(expr);
    this.#equals.set(expr, equals);
  }

  /** A scalar over so many steps. */
  watchScalar(steps: number): void {
    this.#raise(steps + 2);
  }

  /** What one evaluation found is repeated over so many steps. */
  watchRepeated(steps: number, input: VectorOperator): VectorOperator {
    return {
      ...input,
      prepare: async (signal) => {
        const list = await input.prepare(signal);
        this.#raise(list.length * steps);
        return list;
      },
    };
  }

  /** Counts what an operator yields. */
  watch(part: object, steps: number, input: VectorOperator): VectorOperator {
    const tally = new VectorTally(steps, this.budget);
    this.#vectors.set(part, tally);
    return {
      prepare: async (signal) => {
        tally.prepared = true;
        const list = await input.prepare(signal);
        // All of it, and what is gathered and made at one step.
        this.#raise(list.length * (steps + 2));
        return list;
      },
      next: (out) => {
        if (!input.next(out)) return false;
        if (this.#counts) this.#count(part, tally, out);
        else if (out.histograms !== undefined) this.#raise(2 * columnWeight(out));
        return true;
      },
      close: () => input.close(),
    };
  }

  /** Counts what the windows over a range hold. */
  watchRange(expr: Expr, source: RangeSource): RangeSource {
    const { frame, derived } = source;
    const tally = this.#counts ? new RangeTally(frame, this.budget) : undefined;
    if (tally !== undefined) this.#ranges.set(expr, tally);
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
        // Of some functions each window is a sample, though the result is none.
        this.#raise(list.length * frame.grid.count);
        return list;
      },
      next: (out) => {
        if (!source.next(out)) return false;
        if (tally !== undefined) {
          tally.add(out);
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
      // A count looks at each sample.
      nextPieces: (out) => {
        if (tally !== undefined || source.nextPieces?.(out) !== true) return false;
        hold(out.samples);
        return true;
      },
      close: () => source.close(),
    };
  }

  #count(part: object, tally: VectorTally, out: SeriesColumn): void {
    tally.add(out);
    if (tally.total > this.budget.max && isHeld(part as Expr)) throw tooManySamples();
  }

  #raise(by: number): void {
    this.#bound += by;
    if (!this.#counts && this.#bound > this.budget.max) throw new NeedsCounting();
  }
}

/** All that a part yields is held at some time, save what stands for nothing at all. */
const isHeld = (part: Expr): boolean => part.kind !== "call" || part.func !== "absent_over_time";
