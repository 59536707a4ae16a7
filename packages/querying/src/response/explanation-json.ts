import { goJson } from "@narthex/model";
import type { Explanation, PlanPart } from "@narthex/promql";
import { JsonBytes } from "./json-bytes.ts";
import { MAIN_THREAD } from "../scheduler/thread-names.ts";
import { type PieceOptions, type ResponsePiece, PieceWriter } from "./response-pieces.ts";

/** What was explained. */
export interface ExplainedQuery {
  readonly text: string;
  /** The thread it was explained on. */
  readonly thread: string;
}

/** How the time of a part divides by thread; seconds. */
interface ThreadTime {
  readonly thread: string;
  /** In which the thread was at work on the part. */
  readonly workTime?: number;
  /** In which it had turns of other jobs, and messages, in the midst of it. */
  readonly otherJobsTime?: number;
  /** In which other servers were waited for, which the main thread asks. */
  readonly serverWaitTime?: number;
}

/** The answer of an explained query up to the envelope's tail. Plans are as short as queries: one piece has all of it. */
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

/** A part as it is told, its times by thread. A query has one thread; other servers are asked by the main one. */
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
