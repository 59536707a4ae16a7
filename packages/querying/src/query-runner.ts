import type { QueryResult } from "@narthex/promql";
import type { JsonAnswer, QueryOrder } from "./query-lane.ts";

export type AnswerForm = "json" | "json with stats" | "columns";

/** What a query has waited, and may still take. */
export interface Allowance {
  readonly queuedMs: number;
  readonly timeoutMs: number;
}

/** What a query came to, by the form that was asked for. */
export type Outcome = { readonly result: QueryResult } | { readonly json: JsonAnswer };

/** Runs queries that have their slot. */
export interface QueryRunner {
  run(order: QueryOrder, form: AnswerForm, allowance: Allowance): Promise<Outcome>;
  close(): Promise<void>;
}
