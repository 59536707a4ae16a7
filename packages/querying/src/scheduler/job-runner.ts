import type { QueryResult } from "@narthex/promql";
import type { Listing } from "../listing/listing.ts";
import type { Purpose } from "../evaluation/memory-account.ts";
import type { JobPlace } from "./active-jobs.ts";
import type { QueryRequest, StreamedResponse } from "./query-lane.ts";
import type { ExpressionFormat } from "../evaluation/expression-format.ts";

/** Format of a job's result. `plan` and `analysis` describe the query; `analysis` also runs the query. */
export type ResultFormat = "json" | "json with stats" | "columns" | "plan" | "analysis";

/** A job to run. A new kind of job needs changes in this file, worker-messages.ts and evaluator.ts. */
export type Job =
  | { readonly kind: "query"; readonly request: QueryRequest; readonly form: ResultFormat }
  | { readonly kind: "list"; readonly listing: Listing };

export interface JobOptions {
  readonly purpose: Purpose;
  /** Time in ms that the job has waited. `timeoutMs` is the time in ms that the job may still take. */
  readonly queuedMs: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly gzip: boolean;
  /** Cancel functions of the running jobs of the same kind, including jobs whose response is being sent. */
  readonly running: Set<(reason: Error) => void>;
  /**
   * Receives the thread on which the job starts. If the job is restarted on another thread, a second call passes the
   * new thread.
   */
  readonly placed: (place: JobPlace) => void;
}

export type JobResult = { readonly result: QueryResult } | { readonly answer: StreamedResponse };

/** Runs jobs that have left the queue. */
export interface JobRunner {
  run(job: Job, setting: JobOptions): Promise<JobResult>;
  /** Parses an expression without evaluating it. Resolves with JSON. Rejects with QueryError. */
  parse(text: string, format: ExpressionFormat): Promise<string>;
  close(): Promise<void>;
}
