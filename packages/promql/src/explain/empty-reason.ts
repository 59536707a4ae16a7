import { formatDuration, formatFloat, type Matcher, METRIC_NAME } from "@narthex/model";
import { isComparison } from "../operators/element.ts";
import type { BinaryExpr, Call, Expr, MatrixSelector, VectorSelector } from "../syntax/ast.ts";
import { printExpression } from "../syntax/printer.ts";
import { valueTypeOf } from "../syntax/value-type.ts";
import { joins, reasonOfJoin } from "./join-reason.ts";
import type { PartProfile } from "./query-profile.ts";
import { type MeantMatcher, reasonOfSelector } from "./selector-reason.ts";
import type { ExpressionText } from "./expression-text.ts";
import type { StoredData } from "./stored-data.ts";

export interface EmptyReason {
  /** The reason as a sentence. */
  readonly text: string;
  /** The first part of the query that has no result. */
  readonly expression: string;
  readonly suggestion?: Suggestion;
}

/** A query that the user may have meant. */
export interface Suggestion {
  /** The name or value that is used. */
  readonly use: string;
  /** The misspelled name or value. */
  readonly instead: string;
  /** The whole query with the suggested word. */
  readonly query: string;
}

/** Functions that need at least two samples in a range. */
const OF_TWO = new Set("rate increase delta irate idelta deriv predict_linear double_exponential_smoothing".split(" "));

/** Explains why the result of a query is empty, from the results of its parts and from the stored data. */
export class EmptyReasons {
  readonly #data: StoredData;
  readonly #texts: ExpressionText;
  readonly #lookbackMs: number;
  readonly #evaluated = new Map<string, PartProfile>();

  constructor(data: StoredData, texts: ExpressionText, lookbackMs: number) {
    this.#texts = texts;
    this.#data = data;
    this.#lookbackMs = lookbackMs;
  }

  /** @param root root of a plan from tidyPlan(), whose result is empty */
  of(root: PartProfile): Promise<EmptyReason> {
    this.#noteEvaluated(root);
    return this.#of(root);
  }

  #noteEvaluated(part: PartProfile): void {
    if (part.isShared && part.isEvaluated) this.#evaluated.set(keyOf(part), part);
    for (const input of part.inputs) this.#noteEvaluated(input);
  }

  /**
   * Explains why a part of the query is empty. If the part uses the result of an equal part elsewhere in the query,
   * explains why that equal part is empty.
   */
  async #of(given: PartProfile): Promise<EmptyReason> {
    const isGiven = given.isShared && !given.isEvaluated;
    const part = (isGiven ? this.#evaluated.get(keyOf(given)) : undefined) ?? given;
    const { expr } = part;
    if (part.grid.count === 0) return this.#reasonOf(part, "The query has no step: its start is after its end.");
    switch (expr.kind) {
      case "vectorSelector":
        return this.#ofSelector(part, expr, this.#lookbackMs, "lookback");
      case "matrixSelector":
        return this.#ofRange(part, expr);
      case "binary":
        return this.#ofBinary(part, expr);
      case "call":
        return this.#ofCall(part, expr);
      case "aggregate": {
        const empty = emptyInput(part);
        if (empty !== undefined) return this.#of(empty);
        return this.#reasonOf(part, `${expr.op} selected none of the ${seriesOf(part.inputs[0]!)}.`);
      }
      default: {
        const empty = emptyInput(part);
        return empty === undefined ? this.#reasonOf(part, `${this.#texts.of(expr)} has no result.`) : this.#of(empty);
      }
    }
  }

  async #ofSelector(
    part: PartProfile,
    { matchers }: VectorSelector,
    windowMs: number,
    window: "lookback" | "range",
  ): Promise<EmptyReason> {
    // For a selector with the modifier `smoothed`, the selected series are recorded at the input of the part, not at
    // the part itself.
    const selection = part.selections[0] ?? part.inputs[0]?.selections[0];
    const text = this.#texts.of(part.expr);
    if (selection === undefined) return this.#reasonOf(part, `${text} was not evaluated.`);
    const { start, end } = selection.request;
    const sought = { text, matchers, range: { start, end }, windowMs, window };
    const { text: sentence, meant } = await reasonOfSelector(sought, this.#data);
    const suggestion = meant && this.#suggestionOf(part.expr, meant);
    return { ...this.#reasonOf(part, sentence), ...(suggestion && { suggestion }) };
  }

  #suggestionOf(expr: Expr, { word, instead, matcher }: MeantMatcher): Suggestion | undefined {
    const fixed = withMatcher(expr, instead, matcher);
    const query = fixed && this.#texts.withPart(expr, printExpression(fixed));
    return query === undefined
      ? undefined
      : { use: matcher.name === instead.name ? matcher.value : matcher.name, instead: word, query };
  }

  #ofRange(part: PartProfile, expr: MatrixSelector): Promise<EmptyReason> {
    return this.#ofSelector(part, expr.selector, part.selections[0]?.request.range ?? expr.rangeMs, "range");
  }

  async #ofBinary(part: PartProfile, expr: BinaryExpr): Promise<EmptyReason> {
    const vectors = part.inputs.filter(({ expr: input }) => valueTypeOf(input) === "vector");
    const [left, right] = vectors;
    if (left === undefined) return this.#reasonOf(part, `${this.#texts.of(expr)} has no result.`);
    if (left.series === 0) return this.#of(left);
    if (right === undefined) return this.#reasonOf(part, this.#reasonOfFilter(expr, left));
    if (expr.op === "unless")
      return this.#reasonOf(part, `unless removed all ${seriesOf(left)}: each has a matching series on the right.`);
    if (right.series === 0) return this.#of(right);
    if (!joins(left.labels, right.labels, expr.matching!))
      return this.#reasonOf(part, reasonOfJoin(expr, left.labels, right.labels, isPartial(left) || isPartial(right)));
    if (isComparison(expr.op) && !expr.returnBool) return this.#reasonOf(part, this.#reasonOfFilter(expr, left, right));
    return this.#reasonOf(part, `Series on both sides of ${expr.op} match, but never have samples at the same step.`);
  }

  async #ofCall(part: PartProfile, expr: Call): Promise<EmptyReason> {
    const inputs = part.inputs.filter(({ expr: input }) => valueTypeOf(input) !== "scalar");
    const [input] = inputs;
    if (expr.func === "absent" || expr.func === "absent_over_time")
      return this.#reasonOf(
        part,
        `${expr.func}() has a result only if its argument has no samples. The argument has ${seriesOf(input!)}.`,
      );
    const empty = emptyInput(part);
    if (empty !== undefined) return this.#of(empty);
    if (input !== undefined && OF_TWO.has(expr.func)) return this.#reasonOf(part, await this.#reasonOfTwo(expr, input));
    if (expr.func.startsWith("histogram_") && input !== undefined)
      return this.#reasonOf(part, reasonOfHistogram(expr, input));
    // Reads the number of selected series at timestamp() itself, because timestamp(selector) selects the series without
    // an input part.
    const [selection] = part.selections;
    const [argument] = expr.args;
    if (selection !== undefined && argument?.kind === "vectorSelector")
      return this.#ofSelector(part, argument, this.#lookbackMs, "lookback");
    return this.#reasonOf(
      part,
      `${expr.func}() returned no sample for ${input === undefined ? "its arguments" : `its ${seriesOf(input)}`}.`,
    );
  }

  async #reasonOfTwo({ func }: Call, input: PartProfile): Promise<string> {
    const request = input.selections[0]?.request;
    const head = `${func}() needs two samples in a window`;
    if (request === undefined) return `${head}, and none of the ${seriesOf(input)} has them.`;
    const range = formatDuration(request.range);
    const wide = { start: request.start - 10 * request.range, end: request.end };
    const interval = await this.#data.interval(request.matchers, wide);
    const apart = interval === undefined ? "" : `: they are ${formatDuration(Math.round(interval))} apart`;
    return `${head}, and none of the ${seriesOf(input)} has more than one within ${range}${apart}.`;
  }

  /** Returns the sentence for a comparison that was false for all series. */
  #reasonOfFilter(expr: BinaryExpr, ...sides: readonly PartProfile[]): string {
    if (!isComparison(expr.op)) return `${expr.op} cannot be applied to any of the ${seriesOf(sides[0]!)}.`;
    const spans = sides.map((side) => valuesOf(side));
    const [vector, other] = spans;
    if (other !== undefined)
      return `The comparison ${this.#texts.of(expr)} removed all of the ${seriesOf(sides[0]!)}: ${vector} on the left, ${other} on the right.`;
    return `The comparison ${this.#texts.of(expr)} removed all of the ${seriesOf(sides[0]!)}: ${vector}.`;
  }

  #reasonOf({ expr }: PartProfile, text: string): EmptyReason {
    return { text, expression: this.#texts.of(expr) };
  }
}

