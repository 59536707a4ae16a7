import { failureReason } from "@narthex/http";
import { QueryFailure } from "../query-failure.ts";

/** Returns the reason why a server did not answer, without its address: viewers of a dashboard see the text. */
export function reachFailure(error: unknown): QueryFailure {
  if (error instanceof QueryFailure) return error;
  const reason = failureReason(error).replace(/^dial \S+(?: \[?[\w.:%-]+\]?:\d+)?: (?:lookup \S+: )?/, "");
  return new QueryFailure(502, `the data source cannot be reached: ${reason}`);
}
