import { type Grid, instantGrid } from "@narthex/model";
import { withoutParens } from "../plan/literals.ts";
import { isStepInvariant } from "../plan/step-invariance.ts";
import type { AggregateExpr, Call, Expr, SubqueryExpr } from "../syntax/ast.ts";
import { valueTypeOf } from "../syntax/value-type.ts";
import type { Ledger } from "./ledger.ts";
import { Meter } from "./meter.ts";
import type { VectorTally, Yield } from "./tallies.ts";

const NOTHING: Yield = { total: 0, even: true, elements: () => 0, weight: () => 0 };

const onePerStep = (steps: number): Yield => ({ total: steps, even: true, elements: () => 1, weight: () => 1 });

/**
 * Counts as Prometheus does what a query that was run holds at most, and what it looks at, step by step. Its engine
 * evaluates part after part and keeps each one's samples until the part around it is done; ours does not, but limits
 * and statistics are about those numbers.
 */
export function account(expr: Expr, grid: Grid, ledger: Ledger): Meter {
  const meter = new Meter(grid, 0, ledger.budget);
  new Account(ledger).of(expr, grid, meter);
  return meter;
}

class Account {
  readonly #ledger: Ledger;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Evaluates a part, so to speak. */
  of(expr: Expr, grid: Grid, meter: Meter): Yield {
    if (grid.count === 0) return NOTHING;
    const invariant = grid.count > 1 && expr.kind !== "number" && expr.kind !== "string" && isStepInvariant(expr);
    return invariant ? this.#once(expr, grid, meter) : this.#evaluated(expr, grid, meter);
  }

  /** What is the same at every step is evaluated at the first, and repeated. */
  #once(expr: Expr, grid: Grid, meter: Meter): Yield {
    const { count } = grid;
    const inner = new Meter(instantGrid(grid.start), meter.current, this.#ledger.budget);
    const found = this.#evaluated(expr, inner.grid, inner);
    meter.absorb(inner);
    meter.looked.addToEach(inner.looked.sum);
    if (inner.read.sum > 0) meter.read.addAt(0, inner.read.sum);
    if (valueTypeOf(expr) === "matrix") return found;
    meter.hold(found.total * (count - 1));
    const weight = found.weight(0);
    return { total: found.total * count, even: true, elements: () => found.elements(0), weight: () => weight };
  }