/** Returns a selector with another matcher. Undefined for all other expressions. */
function withMatcher(expr: Expr, instead: Matcher, matcher: Matcher): Expr | undefined {
  if (expr.kind === "matrixSelector") return { ...expr, selector: selectorWith(expr.selector, instead, matcher) };
  return expr.kind === "vectorSelector" ? selectorWith(expr, instead, matcher) : undefined;
}

function selectorWith(expr: VectorSelector, instead: Matcher, matcher: Matcher): VectorSelector {
  const isName = expr.name !== "" && instead.name === METRIC_NAME && instead.value === expr.name;
  const matchers = expr.matchers.map((one) => (one === instead ? matcher : one));
  return { ...expr, matchers, name: isName ? matcher.value : expr.name };
}

/** Returns a key by which equal parts of the query are found. */
const keyOf = ({ expr }: PartProfile): string => printExpression(expr);

/** Returns whether some labels are missing: only the labels of a part's first series are recorded. */
const isPartial = ({ labels, series }: PartProfile): boolean => labels.length < series;

const seriesOf = ({ series }: PartProfile): string => `${series} series`;

/** Returns the first input of a part that has no result, or undefined. */
const emptyInput = ({ inputs }: PartProfile): PartProfile | undefined =>
  inputs.find(({ expr, series }) => valueTypeOf(expr) !== "scalar" && valueTypeOf(expr) !== "string" && series === 0);

function valuesOf({ least, greatest, hasHistograms }: PartProfile): string {
  if (least > greatest) return hasHistograms ? "they are histograms" : "there are no numbers";
  if (least === greatest) return `the value is ${formatFloat(least)}`;
  return `values are between ${formatFloat(least)} and ${formatFloat(greatest)}`;
}

function reasonOfHistogram({ func }: Call, input: PartProfile): string {
  const hasBuckets = input.labels.some((labels) => labels.has("le"));
  const name = input.labels[0]?.get(METRIC_NAME) ?? "";
  const which = name === "" ? "" : ` (such as ${name})`;
  if (hasBuckets)
    return `${func}() found no whole histogram in ${seriesOf(input)}: each needs buckets up to le="+Inf".`;
  return `${func}() needs native histograms or series with the label le, but its argument has neither: it has ${seriesOf(input)}${which}.`;
}
