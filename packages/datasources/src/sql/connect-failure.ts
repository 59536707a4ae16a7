import { reachFailure } from "../outgoing/reach-failure.ts";
import { tlsFailure } from "../outgoing/tls-failure.ts";
import { QueryFailure } from "../query-failure.ts";

/**
 * Converts the reason why a connection failed to an error for the user. The message does not contain addresses, users
 * or passwords, because viewers of a dashboard see the message.
 */
export function connectFailure(error: unknown): QueryFailure {
  if (error instanceof QueryFailure) return error;
  const failure = tlsFailure(error);
  if (failure !== undefined) return failure;
  const { message = "" } = error as { readonly message?: string };
  if (/^Connection terminated|timeout expired|Connection lost|in closed state|LOCAL INFILE/.test(message))
    return new QueryFailure(502, "the data source cannot be reached: it closed the connection");
  return reachFailure(error);
}