  #evaluated(part: Expr, grid: Grid, meter: Meter): Yield {
    const expr = this.#ledger.evaluated(part);
    switch (expr.kind) {
      case "string":
        return NOTHING;
      case "number":
        return this.#stepByStep(expr, [], grid, meter);
      case "paren":
      case "unary":
        return this.of(expr.expr, grid, meter);
      case "vectorSelector":
        return this.#selected(expr, meter);
      case "matrixSelector":
        return this.#samples(expr, meter);
      case "subquery":
        return this.#wholeSubquery(expr, meter);
      case "aggregate":
        return this.#aggregated(expr, grid, meter);
      case "binary":
        return this.#stepByStep(expr, [expr.lhs, expr.rhs], grid, meter);
      case "call":
        return this.#called(expr, grid, meter);
    }
  }

  #yieldOf(expr: Expr, { count }: Grid): Yield {
    if (valueTypeOf(expr) === "scalar") return onePerStep(count);
    return this.#ledger.vector(expr) ?? NOTHING;
  }

  #selected(expr: Expr, meter: Meter): Yield {
    const tally = this.#ledger.vector(expr);
    if (tally === undefined) return NOTHING;
    meter.hold(tally.total);
    look(tally, meter);
    return tally;
  }

  /** A range selector as the whole query. */
  #samples(expr: Expr, meter: Meter): Yield {
    const tally = this.#ledger.range(expr);
    if (tally === undefined) return NOTHING;
    const total = tally.looked.sum;
    meter.hold(total);
    meter.looked.addAll(tally.looked);
    meter.read.addAll(tally.fresh);
    return { ...NOTHING, total };
  }

  /** Arguments are evaluated one after the other; at each step their elements are gathered and the result is kept. */
  #stepByStep(expr: Expr, parts: readonly Expr[], grid: Grid, meter: Meter): Yield {
    const before = meter.current;
    const inputs = parts.filter((part) => valueTypeOf(part) !== "string").map((part) => this.of(part, grid, meter));
    return this.#steps(this.#yieldOf(expr, grid), inputs, before, grid, meter);
  }

  #steps(result: Yield, inputs: readonly Yield[], before: number, grid: Grid, meter: Meter): Yield {
    // Where all steps are alike, the last is the fullest.
    const alike = result.even && inputs.every(({ even }) => even);
    const first = alike ? grid.count - 1 : 0;
    if (alike) meter.current += result.weight(0) * first;
    for (let step = first; step < grid.count; step++) {
      let gathered = 0;
      for (const input of inputs) gathered += input.elements(step);
      const made = result.weight(step);
      meter.reach(gathered + made);
      meter.current += made;
    }
    meter.become(before + result.total);
    return result;
  }

  #aggregated(expr: AggregateExpr, grid: Grid, meter: Meter): Yield {
    if (expr.op === "count_values") return this.#stepByStep(expr, [expr.expr], grid, meter);
    const before = meter.current;
    if (expr.param !== null) this.of(expr.param, grid, meter);
    this.of(expr.expr, grid, meter);
    const result = this.#yieldOf(expr, grid);
    meter.become(before + result.total);
    return result;
  }

  #called(expr: Call, grid: Grid, meter: Meter): Yield {
    const args = expr.args.map(withoutParens);
    if (args.some((arg) => valueTypeOf(arg) === "matrix")) return this.#calledOnRange(expr, args, grid, meter);
    switch (expr.func) {
      case "timestamp":
      case "start_timestamp":
        if (args[0]!.kind !== "vectorSelector") break;
        return this.#timestamps(expr, grid, meter);
      case "label_replace":
      case "label_join":
        this.of(expr.args[0]!, grid, meter);
        return this.#yieldOf(expr, grid);
      case "info":
        return this.#informed(expr, grid, meter);
    }
    return this.#stepByStep(expr, expr.args, grid, meter);
  }

  /** Times of samples are looked up step by step, and counted as samples then. */
  #timestamps(expr: Call, grid: Grid, meter: Meter): Yield {
    const tally = this.#ledger.vector(expr);
    if (tally === undefined) return NOTHING;
    look(tally, meter);
    return this.#steps(tally, [tally], meter.current, grid, meter);
  }

  /** Info series are held beside the vector, and both beside the result. */
  #informed(expr: Call, grid: Grid, meter: Meter): Yield {
    const inputs = [this.of(expr.args[0]!, grid, meter)];
    const infos = this.#ledger.vector(expr.args);
    if (infos?.prepared === true) {
      meter.hold(infos.total);
      look(infos, meter);
      inputs.push(infos);
    }
    return this.#steps(this.#yieldOf(expr, grid), inputs, meter.current, grid, meter);
  }

  /** Series by series: the window of a step beside the results of all series before. */
  #calledOnRange(expr: Call, args: readonly Expr[], grid: Grid, meter: Meter): Yield {
    const range = args.find((arg) => valueTypeOf(arg) === "matrix")!;
    const subquery = range.kind === "subquery" ? this.#subquery(range, meter, true) : 0;
    for (const arg of args) if (arg !== range && valueTypeOf(arg) !== "string") this.of(arg, grid, meter);
    const result = this.#yieldOf(expr, grid);
    const windows = this.#ledger.range(range);
    if (windows !== undefined) {
      const made = expr.func === "absent_over_time" ? windows.filled : (this.#ledger.vector(expr)?.ofSeries ?? []);
      for (let i = 0; i < windows.fullest.length; i++) {
        meter.reach(windows.fullest[i]!);
        meter.hold(made[i] ?? 0);
        meter.reach(windows.last[i]!);
      }
      meter.looked.addAll(windows.looked);
      if (range.kind !== "subquery") meter.read.addAll(windows.fresh);
    }
    meter.current -= subquery;
    return result;
  }

  #wholeSubquery(expr: SubqueryExpr, meter: Meter): Yield {
    return { ...NOTHING, total: this.#subquery(expr, meter, false) };
  }

  /**
   * Samples of a subquery. Those of an argument are counted as looked at where they are in windows, those of a whole
   * query at once.
   */
  #subquery(expr: SubqueryExpr, meter: Meter, windowed: boolean): number {
    const place = this.#ledger.subqueries.get(expr);
    if (place === undefined || place.grid.count === 0) return 0;
    const inner = new Meter(place.grid, meter.current, this.#ledger.budget);
    const { total } = this.of(expr.expr, place.grid, inner);
    meter.absorb(inner);
    if (!windowed) meter.looked.addAt(meter.grid.count - 1, inner.looked.sum);
    meter.readThrough(inner, windowed ? place.offset : 0, windowed ? place.range : 0);
    inner.looked.release();
    inner.read.release();
    return total;
  }
}

/** A selection is looked at and read at each step. */
function look(tally: VectorTally, { looked, read }: Meter): void {
  tally.addSamplesTo(looked);
  tally.addSamplesTo(read);
}
