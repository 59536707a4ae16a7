// Exports the parser and printer of expressions without the engine, for programs that do not evaluate queries
// themselves.
export { certainLabels } from "./labels/certain-labels.ts";
export { mayHave, type ResultLabels, resultLabels } from "./labels/result-labels.ts";
export { unionOfMatchers } from "./restrict/matcher-union.ts";
export { restrictQuery, restrictSelectorTexts } from "./restrict/restrict-query.ts";
export type { AggregateExpr, BinaryExpr, Call, Expr, VectorSelector } from "./syntax/ast.ts";
export { mapSelectors } from "./syntax/map-selectors.ts";
export { type ExpressionResult, parseExpression, parseSelector } from "./syntax/parse.ts";
export { prettyPrint } from "./syntax/pretty.ts";
export { printExpression } from "./syntax/printer.ts";
export type { ParserOptions } from "./syntax/token-stream.ts";
export { valueTypeOf } from "./syntax/value-type.ts";
export { walk } from "./syntax/walk.ts";
