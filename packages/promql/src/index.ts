export type { MemoryCharge } from "./budget.ts";
export { AGGREGATORS, MODIFIERS, OPERATORS } from "./syntax/token.ts";
export { eventLoopYielder, Deadline, type EngineClock } from "./deadline.ts";
export {
  type ActiveQuery,
  createEngine,
  DEFAULT_FEATURES,
  type Engine,
  type EngineOptions,
  type EngineRequest,
  type QueryTime,
  type SampleCounts,
} from "./engine.ts";
export type { EmptyReason } from "./explain/empty-reason.ts";
export type { Explanation } from "./explain/explanation.ts";
export type { PartMeasures, PartSelection, PlanPart } from "./explain/plan-part.ts";
export type { QueryFeatures } from "./evaluation.ts";
export { ABSENT, FLOAT, HISTOGRAM, type SeriesColumn } from "./operators/operator.ts";
export { LruCache } from "./lru-cache.ts";
export { QueryGate } from "./query-gate.ts";
export { QueryError, type QueryErrorKind } from "./query-error.ts";
export {
  forEachSample,
  type OmittedAnnotations,
  type QueryResult,
  type QueryStats,
  type QueryTimings,
  type ResultSeries,
  type ResultType,
  scalarValue,
  secondsOf,
  queuedQueryStats,
} from "./query-result.ts";
export type {
  AggregateExpr,
  AggregateOperator,
  ArithmeticOperator,
  AtModifier,
  BinaryExpr,
  BinaryOperator,
  Call,
  ComparisonOperator,
  DurationExpr,
  DurationOperand,
  DurationOperator,
  Expr,
  MatchCardinality,
  MatrixSelector,
  NumberLiteral,
  ParenExpr,
  Position,
  SetOperator,
  StringLiteral,
  SubqueryExpr,
  TrimOperator,
  UnaryExpr,
  ValueType,
  VectorMatching,
  VectorSelector,
} from "./syntax/ast.ts";
export {
  type ExpressionResult,
  type MetricResult,
  type ParseFailure,
  parseExpression,
  parseMetric,
  parseSelector,
  parseSelectors,
  type SelectorResult,
  type SelectorsResult,
} from "./syntax/parse.ts";
export { lineAndColumn, ParseError } from "./syntax/parse-error.ts";
export { expressionToJson, type Json } from "./syntax/parse-json.ts";
export { prettyPrint } from "./syntax/pretty.ts";
export { printExpression } from "./syntax/printer.ts";
export { argumentCount, FUNCTION_SIGNATURES, type FunctionSignature, functionSignature } from "./syntax/signatures.ts";
export { parseSeriesDescription, type SequenceValue, type SeriesResult } from "./syntax/series-values.ts";
export { QUERY_LIMITS, SELECTOR_LIMITS, TextBudget, type TextLimits } from "./syntax/text-budget.ts";
export type { ParserOptions } from "./syntax/token-stream.ts";
export { documentedType, valueTypeOf } from "./syntax/value-type.ts";
export { childrenOf, walk } from "./syntax/walk.ts";
