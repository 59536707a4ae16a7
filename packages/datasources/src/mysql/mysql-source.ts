import type { Field } from "@narthex/dashboards";
import type { SslOptions } from "mysql2";
import type { DataSource, DataSourceSettings } from "../data-source.ts";
import type { DataSourceEnvironment } from "../environment.ts";
import { flagAt, textAt } from "../json-values.ts";
import { Destinations } from "../outgoing/destinations.ts";
import { QueryFailure } from "../query-failure.ts";
import { cellText } from "../sql/cell-text.ts";
import { checkAddress } from "../sql/checked-socket.ts";
import { secretOf } from "../source-secret.ts";
import { databaseOf, serverAddress } from "../sql/sql-settings.ts";
import { SqlSource, statementTimeoutMs } from "../sql/sql-source.ts";
import { connectMysql, type MysqlTarget } from "./connect-mysql.ts";
import { MYSQL_DIALECT } from "./mysql-dialect.ts";

const DEFAULT_PORT = 3306;

/** SQL for the name of a table, with its schema unless the table is in the source's database. */
const TABLE_NAME = "IF(table_schema = database(), table_name, CONCAT(table_schema, '.', table_name))";
const OWN_SCHEMAS = "table_schema NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys')";

const WRITE_RIGHTS = /\b(?:ALL PRIVILEGES|INSERT|UPDATE|DELETE|DROP|CREATE|ALTER|FILE|SUPER|EXECUTE)\b/;

/** Returns the source for MySQL and MariaDB. Throws QueryFailure if the settings are invalid. */
export function mysqlSource(settings: DataSourceSettings, environment: DataSourceEnvironment): DataSource {
  const { clock, destinations = new Destinations() } = environment;
  const target = targetOf(settings);
  checkAddress(target.address, destinations);
  const timeoutMs = statementTimeoutMs(settings, environment);
  return new SqlSource(settings, environment, {
    dialect: MYSQL_DIALECT,
    open: (signal) => connectMysql(target, { clock, destinations, timeoutMs }, signal),
    tables: { sql: `SELECT ${TABLE_NAME} FROM information_schema.tables WHERE ${OWN_SCHEMAS} ORDER BY 1 LIMIT 10000` },
    columns: (table) => ({
      sql:
        `SELECT column_name, data_type FROM information_schema.columns ` +
        `WHERE ${TABLE_NAME} = ? AND ${OWN_SCHEMAS} ORDER BY ordinal_position`,
      values: [table],
    }),
    rights: { sql: "SHOW GRANTS" },
    mayWrite,
  });
}

function targetOf(settings: DataSourceSettings): MysqlTarget {
  const { jsonData, user, name } = settings;
  if (user === "") throw new QueryFailure(400, `data source "${name}" has no user`);
  return {
    address: serverAddress(settings, DEFAULT_PORT),
    database: databaseOf(settings),
    user,
    password: secretOf(settings, "password"),
    serverName: textAt(jsonData, "serverName"),
    tls: tlsOf(settings),
    allowsCleartextPassword: flagAt(jsonData, "allowCleartextPasswords") === true,
    timeZone: textAt(jsonData, "timezone"),
  };
}

/** Returns the TLS options. As in Grafana, a certificate in the settings enables TLS. */
function tlsOf(settings: DataSourceSettings): SslOptions | undefined {
  const { jsonData } = settings;
  const ca = flagAt(jsonData, "tlsAuthWithCACert") === true ? secretOf(settings, "tlsCACert") : "";
  const hasClient = flagAt(jsonData, "tlsAuth") === true;
  const cert = hasClient ? secretOf(settings, "tlsClientCert") : "";
  const key = hasClient ? secretOf(settings, "tlsClientKey") : "";
  if (ca === "" && cert === "") return undefined;
  const isChecked = flagAt(jsonData, "tlsSkipVerify") !== true;
  return {
    rejectUnauthorized: isChecked,
    verifyIdentity: isChecked,
    ...(ca !== "" && { ca }),
    ...(cert !== "" && { cert }),
    ...(key !== "" && { key }),
  };
}

/** Reports whether the grants that the server lists permit writing. */
export function mayWrite([grants]: readonly Field[]): boolean {
  if (grants === undefined) return false;
  return Array.from({ length: grants.values.length }, (_, row) => cellText(grants, row) ?? "").some((grant) =>
    WRITE_RIGHTS.test(grant.split(" ON ")[0]!),
  );
}
