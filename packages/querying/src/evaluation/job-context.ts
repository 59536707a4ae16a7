import type { QueryResult, SampleCounts } from "@narthex/promql";
import type { PieceOptions, ResponsePiece } from "../response/response-pieces.ts";
import type { ResultAnnotations } from "../scheduler/query-lane.ts";
import type { Charge } from "./memory-account.ts";

/**
 * The context of a running query or listing: its deadline, its memory, and functions to share the thread with other
 * jobs.
 */
export interface JobContext extends PieceOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly charge: Charge;
  /** Receives the sample counts when the evaluation of a query begins. The counts are updated while the query runs. */
  readonly began: (counts: SampleCounts) => void;
  /** Lets other jobs of the thread run. Resolves when it is this job's turn. */
  readonly yieldTurn: () => Promise<void>;
  /**
   * Waits like yieldTurn() if another job of the thread has run since this job's last turn; otherwise returns
   * undefined. Missing if the job has its own thread.
   */
  readonly resumed?: () => Promise<void> | undefined;
}

/** A response that is created in pieces, each when the reader asks for it. */
export interface WrittenResponse {
  readonly annotations: ResultAnnotations & Partial<Pick<QueryResult, "stats">>;
  readonly pieces: AsyncIterable<ResponsePiece> | Iterable<ResponsePiece>;
}
