export { QueryDesk } from "./cache/query-desk.ts";
export type { SharedFlights } from "./cache/shared-flights.ts";
export { SharedAnswers } from "./cache/shared-answers.ts";
export type {
  DataQuery,
  DataSource,
  DataSourceSettings,
  QueryAnswer,
  RequestContext,
  Sameness,
  SourceOf,
} from "./data-source.ts";
export type { DataSourceEnvironment } from "./environment.ts";
export { runQueries, sourceReference } from "./mixed/run-queries.ts";
export { cloudSigner } from "./outgoing/cloud-signer.ts";
export { Destinations } from "./outgoing/destinations.ts";
export { httpClientOf } from "./outgoing/http-settings.ts";
export { proxyRight, type ProxyRight, UNKNOWN_ROUTES } from "./outgoing/proxy-routes.ts";
export { reachFailure } from "./outgoing/reach-failure.ts";
export { isExpression } from "./expressions/evaluate-expressions.ts";
export { SqliteEngine } from "./expressions/sql/sql-engine.ts";
export type { SqlEngine } from "./sql-engine.ts";
export { textAt, textsAt } from "./json-values.ts";
export { filteredExpression } from "./prometheus/filtered-expression.ts";
export { readExpression, WIDEST_LANGUAGE } from "./prometheus/read-expression.ts";
export { pluginKind } from "./plugin/plugin-kind.ts";
export { QueryFailure } from "./query-failure.ts";
export { type DataSourceKind, descriptionOf, type RulePaths } from "./data-source-kind.ts";
export { DATA_SOURCE_KINDS, dataSourceKind, openDataSource } from "./registry.ts";
export { statementProblem } from "./statement-problem.ts";
export { UnavailableSource } from "./unavailable-source.ts";
export { type RequestBudgets, requestBudgets } from "./value-budget.ts";
