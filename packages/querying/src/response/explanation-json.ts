import { goJson } from "@narthex/model";
import type { Explanation } from "@narthex/promql";
import { JsonBytes } from "./json-bytes.ts";
import { type ResponsePiece, PieceWriter } from "./response-pieces.ts";

/** What was explained. */
export interface ExplainedQuery {
  readonly text: string;
  /** The thread it was explained on. */
  readonly thread: string;
}

/** The answer of an explained query up to the envelope's tail. Plans are as short as queries: one piece has all of it. */
export function writeExplanation(
  { plan, result, reason }: Explanation,
  { text, thread }: ExplainedQuery,
  gzip: boolean,
): readonly ResponsePiece[] {
  const analysis = result && {
    thread,
    resultType: result.type,
    series: result.series.length,
    ...(reason && { reason: reason.text, reasonIn: reason.expression }),
    stats: result.stats,
  };
  const out = new JsonBytes(4096);
  out.text(`{"status":"success","data":${goJson({ query: text, analyzed: result !== undefined, ...analysis, plan })}`);
  return [new PieceWriter(gzip).cut(out, true)];
}
