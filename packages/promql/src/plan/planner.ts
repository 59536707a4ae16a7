import { type Grid, HistogramBuilder, instantGrid } from "@narthex/model";
import type { Evaluation } from "../evaluation.ts";
import type { FunctionCall } from "../functions/function-call.ts";
import { planInfo } from "./info-plan.ts";
import { RANGE_FUNCTIONS, type RangeFunction, SCALAR_FUNCTIONS, VECTOR_FUNCTIONS } from "../functions/registry.ts";
import { binaryWithScalar } from "../operators/binary-scalar.ts";
import { binary } from "../operators/binary.ts";
import { scalarOperation } from "../operators/element.ts";
import { repeatOverSteps, repeatScalarOverSteps } from "../operators/repeat-over-steps.ts";
import { mapSeries, replaceHistograms } from "../operators/map.ts";
import { scaleSampleCounts, scaleScalarSampleCounts } from "../operators/scale-sample-counts.ts";
import { resolveDuplicates } from "../operators/merge.ts";
import type { RangeSource, ScalarOperator, VectorOperator } from "../operators/operator.ts";
import { combineScalars, constant, heldScalar, emptyVector } from "../operators/scalar.ts";
import { select } from "../operators/select.ts";
import { shared } from "../operators/shared.ts";
import { dropNames } from "../operators/series-labels.ts";
import { filterByPresence, union } from "../operators/set.ts";
import { smoothKernel } from "../operators/smooth.ts";
import { type RangeKernelFactory, window } from "../operators/window.ts";
import { executionError } from "../query-error.ts";
import type { BinaryExpr, Call, Expr, Position, SubqueryExpr, UnaryExpr, VectorSelector } from "../syntax/ast.ts";
import { valueTypeOf } from "../syntax/value-type.ts";
import { planAggregate } from "./aggregate-plan.ts";
import { CommonSubexpressions } from "./common-subexpressions.ts";
import { textOf, withoutParens } from "./literals.ts";
import { Selectors } from "./selectors.ts";
import { isStepInvariant } from "./step-invariance.ts";

/** Creates the operators for the expressions of one query. */
export class Planner {
  readonly #evaluation: Evaluation;
  readonly #selectors: Selectors;
  readonly #common: CommonSubexpressions;

  constructor(evaluation: Evaluation, root: Expr) {
    this.#evaluation = evaluation;
    this.#common = new CommonSubexpressions(root);
    this.#selectors = new Selectors(evaluation, root);
  }

  get selectors(): Selectors {
    return this.#selectors;
  }

  /**
   * Plans an expression whose result is a vector. A part whose value never changes is computed once. `func` is the
   * function that has the expression as an argument.
   */
  vector(expr: Expr, grid: Grid, func = ""): VectorOperator {
    const { profile } = this.#evaluation;
    const plan = (): VectorOperator => this.#vectorOverSteps(expr, grid, func);
    return profile === undefined ? plan() : profile.vector(expr, grid, plan);
  }

