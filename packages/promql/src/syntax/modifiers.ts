import type { AtModifier, DurationOperand, Expr, MatrixSelector, SubqueryExpr, VectorSelector } from "./ast.ts";
import { millisecondsOf } from "./parse-duration.ts";
import type { TokenStream } from "./token-stream.ts";

type Modifiable = VectorSelector | MatrixSelector | SubqueryExpr;

const isModifiable = (expr: Expr): expr is Modifiable =>
  expr.kind === "vectorSelector" || expr.kind === "matrixSelector" || expr.kind === "subquery";

/**
 * Returns the syntax node that stores the offset and `@` of a selector. For a range selector, this is the instant
 * selector within it.
 */
const holderOf = (expr: Modifiable): VectorSelector | SubqueryExpr =>
  expr.kind === "matrixSelector" ? expr.selector : expr;

function withChanges(
  stream: TokenStream,
  expr: Modifiable,
  changes: Partial<Pick<VectorSelector, "offsetMs" | "offsetExpr" | "at">>,
): Expr {
  const position = { start: expr.position.start, end: stream.last.end };
  if (expr.kind === "matrixSelector") return { ...expr, selector: { ...expr.selector, ...changes }, position };
  return { ...expr, ...changes, position };
}

/** Applies the modifier `offset` to an expression. */
export function applyOffset(stream: TokenStream, expr: Expr, offset: DurationOperand): Expr {
  if (!isModifiable(expr)) {
    stream.report(
      expr.position,
      "offset modifier must be preceded by an instant vector selector or range vector selector or a subquery",
    );
    return expr;
  }
  const holder = holderOf(expr);
  if (holder.offsetMs !== 0 || holder.offsetExpr !== null)
    stream.report(expr.position, "offset may not be set multiple times");
  const changes = offset.kind === "number" ? { offsetMs: millisecondsOf(offset.value) } : { offsetExpr: offset };
  return withChanges(stream, expr, changes);
}

/** Applies the modifier `@` with start(), end() or a timestamp to an expression. */
export function applyAt(stream: TokenStream, expr: Expr, at: AtModifier): Expr {
  if (!isModifiable(expr)) {
    stream.report(
      expr.position,
      "@ modifier must be preceded by an instant vector selector or range vector selector or a subquery",
    );
    return expr;
  }
  if (holderOf(expr).at !== null) stream.report(expr.position, "@ <timestamp> may not be set multiple times");
  return withChanges(stream, expr, { at });
}

/** Applies the modifier `@` with a timestamp in seconds to an expression. */
export function applyTimestamp(stream: TokenStream, expr: Expr, seconds: number): Expr {
  if (!(Math.abs(seconds) < 2 ** 63))
    stream.report(expr.position, `timestamp out of bounds for @ modifier: ${formatFixed(seconds)}`);
  const ms = Math.sign(seconds) * Math.round(Math.abs(seconds) * 1000) + 0;
  return applyAt(stream, expr, { kind: "timestamp", ms });
}

/** Formats a number as Go's `%f`, for values that are not finite or too large for a timestamp. */
function formatFixed(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  return `${BigInt(value)}.000000`;
}

/** Applies the modifier `anchored` or `smoothed` to an expression. */
export function applyExtension(stream: TokenStream, expr: Expr, modifier: "anchored" | "smoothed"): Expr {
  const refuse = (message: string): Expr => {
    stream.report(expr.position, message);
    return expr;
  };
  if (stream.options.extendedRangeSelectors !== true)
    return refuse(`${modifier} modifier is experimental and not enabled`);
  if (expr.kind === "subquery") return refuse(`${modifier} modifier is not supported for subqueries`);
  if (expr.kind !== "vectorSelector" && expr.kind !== "matrixSelector")
    return refuse(`${modifier} modifier not implemented`);
  const before = expr.kind === "matrixSelector" ? expr.selector : expr;
  const selector = { ...before, [modifier]: true };
  if (selector.anchored && selector.smoothed) refuse("anchored and smoothed modifiers cannot be used together");
  return expr.kind === "matrixSelector" ? { ...expr, selector } : selector;
}
