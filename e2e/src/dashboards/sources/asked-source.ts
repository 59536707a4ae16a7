import {
  type DataSource,
  type DataSourceSettings,
  openDataSource,
  type QueryAnswer,
  QueryDesk,
} from "@narthex/datasources";
import type { Frame } from "@narthex/dashboards";
import { systemClock } from "@narthex/runtime";

/** The time range of all queries: an hour in the night in which Europe changes to summer time. */
const RANGE = { from: Date.UTC(2024, 2, 31, 0, 30), to: Date.UTC(2024, 2, 31, 1, 30) };

/** A data source of the tested dashboards server, and functions that query it. */
export class AskedSource implements AsyncDisposable {
  readonly source: DataSource;

  constructor(settings: Partial<DataSourceSettings> & Pick<DataSourceSettings, "type" | "url">) {
    const none = { uid: "u", name: "S", user: "", database: "", basicAuth: false, basicAuthUser: "" };
    const more = { withCredentials: false, jsonData: {}, secureJsonData: {}, ...settings };
    const environment = { clock: systemClock, userAgent: "test", desk: new QueryDesk({ clock: systemClock }) };
    this.source = openDataSource({ ...none, ...more }, environment);
  }

  async ask(
    rawSql: string,
    format: "table" | "time_series" = "table",
    signal: AbortSignal = new AbortController().signal,
  ): Promise<QueryAnswer> {
    const query = { refId: "A", range: RANGE, intervalMs: 60_000, maxDataPoints: 100, source: { rawSql, format } };
    return (await this.source.query([query], signal)).get("A")!;
  }

  /** Runs a query. Resolves with the only frame of the answer. Throws if the query failed. */
  async frame(rawSql: string, format: "table" | "time_series" = "table"): Promise<Frame> {
    const { frames, error } = await this.ask(rawSql, format);
    if (error !== undefined) throw new Error(`${rawSql}: ${error}`);
    return frames[0]!;
  }

  /** Runs a query. Resolves with the cells of its table, row by row. */
  async rows(rawSql: string): Promise<unknown[][]> {
    return rowsOf(await this.frame(rawSql));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.source.close();
  }
}

export const rowsOf = ({ fields, length }: Frame): unknown[][] =>
  Array.from({ length }, (_, row) =>
    fields.map((field) => ("nulls" in field && field.nulls?.[row] === 1 ? null : field.values[row])),
  );

export const typesOf = ({ fields }: Frame): string[] => fields.map(({ type }) => type);
