import { type Grid, instantGrid } from "@narthex/model";
import { withoutParens } from "../plan/literals.ts";
import { isStepInvariant } from "../plan/step-invariance.ts";
import type { AggregateExpr, Call, Expr, SubqueryExpr } from "../syntax/ast.ts";
import { valueTypeOf } from "../syntax/value-type.ts";
import type { SampleStatsRecorder } from "./sample-stats-recorder.ts";
import { QuerySampleStats } from "./query-sample-stats.ts";
import type { ResultSampleCounts, StepSampleCounts, VectorSampleCounts } from "./sample-counts.ts";

const NOTHING: ResultSampleCounts = { total: 0, even: true, elements: () => 0, weight: () => 0 };

const onePerStep = (steps: number): ResultSampleCounts => ({
  total: steps,
  even: true,
  elements: () => 1,
  weight: () => 1,
});

/**
 * Returns the sample statistics of a finished query as Prometheus would count them: maximum number in memory, and
 * samples read. Prometheus evaluates one part after the other, and keeps the samples of each part until the enclosing
 * part is finished. This engine works differently, but limits and statistics are defined by Prometheus' numbers.
 */
export function sampleStatsOf(expr: Expr, grid: Grid, recorder: SampleStatsRecorder): QuerySampleStats {
  const stats = new QuerySampleStats(grid, 0, recorder.budget);
  new SampleStatsVisitor(recorder).of(expr, grid, stats);
  return stats;
}

class SampleStatsVisitor {
  readonly #recorder: SampleStatsRecorder;
  /** Whether parts whose value never changes are evaluated only once at this point of the query. */
  #evaluatesOnce = true;

  constructor(recorder: SampleStatsRecorder) {
    this.#recorder = recorder;
  }

  /** Returns the numbers of samples of a part, and adds them to `stats`. */
  of(expr: Expr, grid: Grid, stats: QuerySampleStats): StepSampleCounts {
    if (grid.count === 0) return NOTHING;
    const mayRepeat = this.#evaluatesOnce && grid.count > 1 && expr.kind !== "number" && expr.kind !== "string";
    return mayRepeat && isStepInvariant(expr) ? this.#once(expr, grid, stats) : this.#evaluated(expr, grid, stats);
  }

  /** Counts a part whose value never changes: counts the first evaluation time and repeats its numbers. */
  #once(expr: Expr, grid: Grid, stats: QuerySampleStats): StepSampleCounts {
    const { count } = grid;
    const inner = new QuerySampleStats(instantGrid(grid.start), stats.current, this.#recorder.budget);
    const found = this.#evaluated(expr, inner.grid, inner);
    stats.absorb(inner);
    stats.queryable.addToEach(inner.queryable.sum);
    if (inner.read.sum > 0) stats.read.addAt(0, inner.read.sum);
    if (valueTypeOf(expr) === "matrix") return found;
    stats.hold(found.total * (count - 1));
    return { total: found.total * count, even: true, elements: () => found.elements(0) };
  }

