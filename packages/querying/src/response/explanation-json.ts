import { goJson } from "@narthex/model";
import type { Explanation, PlanPart } from "@narthex/promql";
import { JsonBytes } from "./json-bytes.ts";
import { MAIN_THREAD } from "../scheduler/thread-names.ts";
import { type PieceOptions, type ResponsePiece, PieceWriter } from "./response-pieces.ts";

export interface ExplainedQuery {
  readonly text: string;
  /** Name of the thread on which the query was explained. */
  readonly thread: string;
}

/** Times in seconds that a thread has spent on a part of a query. */
interface ThreadTime {
  readonly thread: string;
  /** Seconds for which the thread computed the part. */
  readonly workTime?: number;
  /** Seconds for which the thread did other work while the part was evaluated. */
  readonly otherJobsTime?: number;
  /** Seconds of waiting for other servers. Only the main thread communicates with other servers. */
  readonly serverWaitTime?: number;
}

/**
 * Writes the response for an explained query in one piece, because a plan is short. The caller adds the end of the JSON
 * object.
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
    ...(reason && { reason: reason.text, reasonIn: reason.expression, suggestion: reason.suggestion }),
    stats: result.stats,
  };
  const out = new JsonBytes(4096);
  out.text(
    `{"status":"success","data":${goJson({ query: text, analyzed: result !== undefined, ...analysis, plan: partByThreads(plan, thread) })}`,
  );
  return [new PieceWriter(options).cut(out, true)];
}

/**
 * Converts a part of a plan to the form of the response, with its times by thread. A query runs on one thread, but only
 * the main thread communicates with other servers.
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
