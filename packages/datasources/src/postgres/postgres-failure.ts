import { connectFailure } from "../sql/connect-failure.ts";
import { QueryFailure } from "../query-failure.ts";

interface ServerError {
  readonly severity: string;
  readonly code: string;
  readonly message: string;
}

/** Longest message of the server that is passed on. */
const MAX_MESSAGE = 4000;
/** Matches SQLSTATE codes with which a server ends a connection. */
const LOST = /^(?:08|57P)/;

const isServerError = (error: unknown): error is ServerError =>
  error instanceof Error && "severity" in error && typeof (error as Partial<ServerError>).code === "string";

/** Converts the error of a statement. Messages of the server are passed on, as Grafana does. */
export function statementFailure(error: unknown): QueryFailure {
  if (!isServerError(error)) return connectFailure(error);
  return new QueryFailure(LOST.test(error.code) ? 502 : 400, `db query error: ${written(error)}`);
}

/** Converts the error of a connection attempt. The server's message is passed on without addresses. */
export function loginFailure(error: unknown): QueryFailure {
  if (isServerError(error)) return new QueryFailure(502, `the data source refuses the connection: ${written(error)}`);
  if (error instanceof Error && /password|SASL|SCRAM/.test(error.message))
    return new QueryFailure(502, "the data source refuses the connection: the user or the password is wrong");
  return connectFailure(error);
}

const written = ({ severity, code, message }: ServerError): string =>
  `${severity}: ${message.slice(0, MAX_MESSAGE).replaceAll(/ for host "[^"]*"/g, " for this host")} (SQLSTATE ${code})`;