  #vectorOverSteps(expr: Expr, grid: Grid, func: string): VectorOperator {
    if (grid.count === 0) return emptyVector;
    if (grid.count > 1 && isStepInvariant(expr)) {
      this.#evaluation.profile?.noteOnce();
      const once = this.#vector(expr, instantGrid(grid.start), func);
      const repeated = this.#evaluation.recorder.recordRepeated(grid.count, once);
      return repeatOverSteps(scaleSampleCounts(repeated, this.#evaluation, grid.count), this.#evaluation);
    }
    return this.#vector(expr, grid, func);
  }

  /** Plans an expression whose result is a scalar. */
  scalar(expr: Expr, grid: Grid): ScalarOperator {
    const { profile } = this.#evaluation;
    const plan = (): ScalarOperator => heldScalar(this.#scalarOverSteps(expr, grid), grid.count, this.#evaluation);
    return profile === undefined ? plan() : profile.scalar(expr, grid, plan);
  }

  #scalarOverSteps(expr: Expr, grid: Grid): ScalarOperator {
    this.#evaluation.recorder.recordScalar(grid.count);
    if (expr.kind === "number") return constant(expr.value, grid.count);
    if (grid.count > 1 && isStepInvariant(expr)) {
      this.#evaluation.profile?.noteOnce();
      const once = this.#scalar(expr, instantGrid(grid.start));
      return repeatScalarOverSteps(scaleScalarSampleCounts(once, this.#evaluation, grid.count), grid.count);
    }
    return this.#scalar(expr, grid);
  }

  /** Plans a range selector or a subquery. */
  range(expr: Expr, grid: Grid, func = ""): RangeSource {
    const argument = withoutParens(expr);
    const { profile } = this.#evaluation;
    const plan = (): RangeSource => this.#range(argument, grid, func);
    return profile === undefined ? plan() : profile.range(argument, grid, plan);
  }

  #range(argument: Expr, grid: Grid, func: string): RangeSource {
    const { recorder } = this.#evaluation;
    if (argument.kind === "matrixSelector")
      return recorder.recordRange(argument, this.#selectors.range(argument, grid, func));
    if (argument.kind === "subquery") return recorder.recordRange(argument, this.#subquery(argument, grid));
    throw executionError(`unhandled expression of type: ${argument.kind}`);
  }

  #subquery(expr: SubqueryExpr, grid: Grid): RangeSource {
    const { frame, grid: inner } = this.#selectors.subqueryFrame(expr, grid);
    const innerWindow = { grid: inner, offset: this.#selectors.offsetOf(expr), range: frame.rangeMs };
    this.#evaluation.recorder.subqueries.set(expr, innerWindow);
    return this.#selectors.subquery(this.vector(expr.expr, inner), inner, frame);
  }

  /** Plans a vector. A part that occurs several times in a query is evaluated only once. */
  #vector(expr: Expr, grid: Grid, func: string): VectorOperator {
    const result = this.#common.of(expr, grid);
    const { recorder, profile } = this.#evaluation;
    const alone = recorder.recordVector(expr, grid.count, this.#alone(expr, grid, func));
    if (result === undefined) return alone;
    recorder.addEqual(result.parts, expr);
    return shared(profile?.shared(alone) ?? alone, result, grid.count, this.#evaluation);
  }

  #alone(expr: Expr, grid: Grid, func: string): VectorOperator {
    switch (expr.kind) {
      case "paren":
        return this.vector(expr.expr, grid, func);
      case "vectorSelector":
        return expr.smoothed ? this.#smoothed(expr, grid, func) : this.#instant(expr, grid, func);
      case "unary":
        return this.#unary(expr, grid);
      case "binary":
        return this.#binary(expr, grid);
      case "aggregate":
        return planAggregate(expr, grid, this.#evaluation, this);
      case "call":
        return this.#call(expr, grid);
      default:
        throw executionError(`unhandled expression of type: ${expr.kind}`);
    }
  }

  #instant(expr: VectorSelector, grid: Grid, func: string): VectorOperator {
    const { selection, moments } = this.#selectors.instant(expr, grid, func);
    return select(this.#evaluation, selection, grid, moments);
  }

  #smoothed(expr: VectorSelector, grid: Grid, func: string): VectorOperator {
    const source = this.#selectors.smoothed(expr, grid, func);
    const call = {
      frame: source.frame,
      scalars: [],
      evaluation: this.#evaluation,
      position: expr.position,
      scalarPosition: expr.position,
      func,
    };
    return window(
      source,
      this.#evaluation,
      (_signal, held) => Promise.resolve(smoothKernel({ ...call, held })),
      (list) => list,
    );
  }

  #unary(expr: UnaryExpr, grid: Grid): VectorOperator {
    const input = this.vector(expr.expr, grid);
    if (expr.op === "+") return input;
    const negated = mapSeries(
      input,
      (list) => dropNames(list, this.#evaluation),
      (column) => {
        const { values } = column;
        for (let step = 0; step < values.length; step++) values[step] = -values[step]!;
        replaceHistograms(column, (histogram) => new HistogramBuilder(histogram).multiply(-1).toHistogram());
      },
    );
    return resolveDuplicates(negated, grid.count, this.#evaluation, "merge");
  }

  #binary(expr: BinaryExpr, grid: Grid): VectorOperator {
    const evaluation = this.#evaluation;
    const leftScalar = valueTypeOf(expr.lhs) === "scalar";
    if (leftScalar || valueTypeOf(expr.rhs) === "scalar") {
      const vector = this.vector(leftScalar ? expr.rhs : expr.lhs, grid);
      const scalar = this.scalar(leftScalar ? expr.lhs : expr.rhs, grid);
      const combined = binaryWithScalar(vector, scalar, leftScalar, expr, grid.count, evaluation);
      return resolveDuplicates(combined, grid.count, evaluation, "merge");
    }
    const left = this.vector(expr.lhs, grid);
    const right = this.vector(expr.rhs, grid);
    switch (expr.op) {
      case "and":
        return filterByPresence(left, right, true, expr.matching!, grid.count, evaluation);
      case "unless":
        return filterByPresence(left, right, false, expr.matching!, grid.count, evaluation);
      case "or":
        return resolveDuplicates(
          union(left, right, expr.matching!, grid.count, evaluation),
          grid.count,
          evaluation,
          "merge by step",
        );
      default:
        return binary(left, right, expr, grid.count, evaluation);
    }
  }

  #call(expr: Call, grid: Grid): VectorOperator {
    const evaluation = this.#evaluation;
    if (expr.func === "timestamp" || expr.func === "start_timestamp") return this.#timestamp(expr, grid);
    if (expr.func === "info") return planInfo(expr, grid, evaluation, this);
    const overRange = RANGE_FUNCTIONS[expr.func];
    if (overRange !== undefined) return this.#rangeCall(expr, overRange, grid);
    const make = VECTOR_FUNCTIONS[expr.func];
    if (make === undefined) throw executionError(`unknown function with name "${expr.func}"`);
    return resolveDuplicates(make(this.#functionCall(expr, grid)), grid.count, evaluation, "merge");
  }

  #functionCall(expr: Call, grid: Grid): FunctionCall {
    return {
      expr: { ...expr, args: expr.args.map(withoutParens) },
      grid,
      evaluation: this.#evaluation,
      vector: (index) => this.vector(expr.args[index]!, grid, expr.func),
      scalar: (index) => this.scalar(expr.args[index]!, grid),
      range: (index) => {
        this.#requireModifier(expr, expr.args[index]!, {});
        return this.range(expr.args[index]!, grid, expr.func);
      },
      text: (index) => textOf(expr.args[index]!),
    };
  }

  #rangeCall(
    expr: Call,
    { kernel, keepsName, ...modifiers }: RangeFunction & { kernel: RangeKernelFactory },
    grid: Grid,
  ): VectorOperator {
    const evaluation = this.#evaluation;
    const args = expr.args.map(withoutParens);
    const rangeIndex = args.findIndex((arg) => valueTypeOf(arg) === "matrix");
    const argument = args[rangeIndex]!;
    this.#requireModifier(expr, argument, modifiers);
    const source = this.range(argument, grid, expr.func);
    const scalars = args.filter((_, index) => index !== rangeIndex).map((arg) => this.scalar(arg, grid));
    const makeKernel: Parameters<typeof window>[2] = async (signal, held) => {
      const values: Float64Array[] = [];
      for (const scalar of scalars) values.push(await scalar.evaluate(signal));
      held.add(8 * values.length * grid.count);
      for (const scalar of scalars) scalar.close();
      const { position: rankPosition } = argument;
      const position = argument.kind === "subquery" ? { ...START, rankPosition } : rankPosition;
      return kernel({
        frame: source.frame,
        scalars: values,
        evaluation,
        held,
        position,
        scalarPosition: args[0]!.position,
        func: expr.func,
      });
    };
    const result = window(
      source,
      evaluation,
      makeKernel,
      keepsName ? (list) => list : (list) => dropNames(list, evaluation),
    );
    return resolveDuplicates(
      result,
      grid.count,
      evaluation,
      evaluation.features.delayedNameRemoval ? "merge" : "refuse",
    );
  }

  #requireModifier(expr: Call, argument: Expr, allowed: { anchored?: true; smoothed?: true }): void {
    if (argument.kind !== "matrixSelector") return;
    for (const modifier of ["anchored", "smoothed"] as const) {
      if (!argument.selector[modifier] || allowed[modifier]) continue;
      const names = Object.keys(RANGE_FUNCTIONS)
        .filter((name) => RANGE_FUNCTIONS[name]![modifier])
        .sort();
      throw executionError(`${modifier} modifier can only be used with: ${names.join(", ")} - not with ${expr.func}`);
    }
  }

  /** Implements timestamp(). Returns the time of the sample for a plain selector, otherwise the evaluation time. */
  #timestamp(expr: Call, grid: Grid): VectorOperator {
    const argument = withoutParens(expr.args[0]!);
    const evaluation = this.#evaluation;
    const start = expr.func === "start_timestamp";
    if (argument.kind === "vectorSelector") {
      if (start && !evaluation.features.useStartTimestamps) return emptyVector;
      const { selection, moments } = this.#selectors.timestamped(argument, grid, expr.func);
      if (moments.lookbackMs === 0) return emptyVector;
      const times = select(evaluation, selection, grid, moments, start ? "startTimestamp" : "timestamp");
      const named = mapSeries(
        times,
        (list) => dropNames(list, evaluation),
        () => {},
      );
      return resolveDuplicates(named, grid.count, evaluation, "merge");
    }
    if (start) return emptyVector;
    const times = mapSeries(
      this.vector(argument, grid, expr.func),
      (list) => dropNames(list, evaluation),
      (column) => {
        column.histograms = undefined;
        for (let step = 0; step < grid.count; step++) {
          if (column.present[step] === 0) continue;
          column.values[step] = (grid.start + step * grid.step) / 1000;
          column.present[step] = 1;
        }
      },
    );
    return resolveDuplicates(times, grid.count, evaluation, "merge");
  }

  #scalar(expr: Expr, grid: Grid): ScalarOperator {
    switch (expr.kind) {
      case "paren":
        return this.scalar(expr.expr, grid);
      case "unary": {
        const input = this.scalar(expr.expr, grid);
        return expr.op === "+" ? input : combineScalars([input], grid.count, (value) => -value);
      }
      case "binary":
        return combineScalars(
          [this.scalar(expr.lhs, grid), this.scalar(expr.rhs, grid)],
          grid.count,
          scalarOperation(expr.op),
        );
      case "call": {
        const folded = this.#queryConstant(expr.func);
        if (folded !== undefined) return constant(folded, grid.count);
        const make = SCALAR_FUNCTIONS[expr.func];
        if (make !== undefined) return make(this.#functionCall(expr, grid));
        throw executionError(`unknown function with name "${expr.func}"`);
      }
      default:
        throw executionError(`unhandled expression of type: ${expr.kind}`);
    }
  }

  /**
   * Returns the value of start(), end(), range() or step() in seconds, or undefined for other functions. Inside
   * subqueries, these functions also refer to the whole query.
   */
  #queryConstant(func: string): number | undefined {
    const { grid, end } = this.#evaluation;
    switch (func) {
      case "start":
        return grid.start / 1000;
      case "end":
        return end / 1000;
      case "range":
        return (end - grid.start) / 1000;
      case "step":
        return end > grid.start ? grid.step / 1000 : 0;
      default:
        return undefined;
    }
  }
}

/** Position of warnings and infos about results of subqueries: the start of the query, as in Prometheus. */
const START: Position = { start: 0, end: 0 };
