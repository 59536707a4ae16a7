import { mysqlLiteral } from "@narthex/dashboards";
import type { DataSource, DataSourceSettings } from "../data-source.ts";
import type { DataSourceEnvironment } from "../environment.ts";
import { numberAt, textAt } from "../json-values.ts";
import { SourceClient } from "../outgoing/source-client.ts";
import type { SqlSession } from "../sql/sql-session.ts";
import { SqlSource, statementTimeoutMs } from "../sql/sql-source.ts";
import { CLICKHOUSE_DIALECT } from "./clickhouse-dialect.ts";
import { clickhouseFrames } from "./clickhouse-frame.ts";
import { ClickhouseServer } from "./clickhouse-server.ts";
import { customSettings, httpSettings } from "./clickhouse-settings.ts";

const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** Tables of the source's database without its name, and those of the others with it. */
const TABLES =
  "SELECT if(database = currentDatabase(), name, concat(database, '.', name)) AS n FROM system.tables " +
  "WHERE database NOT IN ('system', 'information_schema', 'INFORMATION_SCHEMA') ORDER BY database, n LIMIT 10000";

/** Returns the source for ClickHouse. Throws QueryFailure if the settings are invalid. */
export function clickhouseSource(settings: DataSourceSettings, environment: DataSourceEnvironment): DataSource {
  const { clock, maxAnswerBytes: maxBytes = MAX_ANSWER_BYTES } = environment;
  const { jsonData } = settings;
  // The plugin's timeout of queries has a name of its own; its `timeout` is that of connecting.
  const timeout = numberAt(jsonData, "queryTimeout") ?? numberAt(jsonData, "timeout");
  const limited = { ...settings, jsonData: { ...jsonData, timeout } };
  const database = textAt(jsonData, "defaultDatabase") || textAt(jsonData, "database") || settings.database;
  const client = new SourceClient(httpSettings(limited), environment);
  const timeoutMs = statementTimeoutMs(limited, environment);
  const custom = customSettings(settings);
  const server = new ClickhouseServer({ client, clock, database, timeoutMs, maxBytes, custom });
  const session: SqlSession = {
    isUsable: true,
    destroy: () => undefined,
    run: ({ sql }, reader, signal) => server.run(withoutFormat(sql), reader, signal),
  };
  return new SqlSource(limited, environment, {
    dialect: CLICKHOUSE_DIALECT,
    open: () => Promise.resolve(session),
    tables: { sql: TABLES },
    columns: (table) => {
      const [name, inDatabase] = table.split(".").reverse() as [string, string | undefined];
      const where = inDatabase === undefined ? "currentDatabase()" : mysqlLiteral(inDatabase);
      const sql = `SELECT name, type FROM system.columns WHERE table = ${mysqlLiteral(name)} AND database = ${where}`;
      return { sql };
    },
    model: { shape: clickhouseFrames },
    close: () => server.close(),
  });
}

/** Removes `FORMAT name` and a semicolon from the end of a query, because answers are read in one format. */
export function withoutFormat(sql: string): string {
  const text = sql.trimEnd().replace(/;$/, "").trimEnd();
  const words = /\sFORMAT\s{1,20}\w{1,60}$/i.exec(text.slice(-100));
  return words === null ? text : text.slice(0, text.length - words[0].length);
}
