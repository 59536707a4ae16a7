import { failureReason } from "@narthex/http";
import { QueryFailure } from "../query-failure.ts";
import { tlsFailure } from "./tls-failure.ts";

/**
 * Converts the reason why a server did not answer to an error for the user. The message does not contain the server's
 * address, because viewers of a dashboard see the message.
 */
export function reachFailure(error: unknown): QueryFailure {
  if (error instanceof QueryFailure) return error;
  const failure = tlsFailure(error);
  if (failure !== undefined) return failure;
  const reason = failureReason(error)
    .replace(/^dial unix \S+: /, "")
    .replace(/^dial \S+(?: \[?[\w.:%-]+\]?:\d+)?: (?:lookup \S+: )?/, "");
  return new QueryFailure(502, `the data source cannot be reached: ${reason}`);
}
