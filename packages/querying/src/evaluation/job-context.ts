import type { QueryResult, SampleCounts } from "@narthex/promql";
import type { PieceOptions, ResponsePiece } from "../response/response-pieces.ts";
import type { ResultAnnotations } from "../scheduler/query-lane.ts";
import type { Charge } from "./memory-account.ts";

/** What a running job has: its deadline, its memory, and its share of the thread. */
export interface JobContext extends PieceOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly charge: Charge;
  /** Called when a query begins, with what counts its samples. */
  readonly began: (counts: SampleCounts) => void;
  /** Yields to the thread's other jobs; resolves when it is this job's turn again. */
  readonly yieldTurn: () => Promise<void>;
  /** Like yieldTurn, but returns undefined if no other job of the thread ran. Absent if the job shares no thread. */
  readonly resumed?: () => Promise<void> | undefined;
}

/** A response that is serialized piece by piece, as the pieces are taken. */
export interface WrittenResponse {
  readonly annotations: ResultAnnotations & Partial<Pick<QueryResult, "stats">>;
  readonly pieces: AsyncIterable<ResponsePiece> | Iterable<ResponsePiece>;
}
