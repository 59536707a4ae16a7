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

export interface WorkerSettings extends EngineLimits {
  readonly sources: readonly SourceHandles[];
  readonly account: AccountHandles;
  readonly heartbeat: SharedArrayBuffer;
  readonly progress: SharedArrayBuffer;
  readonly name: string;
  readonly reuse: ReuseSettings | undefined;
}

interface PostedJob {
  readonly id: number;
  readonly purpose: Purpose;
  /** Time that the job may still take, ms. */
  readonly timeoutMs: number;
  readonly gzip: boolean;
  readonly progressSlot: number;
}

export interface WorkerQuery extends PostedJob {
  readonly kind: "query";
  readonly form: ResultFormat;
  readonly text: string;
  readonly time: QueryTime;
  readonly lookbackMs: number | undefined;
  readonly limit: number;
  readonly subqueryStepMs: number;
  readonly samplesOf: "query" | "steps" | undefined;
  /** Time in ms for which the query has waited for its turn. */
  readonly queuedMs: number;
}

export interface WorkerListing extends PostedJob {
  readonly kind: "list";
  readonly listing: Listing;
}

export interface WorkerParse {
  readonly kind: "parse";
  readonly id: number;
  readonly format: ExpressionFormat;
  readonly text: string;
}

export type WorkerJob = WorkerQuery | WorkerListing | WorkerParse;

/**
 * A message to a worker thread. `more` means that the receiver took a piece of a response; the message returns memory
 * of sent pieces. `reuse` means that the receiver takes no more pieces; the message returns the memory. `ping` makes
 * the thread record a number in its heartbeat.
 */
export type WorkerRequest =
  | WorkerJob
  | { readonly kind: "cancel" | "ping"; readonly id: number }
  | { readonly kind: "more" | "reuse"; readonly id: number; readonly memory: readonly SharedArrayBuffer[] };

/** A message from a worker thread. The first message about a job is `answer`, `columns`, `parsed` or `failed`. */
export type WorkerMessage =
  | { readonly kind: "ready" }
  | { readonly kind: "columns"; readonly id: number; readonly result: PackedResult }
  | {
      readonly kind: "answer";
      readonly id: number;
      readonly annotations: ResultAnnotations & Partial<Pick<QueryResult, "stats">>;
      readonly bytes: Uint8Array;
      readonly last: boolean;
      /** For a gzip response: checksum and length of the uncompressed text so far, for the gzip trailer. */
      readonly sum: GzipSum | undefined;
    }
  | {
      readonly kind: "piece";
      readonly id: number;
      readonly bytes: Uint8Array;
      readonly last: boolean;
      readonly sum: GzipSum | undefined;
    }
  | { readonly kind: "parsed"; readonly id: number; readonly json: string }
  | {
      readonly kind: "failed";
      readonly id: number;
      /** The kind of a mistake in the query; undefined for other errors. */
      readonly errorKind: QueryErrorKind | undefined;
      readonly message: string;
      readonly stats: QueryStats | undefined;
    };

export type JobMessage = Exclude<WorkerMessage, { kind: "ready" }>;

/** Number of pieces of a response that a worker thread sends before the receiver takes the first piece. */
export const PIECES_AHEAD = 4;
