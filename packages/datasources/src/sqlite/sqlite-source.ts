import { statSync } from "node:fs";
import { basename, isAbsolute } from "node:path";
import { pathToFileURL } from "node:url";
import type { JsonObject } from "@narthex/dashboards";
import type { DataSource, DataSourceSettings, TimeRange } from "../data-source.ts";
import type { DataSourceEnvironment } from "../environment.ts";
import { textAt } from "../json-values.ts";
import { QueryFailure } from "../query-failure.ts";
import { SqlSource } from "../sql/sql-source.ts";
import { shapeSqliteResult } from "./shape-sqlite.ts";
import { SQLITE_DIALECT } from "./sqlite-dialect.ts";
import { StartRate } from "./start-rate.ts";

/** Largest number of processes of a source. Each needs about 50 MB of memory while it is open. */
const MAX_PROCESSES = 2;
/** Files of the dashboards role, which contain hashes of passwords. */
const OWN_FILES: ReadonlySet<string> = new Set(["grafana.db", "narthex.db"]);

/** Returns the source for a SQLite file. Throws QueryFailure if the settings are invalid. */
export function sqliteSource(settings: DataSourceSettings, environment: DataSourceEnvironment): DataSource {
  const file = fileOf(settings);
  const starts = new StartRate(environment.clock);
  return new SqlSource(settings, environment, {
    dialect: SQLITE_DIALECT,
    // The process starts when the first statement needs it.
    open: async (signal) => {
      checkFile(file.path);
      await starts.take(signal);
      const { SqliteSession } = await import("./sqlite-session.ts");
      return SqliteSession.open(file.location, signal);
    },
    maxConnections: MAX_PROCESSES,
    tables: {
      sql: "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY 1 LIMIT 10000",
    },
    columns: (table) => ({ sql: "SELECT name, type FROM pragma_table_info(?) ORDER BY cid", values: [table] }),
    healthy: "Data source is working",
    model: { textOf, shape: shapeSqliteResult },
  });
}

/** Returns the SQL of a query. The page writes it to `rawQueryText`; alert rules of Grafana have `queryText` only. */
function textOf(query: JsonObject, { from, to }: TimeRange): string {
  const text = textAt(query, "rawQueryText") || textAt(query, "queryText");
  return text.replaceAll("$__from", wholeSeconds(from)).replaceAll("$__to", wholeSeconds(to));
}

/** Returns a time in ms, rounded down to a second as in Grafana's plugin. */
const wholeSeconds = (ms: number): string => String(1000 * Math.floor(ms / 1000));

/**
 * Returns the path of the file, and the path or URL with which SQLite opens it. Throws QueryFailure. Only a provisioning
 * file may name a file of the machine, because it could be any file that the role may read.
 */
function fileOf({ name, jsonData, isProvisioned }: DataSourceSettings): {
  readonly path: string;
  readonly location: string;
} {
  const path = textAt(jsonData, "path");
  if (path === "") throw new QueryFailure(400, `data source "${name}" has no path; write the path of the SQLite file`);
  if (isProvisioned !== true)
    throw new QueryFailure(
      403,
      `data source "${name}" reads a file of this machine: define such a source in a provisioning file`,
    );
  if (!isAbsolute(path)) throw new QueryFailure(400, `the path of data source "${name}" does not begin with /`);
  if (OWN_FILES.has(basename(path).toLowerCase()))
    throw new QueryFailure(403, `data source "${name}" names a file of Grafana or Narthex, which contains secrets`);
  if (new URLSearchParams(textAt(jsonData, "pathOptions")).get("immutable") !== "1") return { path, location: path };
  return { path, location: `${pathToFileURL(path).href}?immutable=1` };
}

/** Throws QueryFailure if the path is not a regular file. Opening a pipe or a device could wait for ever. */
function checkFile(path: string): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw new QueryFailure(502, "error checking db: no file exists at the file path");
  if (!stats.isFile())
    throw new QueryFailure(502, "error checking db: the provided path is a directory or a device instead of a file");
}
