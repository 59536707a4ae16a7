import { failureReason } from "@narthex/http";
import { QueryFailure } from "../query-failure.ts";

/** Why a server gave no answer, in words that tell no address: they reach whoever looks at a dashboard. */
export function reachFailure(error: unknown): QueryFailure {
  if (error instanceof QueryFailure) return error;
  const reason = failureReason(error).replace(/^dial \S+(?: \[?[\w.:%-]+\]?:\d+)?: (?:lookup \S+: )?/, "");
  return new QueryFailure(502, `the data source cannot be reached: ${reason}`);
}
