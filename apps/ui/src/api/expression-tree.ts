/** A matcher of a selector. */
export interface SelectorMatcher {
  readonly name: string;
  readonly type: "=" | "!=" | "=~" | "!~";
  readonly value: string;
}

/** When a selector or subquery looks, apart from the evaluation time; milliseconds. */
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

/** How the sides of a binary operation find their partners. */
export interface VectorMatching {
  readonly card: "one-to-one" | "many-to-one" | "one-to-many" | "many-to-many";
  readonly labels: readonly string[];
  readonly on: boolean;
  readonly include: readonly string[];
  readonly fillValues?: { readonly lhs: number | null; readonly rhs: number | null };
}

/** A node of the tree that `/parse_query` answers. Ranges and steps are milliseconds. */
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
