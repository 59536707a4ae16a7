export type { MemoryCharge } from "./budget.ts";
export { AGGREGATORS, MODIFIERS, OPERATORS } from "./syntax/token.ts";
export { eventLoopYielder, Deadline } from "./deadline.ts";
export {
  createEngine,
  DEFAULT_FEATURES,
  type Engine,
  type EngineRequest,
  type QueryTime,
  type SampleCounts,
} from "./engine.ts";
export type { Explanation } from "./explain/explanation.ts";
export type { PlanPart } from "./explain/plan-part.ts";
export type { QueryFeatures } from "./evaluation.ts";
export { ABSENT, FLOAT, HISTOGRAM } from "./operators/operator.ts";
export { certainLabels } from "./labels/certain-labels.ts";
export { mayHave, type ResultLabels, resultLabels } from "./labels/result-labels.ts";
export { LruCache } from "./lru-cache.ts";
export { QueryGate } from "./query-gate.ts";
export { QueryError, type QueryErrorKind } from "./query-error.ts";
export {
  forEachSample,
  InstantSeries,
  type OmittedAnnotations,
  type QueryResult,
  type QueryStats,
  type ResultSeries,
  scalarValue,
  secondsOf,
  queuedQueryStats,
} from "./query-result.ts";
export { restrictQuery, restrictSelectorTexts } from "./restrict/restrict-query.ts";
export { restrictSelectors } from "./restrict/restrict-selectors.ts";
export type { AggregateExpr, BinaryExpr, Call, Expr, VectorSelector } from "./syntax/ast.ts";
export { type ExpressionResult, parseExpression, parseMetric, parseSelector, parseSelectors } from "./syntax/parse.ts";
export { expressionToJson } from "./syntax/parse-json.ts";
export { prettyPrint } from "./syntax/pretty.ts";
export { printExpression } from "./syntax/printer.ts";
export { argumentCount, FUNCTION_SIGNATURES, type FunctionSignature } from "./syntax/signatures.ts";
export { parseSeriesDescription, type SequenceValue } from "./syntax/series-values.ts";
export { QUERY_LIMITS, SELECTOR_LIMITS, TextBudget, type TextLimits } from "./syntax/text-budget.ts";
export type { ParserOptions } from "./syntax/token-stream.ts";
export { valueTypeOf } from "./syntax/value-type.ts";
export { walk } from "./syntax/walk.ts";
