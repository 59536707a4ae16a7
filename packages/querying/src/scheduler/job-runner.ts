import type { QueryResult } from "@narthex/promql";
import type { Listing } from "../listing/listing.ts";
import type { Purpose } from "../evaluation/memory-account.ts";
import type { JobPlace } from "./active-jobs.ts";
import type { QueryRequest, StreamedResponse } from "./query-lane.ts";
import type { ExpressionFormat } from "../evaluation/expression-format.ts";

/** Format of a result. `plan` and `analysis` describe the query; an analysis also runs it. */
export type ResultFormat = "json" | "json with stats" | "columns" | "plan" | "analysis";

/** A job to run. A new kind needs changes here, in worker-messages.ts and in evaluator.ts. */
export type Job =
  | { readonly kind: "query"; readonly request: QueryRequest; readonly form: ResultFormat }
  | { readonly kind: "list"; readonly listing: Listing };

export interface JobOptions {
  readonly purpose: Purpose;
  /** How long the job has waited, and how long it may still take, in ms. */
  readonly queuedMs: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly gzip: boolean;
  /** Functions that cancel the running jobs of the same kind, including those whose response is being sent. */
  readonly running: Set<(reason: Error) => void>;
  /** Called when the job starts on a thread, and again if it is started again on another one. */
  readonly placed: (place: JobPlace) => void;
}

export type JobResult = { readonly result: QueryResult } | { readonly answer: StreamedResponse };

/** Runs jobs whose turn has come. */
export interface JobRunner {
  run(job: Job, setting: JobOptions): Promise<JobResult>;
  /** Parses an expression without evaluating it. Resolves with JSON. Rejects with QueryError. */
  parse(text: string, format: ExpressionFormat): Promise<string>;
  close(): Promise<void>;
}
