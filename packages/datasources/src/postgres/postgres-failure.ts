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
const LOST = /^(?:08(?!P01)|57P)/;
/** SQLSTATE of a statement with a parameter, such as `$1`, that has no value. */
const NO_VALUE = "08P01";
/** SQLSTATE of a statement that the server has cancelled, for example at the time limit. */
const CANCELED = "57014";

/** Errors of a login by the beginning of their SQLSTATE. Their messages may contain users, databases and hosts. */
const REFUSALS: readonly (readonly [state: string, reason: string])[] = [
  ["28", "the user or the password is wrong, or the server does not accept this user from this host"],
  ["3D", "the database does not exist"],
  ["42501", "the user has no right to the database"],
  ["53", "the server accepts no more connections"],
];

const isServerError = (error: unknown): error is ServerError =>
  error instanceof Error && "severity" in error && typeof (error as Partial<ServerError>).code === "string";

/** Converts the error of a statement. Messages of the server are passed on, as Grafana does. */
export function statementFailure(error: unknown): QueryFailure {
  if (!isServerError(error)) return connectFailure(error);
  const said = `db query error: ${written(error)}`;
  if (error.code === CANCELED)
    return new QueryFailure(504, `${said}; select fewer rows, or raise the source's timeout`);
  if (error.code === NO_VALUE) return new QueryFailure(400, `${said}; write a value instead of a parameter such as $1`);
  return new QueryFailure(LOST.test(error.code) ? 502 : 400, said);
}

/** Converts the error of a connection attempt. A message of the server about the login is not passed on. */
export function loginFailure(error: unknown): QueryFailure {
  if (error instanceof QueryFailure) return error;
  if (isServerError(error)) {
    const reason = REFUSALS.find(([state]) => error.code.startsWith(state))?.[1] ?? written(error);
    return new QueryFailure(502, `the data source refuses the connection: ${reason}`);
  }
  if (error instanceof Error && /password|SASL|SCRAM/.test(error.message))
    return new QueryFailure(502, "the data source refuses the connection: the user or the password is wrong");
  return connectFailure(error);
}

const written = ({ severity, code, message }: ServerError): string =>
  `${severity}: ${message.slice(0, MAX_MESSAGE).replaceAll(/ for host "[^"]*"/g, " for this host")} (SQLSTATE ${code})`;
