import type { Grid } from "@narthex/model";
import type { Evaluation } from "../evaluation.ts";
import type { Selection, SelectionRequest } from "../selection.ts";
import type { RangeSource, VectorOperator, WindowFrame } from "../operators/operator.ts";
import { rangeSelect } from "../operators/range-select.ts";
import type { EvaluationTimes } from "../operators/select.ts";
import { subquery, subqueryGrid } from "../operators/subquery.ts";
import type { AtModifier, DurationExpr, Expr, MatrixSelector, SubqueryExpr, VectorSelector } from "../syntax/ast.ts";
import { selectorsOfTotals, totalsOnly } from "./histogram-stats.ts";
import { durationMs, type QuerySpan, spanOf } from "./durations.ts";

/**
 * Computes the times that selectors read, from `@`, offsets, ranges and computed durations, and requests their series.
 */
export class Selectors {
  readonly #evaluation: Evaluation;
  readonly #span: QuerySpan;
  readonly #totalsOnly: ReadonlySet<VectorSelector>;

  constructor(evaluation: Evaluation, root: Expr) {
    this.#evaluation = evaluation;
    this.#totalsOnly = selectorsOfTotals(root);
    this.#span = spanOf(evaluation);
  }

  /** Returns the time in ms that `@` sets, or undefined if there is no `@`. */
  pinned(at: AtModifier | null): number | undefined {
    if (at === null) return undefined;
    if (at.kind === "timestamp") return at.ms;
    return at.kind === "start" ? this.#evaluation.grid.start : this.#evaluation.end;
  }

  offsetOf(node: { readonly offsetMs: number; readonly offsetExpr: DurationExpr | null }): number {
    return node.offsetExpr === null ? node.offsetMs : durationMs(node.offsetExpr, this.#span, "any");
  }

  #rangeOf(node: { readonly rangeMs: number; readonly rangeExpr: DurationExpr | null }): number {
    return node.rangeExpr === null ? node.rangeMs : durationMs(node.rangeExpr, this.#span, "positive");
  }

  /** Returns the times that a selector or subquery reads, one for each evaluation time. */
  #moments(
    node: { readonly at: AtModifier | null; readonly offsetMs: number; readonly offsetExpr: DurationExpr | null },
    grid: Grid,
  ): EvaluationTimes {
    const offset = this.offsetOf(node);
    const pinned = this.pinned(node.at);
    return pinned === undefined
      ? { first: grid.start - offset, stride: grid.step }
      : { first: pinned - offset, stride: 0 };
  }

  #claim(selector: VectorSelector, request: Omit<SelectionRequest, "matchers">): Selection {
    const selection = this.#evaluation.claim({ matchers: selector.matchers, ...request });
    return this.#totalsOnly.has(selector) ? totalsOnly(selection) : selection;
  }

  instant(expr: VectorSelector, grid: Grid, func: string): { selection: Selection; moments: EvaluationTimes } {
    const moments = this.#moments(expr, grid);
    const selection = this.#claim(expr, {
      start: moments.first - this.#evaluation.lookbackMs + 1,
      end: moments.first + moments.stride * (grid.count - 1),
      step: grid.step,
      range: 0,
      func,
    });
    return { selection, moments };
  }

  /**
   * Returns the series and times of a selector within timestamp(). For a selector with `@`, Prometheus moves the range
   * that it reads by the offset, but then searches the newest sample at the time of `@` without the offset.
   */
  timestamped(expr: VectorSelector, grid: Grid, func: string): { selection: Selection; moments: EvaluationTimes } {
    const claimed = this.instant(expr, grid, func);
    const pinned = this.pinned(expr.at);
    if (pinned === undefined) return claimed;
    const { first } = claimed.moments;
    const lookbackMs = this.#evaluation.lookbackMs - Math.abs(pinned - first);
    return { ...claimed, moments: { first: Math.min(pinned, first), stride: 0, lookbackMs: Math.max(lookbackMs, 0) } };
  }

  range(expr: MatrixSelector, grid: Grid, func: string): RangeSource {
    const { selector } = expr;
    const { lookbackMs } = this.#evaluation;
    return this.#rangeSource(selector, grid, func, this.#rangeOf(expr), {
      before: selector.anchored || selector.smoothed ? lookbackMs : 0,
      after: selector.smoothed ? lookbackMs : 0,
      mode: selector.anchored ? "anchored" : selector.smoothed ? "smoothed" : "plain",
    });
  }

  /**
   * Returns the range that an instant selector with `smoothed` reads: the lookback on both sides of each evaluation
   * time.
   */
  smoothed(expr: VectorSelector, grid: Grid, func: string): RangeSource {
    const { lookbackMs } = this.#evaluation;
    return this.#rangeSource(expr, grid, func, 0, { before: lookbackMs, after: lookbackMs, mode: "smoothed" });
  }

  #rangeSource(
    selector: VectorSelector,
    grid: Grid,
    func: string,
    rangeMs: number,
    reach: Pick<WindowFrame, "before" | "after" | "mode">,
  ): RangeSource {
    const { first, stride } = this.#moments(selector, grid);
    const frame: WindowFrame = { grid, rangeMs, firstEnd: first, stride, ...reach };
    const selection = this.#claim(selector, {
      start: first - rangeMs - reach.before + 1,
      end: first + stride * (grid.count - 1) + reach.after,
      step: grid.step,
      range: rangeMs,
      func,
    });
    return rangeSelect(selection, frame);
  }

  /** Returns the windows of a subquery and the times at which its expression is evaluated. */
  subqueryFrame(expr: SubqueryExpr, grid: Grid): { frame: WindowFrame; grid: Grid } {
    const { first, stride } = this.#moments(expr, grid);
    const rangeMs = this.#rangeOf(expr);
    const frame: WindowFrame = { grid, rangeMs, firstEnd: first, stride, before: 0, after: 0, mode: "plain" };
    const step = expr.stepExpr === null ? expr.stepMs : durationMs(expr.stepExpr, this.#span, "positive");
    const inner = subqueryGrid(frame, step === 0 ? this.#evaluation.subqueryStepMs : step);
    this.#evaluation.budget.refuseSteps(inner.count);
    return { frame, grid: inner };
  }

  subquery(input: VectorOperator, grid: Grid, frame: WindowFrame): RangeSource {
    return subquery(input, grid, frame, this.#evaluation);
  }
}
