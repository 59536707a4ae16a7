import type { QueryResult, SampleCounts } from "@narthex/promql";
import type { PieceOptions, ResponsePiece } from "../response/response-pieces.ts";
import type { ResultAnnotations } from "../scheduler/query-lane.ts";
import type { Charge } from "./memory-account.ts";

/** The context of a running job: its deadline, its memory, and its turns on the thread. */
export interface JobContext extends PieceOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly charge: Charge;
  /** Called when the evaluation of a query begins, with counts of its samples, which are updated. */
  readonly began: (counts: SampleCounts) => void;
  /** Lets other jobs of the thread run. Resolves when this job may continue. */
  readonly yieldTurn: () => Promise<void>;
  /**
   * Does the same as yieldTurn, but returns undefined if no other job of the thread has run. Undefined if the job has
   * its own thread.
   */
  readonly resumed?: () => Promise<void> | undefined;
}

/** A response that is serialized piece by piece while the reader takes the pieces. */
export interface WrittenResponse {
  readonly annotations: ResultAnnotations & Partial<Pick<QueryResult, "stats">>;
  readonly pieces: AsyncIterable<ResponsePiece> | Iterable<ResponsePiece>;
}
