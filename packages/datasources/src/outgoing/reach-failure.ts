import { failureReason } from "@narthex/http";
import { QueryFailure } from "../query-failure.ts";

/**
 * Returns the error for a server that did not answer, with the reason. The message does not contain the server's
 * address, because viewers of a dashboard see it.
 */
export function reachFailure(error: unknown): QueryFailure {
  if (error instanceof QueryFailure) return error;
  const reason = failureReason(error).replace(/^dial \S+(?: \[?[\w.:%-]+\]?:\d+)?: (?:lookup \S+: )?/, "");
  return new QueryFailure(502, `the data source cannot be reached: ${reason}`);
}
