import type { QueryResult } from "@narthex/promql";
import type { JsonAnswer, QueryOrder } from "./query-lane.ts";
import type { ReadingForm } from "./reading.ts";

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
  /** Reads an expression without evaluating it; resolves to JSON, rejects with QueryError. */
  read(text: string, form: ReadingForm): Promise<string>;
  close(): Promise<void>;
}
