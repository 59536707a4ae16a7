import type { QueryErrorKind, QueryStats, QueryTime } from "@narthex/promql";
import type { ReadMemory, StorageHandles } from "@narthex/tsdb";
import type { GzipSum } from "./gzip-pieces.ts";
import type { LaneLimits } from "./lane-engine.ts";
import type { AnswerFacts } from "./query-lane.ts";
import type { PackedResult } from "./packed-result.ts";
import type { AnswerForm } from "./query-runner.ts";
import type { ReadingForm } from "./reading.ts";

/** What a query thread is started with. */
export interface ThreadSettings extends LaneLimits {
  readonly handles: StorageHandles;
  readonly memory: ReadMemory;
}

/** A query for a thread. */
export interface ThreadQuery {
  readonly kind: "query";
  readonly id: number;
  readonly form: AnswerForm;
  readonly text: string;
  readonly time: QueryTime;
  readonly lookbackMs: number | undefined;
  /** What is left of its time. */
  readonly timeoutMs: number;
  readonly limit: number;
  readonly gzip: boolean;
  readonly subqueryStepMs: number;
  readonly samplesOf: "query" | "steps" | undefined;
  /** How long it has waited for a slot. */
  readonly queuedMs: number;
}

/** An expression that a thread is to read, not to evaluate. */
export interface ThreadReading {
  readonly kind: "read";
  readonly id: number;
  readonly form: ReadingForm;
  readonly text: string;
}

/** What a thread is told. `more`: one more piece of an answer was taken. */
export type ThreadOrder = ThreadQuery | ThreadReading | { readonly kind: "cancel" | "more"; readonly id: number };

/** What a thread posts. The first word on a query is `answer`, `columns` or `failed`. */
export type ThreadReport =
  | { readonly kind: "ready" }
  | { readonly kind: "columns"; readonly id: number; readonly result: PackedResult }
  | {
      readonly kind: "answer";
      readonly id: number;
      readonly facts: AnswerFacts;
      readonly bytes: Uint8Array;
      readonly last: boolean;
      /** Set where the bytes are gzip. */
      readonly sum: GzipSum | undefined;
    }
  | {
      readonly kind: "piece";
      readonly id: number;
      readonly bytes: Uint8Array;
      readonly last: boolean;
      readonly sum: GzipSum | undefined;
    }
  /** JSON of an expression that was read. */
  | { readonly kind: "read"; readonly id: number; readonly json: string }
  | {
      readonly kind: "failed";
      readonly id: number;
      /** undefined: no mistake of the query. */
      readonly errorKind: QueryErrorKind | undefined;
      readonly message: string;
      readonly stats: QueryStats | undefined;
    };

/** Pieces of an answer that are under way before the thread waits for one to be taken. */
export const PIECES_AHEAD = 4;
