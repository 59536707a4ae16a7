import type { QueryResult, SampleCounts } from "@narthex/promql";
import type { PieceOptions, ResponsePiece } from "../response/response-pieces.ts";
import type { ResultAnnotations } from "../scheduler/query-lane.ts";
import type { Charge } from "./memory-account.ts";

/** Describes what a running query or listing needs: its deadline, its memory, and its turns on the thread. */
export interface JobContext extends PieceOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly charge: Charge;
  /** Called when the evaluation of a query begins. The given counts of samples are updated during the query. */
  readonly began: (counts: SampleCounts) => void;
  /** Lets other jobs of the thread run. Resolves when it is this job's turn. */
  readonly yieldTurn: () => Promise<void>;
  /**
   * Waits for this job's turn like yieldTurn(), if another job of the thread has run since. Otherwise returns
   * undefined. Undefined if the job has its own thread.
   */
  readonly resumed?: () => Promise<void> | undefined;
}

/** A response that is created piece by piece, each when the reader asks for it. */
export interface WrittenResponse {
  readonly annotations: ResultAnnotations & Partial<Pick<QueryResult, "stats">>;
  readonly pieces: AsyncIterable<ResponsePiece> | Iterable<ResponsePiece>;
}
