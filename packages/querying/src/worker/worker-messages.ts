import type { QueryErrorKind, QueryResult, QueryStats, QueryTime } from "@narthex/promql";
import type { GzipSum } from "../response/gzip-pieces.ts";
import type { ResultFormat } from "../scheduler/job-runner.ts";
import type { EngineLimits } from "../evaluation/limited-engine.ts";
import type { ReuseSettings } from "../evaluation/evaluator.ts";
import type { Listing } from "../listing/listing.ts";
import type { AccountHandles, Purpose } from "../evaluation/memory-account.ts";
import type { PackedResult } from "./packed-result.ts";
import type { ResultAnnotations } from "../scheduler/query-lane.ts";
import type { ExpressionFormat } from "../evaluation/expression-format.ts";
import type { SourceHandles } from "../sources/source-handles.ts";

/** Settings that a worker receives when it is started. */
export interface WorkerSettings extends EngineLimits {
  readonly sources: readonly SourceHandles[];
  readonly account: AccountHandles;
  readonly heartbeat: SharedArrayBuffer;
  readonly progress: SharedArrayBuffer;
  readonly name: string;
  readonly reuse: ReuseSettings | undefined;
}

/** Properties of all kinds of jobs. */
interface PostedJob {
  readonly id: number;
  readonly purpose: Purpose;
  /** Time that the job may still take, ms. */
  readonly timeoutMs: number;
  readonly gzip: boolean;
  /** Slot of the job in the progress table. */
  readonly progressSlot: number;
}

/** A query that a worker runs. */
export interface WorkerQuery extends PostedJob {
  readonly kind: "query";
  readonly form: ResultFormat;
  readonly text: string;
  readonly time: QueryTime;
  readonly lookbackMs: number | undefined;
  readonly limit: number;
  readonly subqueryStepMs: number;
  readonly samplesOf: "query" | "steps" | undefined;
  /** Time for which the query has waited for a slot, ms. */
  readonly queuedMs: number;
}

export interface WorkerListing extends PostedJob {
  readonly kind: "list";
  readonly listing: Listing;
}

/** An expression that a worker parses without evaluating it. */
export interface WorkerParse {
  readonly kind: "parse";
  readonly id: number;
  readonly format: ExpressionFormat;
  readonly text: string;
}

export type WorkerJob = WorkerQuery | WorkerListing | WorkerParse;

/**
 * A message to a worker. `more`: the receiver has taken one more piece of an answer, and the given memory was sent and
 * can be used again. `reuse`: the receiver takes no more pieces, and the given memory is free. `ping`: the heartbeat
 * must acknowledge this number.
 */
export type WorkerRequest =
  | WorkerJob
  | { readonly kind: "cancel" | "ping"; readonly id: number }
  | { readonly kind: "more" | "reuse"; readonly id: number; readonly memory: readonly SharedArrayBuffer[] };

/** A message from a worker. The first message about a job is `answer`, `columns`, `parsed` or `failed`. */
export type WorkerMessage =
  | { readonly kind: "ready" }
  | { readonly kind: "columns"; readonly id: number; readonly result: PackedResult }
  | {
      readonly kind: "answer";
      readonly id: number;
      readonly annotations: ResultAnnotations & Partial<Pick<QueryResult, "stats">>;
      readonly bytes: Uint8Array;
      readonly last: boolean;
      /** Values of the gzip trailer; set if the bytes are gzip. */
      readonly sum: GzipSum | undefined;
    }
  | {
      readonly kind: "piece";
      readonly id: number;
      readonly bytes: Uint8Array;
      readonly last: boolean;
      readonly sum: GzipSum | undefined;
    }
  /** A parsed expression as JSON. */
  | { readonly kind: "parsed"; readonly id: number; readonly json: string }
  | {
      readonly kind: "failed";
      readonly id: number;
      /** Kind of a mistake in the query; undefined for other errors. */
      readonly errorKind: QueryErrorKind | undefined;
      readonly message: string;
      readonly stats: QueryStats | undefined;
    };

/** A worker's message about one job. */
export type JobMessage = Exclude<WorkerMessage, { kind: "ready" }>;

/** Number of pieces of an answer that a worker sends before the receiver takes one. */
export const PIECES_AHEAD = 4;
