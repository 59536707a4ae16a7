export interface SelectorMatcher {
  readonly name: string;
  readonly type: "=" | "!=" | "=~" | "!~";
  readonly value: string;
}

/** Time shift in ms that `offset` or `@` causes for a selector or a subquery. */
export interface TimeShift {
  readonly offset: number;
  readonly offsetExpr?: ExpressionNode | null;
  readonly timestamp?: number | null;
  readonly startOrEnd?: "start" | "end" | null;
}

interface SelectorBase extends TimeShift {
  readonly name: string;
  readonly matchers: readonly SelectorMatcher[];
  readonly anchored?: boolean;
  readonly smoothed?: boolean;
}

/** How a binary operation matches the series of its two sides. */
export interface VectorMatching {
  readonly card: "one-to-one" | "many-to-one" | "one-to-many" | "many-to-many";
  readonly labels: readonly string[];
  readonly on: boolean;
  readonly include: readonly string[];
  readonly fillValues?: { readonly lhs: number | null; readonly rhs: number | null };
}

/** A node of the tree that `/parse_query` returns. Ranges and steps are milliseconds. */
export type ExpressionNode =
  | ({ readonly type: "vectorSelector" } & SelectorBase)
  | ({
      readonly type: "matrixSelector";
      readonly range: number;
      readonly rangeExpr?: ExpressionNode | null;
    } & SelectorBase)
  | ({
      readonly type: "subquery";
      readonly expr: ExpressionNode;
      readonly range: number;
      readonly rangeExpr?: ExpressionNode | null;
      readonly step: number;
      readonly stepExpr?: ExpressionNode | null;
    } & TimeShift)
  | {
      readonly type: "aggregation";
      readonly op: string;
      readonly expr: ExpressionNode;
      readonly param: ExpressionNode | null;
      readonly grouping: readonly string[];
      readonly without: boolean;
    }
  | {
      readonly type: "binaryExpr";
      readonly op: string;
      readonly lhs: ExpressionNode;
      readonly rhs: ExpressionNode;
      readonly matching: VectorMatching | null;
      readonly bool: boolean;
    }
  | { readonly type: "call"; readonly func: { readonly name: string }; readonly args: readonly ExpressionNode[] }
  | { readonly type: "unaryExpr"; readonly op: string; readonly expr: ExpressionNode }
  | { readonly type: "parenExpr"; readonly expr: ExpressionNode }
  | { readonly type: "numberLiteral"; readonly val: string; readonly duration?: boolean }
  | { readonly type: "stringLiteral"; readonly val: string }
  | {
      readonly type: "durationExpr";
      readonly op: string;
      readonly lhs: ExpressionNode | null;
      readonly rhs: ExpressionNode | null;
      readonly wrapped: boolean;
    };
