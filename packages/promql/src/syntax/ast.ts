import type { Matcher } from "@narthex/model";

/** Byte offsets in the UTF-8 text of the expression; `end` is after the last byte. */
export interface Position {
  readonly start: number;
  readonly end: number;
}

/** Type of an expression's value. `none` is used only for syntax that is not an expression. */
export type ValueType = "none" | "scalar" | "vector" | "matrix" | "string";

type ArithmeticOperator = "+" | "-" | "*" | "/" | "%" | "^" | "atan2";
type ComparisonOperator = "==" | "!=" | "<" | "<=" | ">" | ">=";
type SetOperator = "and" | "or" | "unless";
/** Operators that trim histograms: `</` keeps the observations below the right side, `>/` those above. */
type TrimOperator = "</" | ">/";
export type BinaryOperator = ArithmeticOperator | ComparisonOperator | SetOperator | TrimOperator;

export type AggregateOperator =
  | "sum"
  | "avg"
  | "count"
  | "min"
  | "max"
  | "group"
  | "stddev"
  | "stdvar"
  | "topk"
  | "bottomk"
  | "count_values"
  | "quantile"
  | "limitk"
  | "limit_ratio";

export type DurationOperator = "+" | "-" | "*" | "/" | "%" | "^" | "step" | "range" | "min_of" | "max_of";

/** A number such as `5`, `0x1F` or `Inf`, or a duration such as `5m` (the number 300, in seconds). */
export interface NumberLiteral {
  readonly kind: "number";
  readonly value: number;
  /** Whether the text was a duration. The number is then printed as a duration. */
  readonly duration: boolean;
  readonly position: Position;
}

interface StringLiteral {
  readonly kind: "string";
  readonly value: string;
  readonly position: Position;
}

/** The time that an `@` modifier sets: milliseconds since 1970, or the start or end of the query. */
export type AtModifier =
  | { readonly kind: "timestamp"; readonly ms: number }
  | { readonly kind: "start" }
  | { readonly kind: "end" };

/** An instant selector: `name{matchers} @ at offset d anchored|smoothed`. */
export interface VectorSelector {
  readonly kind: "vectorSelector";
  /** The metric name if it is written before the braces; otherwise empty. */
  readonly name: string;
  /** All matchers, including the one for `__name__`. */
  readonly matchers: readonly Matcher[];
  /** The offset in whole milliseconds; 0 until `offsetExpr`, a computed offset, is evaluated. */
  readonly offsetMs: number;
  readonly offsetExpr: DurationExpr | null;
  readonly at: AtModifier | null;
  readonly anchored: boolean;
  readonly smoothed: boolean;
  readonly position: Position;
}

/** A range selector: `selector[range]`. Modifiers after the bracket belong to the selector. */
export interface MatrixSelector {
  readonly kind: "matrixSelector";
  readonly selector: VectorSelector;
  /** The range in whole milliseconds; 0 until `rangeExpr`, a computed range, is evaluated. */
  readonly rangeMs: number;
  readonly rangeExpr: DurationExpr | null;
  readonly position: Position;
}

/** `expr[range:step]`. */
export interface SubqueryExpr {
  readonly kind: "subquery";
  readonly expr: Expr;
  readonly rangeMs: number;
  readonly rangeExpr: DurationExpr | null;
  /** Step in milliseconds; 0 if no step is given, so that the engine's default applies. */
  readonly stepMs: number;
  readonly stepExpr: DurationExpr | null;
  readonly offsetMs: number;
  readonly offsetExpr: DurationExpr | null;
  readonly at: AtModifier | null;
  readonly position: Position;
}

/** A call of a function by name. `functionSignature(func)` returns its signature. */
export interface Call {
  readonly kind: "call";
  readonly func: string;
  readonly args: readonly Expr[];
  readonly position: Position;
}

export interface AggregateExpr {
  readonly kind: "aggregate";
  readonly op: AggregateOperator;
  readonly expr: Expr;
  /** The argument k, φ, ratio or label name of aggregations such as topk and quantile; otherwise null. */
  readonly param: Expr | null;
  readonly grouping: readonly string[];
  /** Whether the clause is `without` instead of `by`. */
  readonly without: boolean;
  readonly position: Position;
}

type MatchCardinality = "one-to-one" | "many-to-one" | "one-to-many" | "many-to-many";

/** How a binary operator pairs the elements of two vectors. */
export interface VectorMatching {
  readonly card: MatchCardinality;
  /** The labels in the clause `on` or `ignoring`. */
  readonly labels: readonly string[];
  /** Whether the clause is `on` instead of `ignoring`. */
  readonly on: boolean;
  /** Labels of `group_left` or `group_right`, which are copied from the "one" side. */
  readonly include: readonly string[];
  /**
   * Value for a missing element on the left or the right side. With null, an element without a counterpart is dropped.
   */
  readonly fillLeft: number | null;
  readonly fillRight: number | null;
}

export interface BinaryExpr {
  readonly kind: "binary";
  readonly op: BinaryOperator;
  readonly lhs: Expr;
  readonly rhs: Expr;
  /** How elements are paired; null unless both sides are vectors. */
  readonly matching: VectorMatching | null;
  /** Whether a comparison has the modifier `bool`, so that it returns 0 or 1 and does not filter. */
  readonly returnBool: boolean;
  readonly position: Position;
}

export interface UnaryExpr {
  readonly kind: "unary";
  readonly op: "+" | "-";
  readonly expr: Expr;
  readonly position: Position;
}

interface ParenExpr {
  readonly kind: "paren";
  readonly expr: Expr;
  readonly position: Position;
}

/** A duration: a literal, or a computation that may use the step and range of the query. In seconds. */
export type DurationOperand = NumberLiteral | DurationExpr;

/**
 * A computed duration in seconds. `lhs` is null for unary operators. For `step()` and `range()`, both operands are
 * null. A plain `(5m)` is the operator `+` with a null `lhs` and with `wrapped`.
 */
export interface DurationExpr {
  readonly kind: "duration";
  readonly op: DurationOperator;
  readonly lhs: DurationOperand | null;
  readonly rhs: DurationOperand | null;
  /** Whether the expression is in parentheses. */
  readonly wrapped: boolean;
  readonly position: Position;
}

export type Expr =
  | AggregateExpr
  | BinaryExpr
  | Call
  | MatrixSelector
  | NumberLiteral
  | ParenExpr
  | StringLiteral
  | SubqueryExpr
  | UnaryExpr
  | VectorSelector;
