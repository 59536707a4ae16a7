import { valueAt } from "@narthex/dashboards";
import type { DataSource, DataSourceSettings } from "../data-source.ts";
import type { DataSourceEnvironment } from "../environment.ts";
import { flagAt } from "../json-values.ts";
import { Destinations } from "../outgoing/destinations.ts";
import { QueryFailure } from "../query-failure.ts";
import { checkAddress } from "../sql/checked-socket.ts";
import { secretOf } from "../source-secret.ts";
import { databaseOf, serverAddress } from "../sql/sql-settings.ts";
import { unlessAborted } from "../sql/sql-session.ts";
import { SqlSource, statementTimeoutMs } from "../sql/sql-source.ts";
import { connectPostgres } from "./connect-postgres.ts";
import { postgresDialect } from "./postgres-dialect.ts";
import { sslMode, tlsOptions } from "./postgres-tls.ts";

const DEFAULT_PORT = 5432;

/** SQL for the name of a table, with its schema unless the schema is in the search path. */
const TABLE_NAME =
  "CASE WHEN table_schema::text = ANY (current_schemas(false)::text[]) THEN table_name::text " +
  "ELSE table_schema::text || '.' || table_name::text END";
const OWN_SCHEMAS = String.raw`table_schema NOT IN ('information_schema', 'pg_catalog') AND table_schema NOT LIKE '\_timescaledb%'`;

/** SQL that reports whether the user may change a table, create a table, or is a superuser. */
const RIGHTS =
  "SELECT coalesce((SELECT rolsuper FROM pg_roles WHERE rolname = current_user), false) " +
  "OR has_database_privilege(current_database(), 'CREATE') " +
  "OR EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace " +
  "WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('information_schema', 'pg_catalog') " +
  "AND n.nspname NOT LIKE 'pg\\_%' AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE'))";

/** Returns the source for PostgreSQL and TimescaleDB. Throws QueryFailure if the settings are invalid. */
export function postgresSource(settings: DataSourceSettings, environment: DataSourceEnvironment): DataSource {
  const { clock, destinations = new Destinations() } = environment;
  const address = serverAddress(settings, DEFAULT_PORT);
  checkAddress(address, destinations);
  sslMode(settings);
  if (settings.user === "") throw new QueryFailure(400, `data source "${settings.name}" has no user`);
  const timeoutMs = statementTimeoutMs(settings, environment);
  return new SqlSource(settings, environment, {
    dialect: postgresDialect(flagAt(settings.jsonData, "timescaledb") === true),
    async open(signal) {
      const { user } = settings;
      const login = { database: databaseOf(settings), user, password: secretOf(settings, "password") };
      const tls = await unlessAborted(signal, tlsOptions(settings), () => undefined);
      const target = { address: socketOf(address), ...login, tls };
      return connectPostgres(target, { clock, destinations, timeoutMs }, signal);
    },
    tables: { sql: `SELECT ${TABLE_NAME} FROM information_schema.tables WHERE ${OWN_SCHEMAS} ORDER BY 1 LIMIT 10000` },
    columns: (table) => ({
      sql:
        `SELECT column_name::text, data_type::text FROM information_schema.columns ` +
        `WHERE ${TABLE_NAME} = $1 AND ${OWN_SCHEMAS} ORDER BY ordinal_position`,
      values: [table],
    }),
    rights: { sql: RIGHTS },
    mayWrite: ([right]) => right !== undefined && valueAt(right, 0) === true,
  });
}

/** Returns the address with the socket's file name, because the settings contain only the folder. */
const socketOf = (address: ReturnType<typeof serverAddress>): typeof address =>
  "socket" in address && !address.socket.includes("/.s.PGSQL.")
    ? { ...address, socket: `${address.socket.replace(/\/$/, "")}/.s.PGSQL.${address.port}` }
    : address;
