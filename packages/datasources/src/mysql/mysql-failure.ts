import { connectFailure } from "../sql/connect-failure.ts";
import { QueryFailure } from "../query-failure.ts";

interface ServerError {
  readonly errno: number;
  readonly sqlState: string;
  readonly sqlMessage: string;
  readonly code: string;
}

const MAX_MESSAGE = 4000;
/** Errors whose messages reveal nothing except the mistake in the query: syntax, unknown column, unknown table. */
const OPEN_ERRORS: ReadonlySet<number> = new Set([1064, 1054, 1146]);
/** Remedies for errors of a statement. The messages of these errors are not passed on. */
const REMEDIES: ReadonlyMap<number, string> = new Map([
  [1142, "the user of the source needs the right to read this table"],
  [1143, "the user of the source needs the right to read this column"],
  [1242, "a subquery must return one row"],
  [1370, "the user of the source needs the right to execute this routine"],
  [1792, "queries are read-only: remove what writes, locks or calls functions that write"],
]);
/** Errors of statements that the server has ended at the time limit, in MariaDB and MySQL. */
const TIMEOUTS: ReadonlySet<number> = new Set([1969, 3024]);
/** Login errors: wrong user or password, no access to the database, unknown database, host not permitted. */
const REFUSALS: ReadonlyMap<number, string> = new Map([
  [1044, "the user has no right to the database"],
  [1045, "the user or the password is wrong"],
  [1049, "the database does not exist"],
  [1130, "the server does not accept connections from this host"],
  [1698, "the user or the password is wrong"],
]);

const isServerError = (error: unknown): error is ServerError =>
  error instanceof Error && "errno" in error && typeof (error as Partial<ServerError>).sqlMessage === "string";

/**
 * Converts the error of a statement. As in Grafana, only messages about mistakes in the query are passed on; other
 * messages may contain users, hosts and permissions.
 */
export function statementFailure(error: unknown): QueryFailure {
  if (!isServerError(error)) return connectFailure(error);
  const { errno, sqlState, sqlMessage, code } = error;
  if (TIMEOUTS.has(errno))
    return new QueryFailure(
      504,
      "db query error: the server ended the statement at the time limit; select fewer rows, or raise the source's timeout",
    );
  const remedy = REMEDIES.get(errno);
  const reason = OPEN_ERRORS.has(errno)
    ? `Error ${errno} (${sqlState}): ${sqlMessage.slice(0, MAX_MESSAGE)}`
    : `query failed - the server reports ${code} (${errno})${remedy === undefined ? "" : `; ${remedy}`}`;
  return new QueryFailure(400, `db query error: ${reason}`);
}

/** Converts the error of a connection attempt. */
export function loginFailure(error: unknown): QueryFailure {
  if (error instanceof QueryFailure) return error;
  if (isServerError(error)) {
    const reason = REFUSALS.get(error.errno) ?? `the server reports ${error.code} (${error.errno})`;
    return new QueryFailure(502, `the data source refuses the connection: ${reason}`);
  }
  const { message = "" } = error as { readonly message?: string };
  if (message.includes("mysql_clear_password"))
    return new QueryFailure(
      502,
      "the data source asks for the password without encryption; allowCleartextPasswords permits this",
    );
  return connectFailure(error);
}