  #evaluated(part: Expr, grid: Grid, stats: QuerySampleStats): StepSampleCounts {
    const expr = this.#recorder.evaluated(part);
    switch (expr.kind) {
      case "string":
        return NOTHING;
      case "number":
        return this.#stepByStep(expr, [], grid, stats);
      case "paren":
      case "unary":
        return this.of(expr.expr, grid, stats);
      case "vectorSelector":
        return this.#selected(expr, stats);
      case "matrixSelector":
        return this.#samples(expr, stats);
      case "subquery":
        return this.#wholeSubquery(expr, stats);
      case "aggregate":
        return this.#aggregated(expr, grid, stats);
      case "binary":
        return this.#stepByStep(expr, [expr.lhs, expr.rhs], grid, stats);
      case "call":
        return this.#called(expr, grid, stats);
    }
  }

  #yieldOf(expr: Expr, { count }: Grid): ResultSampleCounts {
    if (valueTypeOf(expr) === "scalar") return onePerStep(count);
    return this.#recorder.vector(expr) ?? NOTHING;
  }

  #selected(expr: Expr, stats: QuerySampleStats): StepSampleCounts {
    const counts = this.#recorder.vector(expr);
    if (counts === undefined) return NOTHING;
    stats.hold(counts.total);
    look(counts, stats);
    return counts;
  }

  /** Counts the samples of a query that is only a range selector. */
  #samples(expr: Expr, stats: QuerySampleStats): StepSampleCounts {
    const counts = this.#recorder.range(expr);
    if (counts === undefined) return NOTHING;
    const total = counts.queryable.sum;
    stats.hold(total);
    stats.queryable.addAll(counts.queryable);
    stats.read.addAll(counts.fresh);
    return { ...NOTHING, total };
  }

  /**
   * Counts arguments one after another. At each evaluation time their elements are collected, and the result stays in
   * memory.
   */
  #stepByStep(expr: Expr, parts: readonly Expr[], grid: Grid, stats: QuerySampleStats): StepSampleCounts {
    const before = stats.current;
    const inputs = parts.filter((part) => valueTypeOf(part) !== "string").map((part) => this.of(part, grid, stats));
    return this.#steps(this.#yieldOf(expr, grid), inputs, before, grid, stats);
  }

  #steps(
    result: ResultSampleCounts,
    inputs: readonly StepSampleCounts[],
    before: number,
    grid: Grid,
    stats: QuerySampleStats,
  ): StepSampleCounts {
    // Computes only the last evaluation time if all times have equal numbers, because the last time has the most
    // samples in memory.
    const alike = result.even && inputs.every(({ even }) => even);
    const first = alike ? grid.count - 1 : 0;
    if (alike) stats.current += result.weight(0) * first;
    for (let step = first; step < grid.count; step++) {
      let gathered = 0;
      for (const input of inputs) gathered += input.elements(step);
      const made = result.weight(step);
      stats.reach(gathered + made);
      stats.current += made;
    }
    stats.become(before + result.total);
    return result;
  }

  #aggregated(expr: AggregateExpr, grid: Grid, stats: QuerySampleStats): StepSampleCounts {
    if (expr.op === "count_values") return this.#stepByStep(expr, [expr.expr], grid, stats);
    const before = stats.current;
    if (expr.param !== null) this.#parameter(expr.param, grid, stats);
    this.of(expr.expr, grid, stats);
    const result = this.#yieldOf(expr, grid);
    stats.become(before + result.total);
    return result;
  }

  /** Counts the parameter of an aggregation. Prometheus evaluates a parameter at each time, even if it is constant. */
  #parameter(expr: Expr, grid: Grid, stats: QuerySampleStats): void {
    const before = this.#evaluatesOnce;
    this.#evaluatesOnce = false;
    this.of(expr, grid, stats);
    this.#evaluatesOnce = before;
  }

  #called(expr: Call, grid: Grid, stats: QuerySampleStats): StepSampleCounts {
    const args = expr.args.map(withoutParens);
    if (args.some((arg) => valueTypeOf(arg) === "matrix")) return this.#calledOnRange(expr, args, grid, stats);
    switch (expr.func) {
      case "timestamp":
      case "start_timestamp":
        if (args[0]!.kind !== "vectorSelector") break;
        return this.#timestamps(expr, grid, stats);
      case "label_replace":
      case "label_join":
        this.of(expr.args[0]!, grid, stats);
        return this.#yieldOf(expr, grid);
      case "info":
        return this.#informed(expr, grid, stats);
    }
    return this.#stepByStep(expr, expr.args, grid, stats);
  }

  /** Counts timestamp(). At each evaluation time, the times of samples are looked up and counted as samples. */
  #timestamps(expr: Call, grid: Grid, stats: QuerySampleStats): StepSampleCounts {
    const counts = this.#recorder.vector(expr);
    if (counts === undefined) return NOTHING;
    look(counts, stats);
    return this.#steps(counts, [counts], stats.current, grid, stats);
  }

  /**
   * Counts info(). In the first phase the info series and the vector are in memory, in the second phase both together
   * with the result.
   */
  #informed(expr: Call, grid: Grid, stats: QuerySampleStats): StepSampleCounts {
    const inputs = [this.of(expr.args[0]!, grid, stats)];
    const infos = this.#recorder.vector(expr.args);
    if (infos?.prepared === true) {
      stats.hold(infos.total);
      look(infos, stats);
      inputs.push(infos);
    }
    return this.#steps(this.#yieldOf(expr, grid), inputs, stats.current, grid, stats);
  }

  /**
   * Counts a range function, series by series. The window at one evaluation time and the results of all earlier series
   * are in memory.
   */
  #calledOnRange(expr: Call, args: readonly Expr[], grid: Grid, stats: QuerySampleStats): StepSampleCounts {
    const range = args.find((arg) => valueTypeOf(arg) === "matrix")!;
    const subquery = range.kind === "subquery" ? this.#subquery(range, stats, true) : 0;
    for (const arg of args) if (arg !== range && valueTypeOf(arg) !== "string") this.of(arg, grid, stats);
    const result = this.#yieldOf(expr, grid);
    const windows = this.#recorder.range(range);
    if (windows !== undefined) {
      const made = expr.func === "absent_over_time" ? windows.filled : (this.#recorder.vector(expr)?.ofSeries ?? []);
      for (let i = 0; i < windows.fullest.length; i++) {
        stats.reach(windows.fullest[i]!);
        stats.hold(made[i] ?? 0);
        stats.reach(windows.last[i]!);
      }
      stats.queryable.addAll(windows.queryable);
      if (range.kind !== "subquery") stats.read.addAll(windows.fresh);
    }
    stats.current -= subquery;
    return result;
  }

  #wholeSubquery(expr: SubqueryExpr, stats: QuerySampleStats): StepSampleCounts {
    return { ...NOTHING, total: this.#subquery(expr, stats, false) };
  }

  /**
   * Counts the samples of a subquery. If the subquery is an argument, its samples are counted as queryable for the
   * windows that contain them. If the subquery is the whole query, its samples are counted immediately.
   */
  #subquery(expr: SubqueryExpr, stats: QuerySampleStats, windowed: boolean): number {
    const innerWindow = this.#recorder.subqueries.get(expr);
    if (innerWindow === undefined || innerWindow.grid.count === 0) return 0;
    const inner = new QuerySampleStats(innerWindow.grid, stats.current, this.#recorder.budget);
    const { total } = this.of(expr.expr, innerWindow.grid, inner);
    stats.absorb(inner);
    if (!windowed) stats.queryable.addAt(stats.grid.count - 1, inner.queryable.sum);
    stats.readThrough(inner, windowed ? innerWindow.offset : 0, windowed ? innerWindow.range : 0);
    inner.queryable.release();
    inner.read.release();
    return total;
  }
}

/** Counts the samples of a selection as queryable and read, at each evaluation time. */
function look(counts: VectorSampleCounts, { queryable, read }: QuerySampleStats): void {
  counts.addSamplesTo(queryable);
  counts.addSamplesTo(read);
}
