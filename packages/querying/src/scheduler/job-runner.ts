import type { QueryResult } from "@narthex/promql";
import type { Listing } from "../listing/listing.ts";
import type { Purpose } from "../evaluation/memory-account.ts";
import type { JobPlace } from "./active-jobs.ts";
import type { QueryRequest, StreamedResponse } from "./query-lane.ts";
import type { ExpressionFormat } from "../evaluation/expression-format.ts";

/**
 * Form of a result. `plan` and `analysis` describe the query instead of its result; an analysis also runs the query.
 */
export type ResultFormat = "json" | "json with stats" | "columns" | "plan" | "analysis";

/** A job to run. A new kind needs changes here, in worker-messages.ts and in evaluator.ts. */
export type Job =
  | { readonly kind: "query"; readonly request: QueryRequest; readonly form: ResultFormat }
  | { readonly kind: "list"; readonly listing: Listing };

/** The options for running a job. */
export interface JobOptions {
  readonly purpose: Purpose;
  /** Time in ms for which the job has waited, and time that it may still take. */
  readonly queuedMs: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly gzip: boolean;
  /** Functions that end jobs of the lane which run or whose answer is being read. */
  readonly running: Set<(reason: Error) => void>;
  /** Called when the job begins, and again if it is restarted on another thread. */
  readonly placed: (place: JobPlace) => void;
}

/** The result of a job, in the requested form. */
export type JobResult = { readonly result: QueryResult } | { readonly answer: StreamedResponse };

/** Runs jobs that have got their slot. */
export interface JobRunner {
  run(job: Job, setting: JobOptions): Promise<JobResult>;
  /** Parses an expression without evaluating it. Resolves with JSON. Rejects with QueryError. */
  parse(text: string, format: ExpressionFormat): Promise<string>;
  close(): Promise<void>;
}
