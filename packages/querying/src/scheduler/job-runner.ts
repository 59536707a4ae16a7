import type { QueryResult } from "@narthex/promql";
import type { Listing } from "../listing/listing.ts";
import type { Purpose } from "../evaluation/memory-account.ts";
import type { JobPlace } from "./active-jobs.ts";
import type { QueryRequest, StreamedResponse } from "./query-lane.ts";
import type { ExpressionFormat } from "../evaluation/expression-format.ts";

/** `plan` and `analysis` tell of the query instead of answering it; for an analysis it is run. */
export type ResultFormat = "json" | "json with stats" | "columns" | "plan" | "analysis";

/** What is to be done. To add a kind: here, in worker-messages.ts and in evaluator.ts. */
export type Job =
  | { readonly kind: "query"; readonly request: QueryRequest; readonly form: ResultFormat }
  | { readonly kind: "list"; readonly listing: Listing };

/** How it is to be done. */
export interface JobOptions {
  readonly purpose: Purpose;
  /** What it has waited, and may still take. */
  readonly queuedMs: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly gzip: boolean;
  /** How each of the lane's jobs is ended, while it runs or its answer is taken. */
  readonly running: Set<(reason: Error) => void>;
  /** Called when it begins somewhere; again where it begins anew on another thread. */
  readonly placed: (place: JobPlace) => void;
}

/** What a job came to, by the form that was asked for. */
export type JobResult = { readonly result: QueryResult } | { readonly answer: StreamedResponse };

/** Does jobs that have their slot. */
export interface JobRunner {
  run(job: Job, setting: JobOptions): Promise<JobResult>;
  /** Parses an expression without evaluating it; resolves to JSON, rejects with QueryError. */
  parse(text: string, format: ExpressionFormat): Promise<string>;
  close(): Promise<void>;
}
