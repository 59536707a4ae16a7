import { goJson } from "@narthex/model";
import type { Explanation, PlanPart } from "@narthex/promql";
import { JsonBytes } from "./json-bytes.ts";
import { MAIN_THREAD } from "../scheduler/thread-names.ts";
import { type PieceOptions, type ResponsePiece, PieceWriter } from "./response-pieces.ts";

/** The query that was explained. */
export interface ExplainedQuery {
  readonly text: string;
  /** The thread on which it was explained. */
  readonly thread: string;
}

/** The time of a part, by what the thread did, in seconds. */
interface ThreadTime {
  readonly thread: string;
  /** Time in which the thread worked on the part. */
  readonly workTime?: number;
  /** Time in which the thread ran other jobs and read messages in between. */
  readonly otherJobsTime?: number;
  /** Time of waiting for other servers, which the main thread queries. */
  readonly serverWaitTime?: number;
}

/**
 * Writes the answer of an explained query, without the envelope's end. A plan is as short as its query, so there is one
 * piece.
 */
export function writeExplanation(
  { plan, result, reason }: Explanation,
  { text, thread }: ExplainedQuery,
  options: PieceOptions,
): readonly ResponsePiece[] {
  const analysis = result && {
    thread,
    resultType: result.type,
    series: result.series.length,
    ...(reason && { reason: reason.text, reasonIn: reason.expression }),
    stats: result.stats,
  };
  const out = new JsonBytes(4096);
  out.text(
    `{"status":"success","data":${goJson({ query: text, analyzed: result !== undefined, ...analysis, plan: partByThreads(plan, thread) })}`,
  );
  return [new PieceWriter(options).cut(out, true)];
}

/**
 * Returns a part in the form of the answer, with its times by thread. A query has one thread; the main thread queries
 * other servers.
 */
function partByThreads({ measured, inputs, ...part }: PlanPart, thread: string): object {
  const parts = inputs.map((input) => partByThreads(input, thread));
  if (measured === undefined) return { ...part, inputs: parts };
  const { workTime, otherJobsTime, serverWaitTime, ...rest } = measured;
  const own: ThreadTime = { thread, workTime, otherJobsTime };
  const wait = serverWaitTime === 0 ? {} : { serverWaitTime };
  const threads =
    thread === MAIN_THREAD || serverWaitTime === 0 ? [{ ...own, ...wait }] : [own, { thread: MAIN_THREAD, ...wait }];
  return { ...part, measured: { ...rest, threads }, inputs: parts };
}
