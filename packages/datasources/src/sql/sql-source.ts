import { type Frame, type JsonObject, parseInterval } from "@narthex/dashboards";
import { reasonOf, runInTimeSlices, type Steps, TimeSlice } from "@narthex/runtime";
import {
  type Annotation,
  type DataQuery,
  type DataSource,
  type DataSourceSettings,
  type Health,
  type QueryAnswer,
  type RequestContext,
  type TimeRange,
  UNKNOWN_SENDER,
  type VariableValue,
} from "../data-source.ts";
import type { DataSourceEnvironment } from "../environment.ts";
import { numberAt, objectAt, textAt } from "../json-values.ts";
import { withDeadline } from "../outgoing/source-client.ts";
import { answerOfFailure, QueryFailure } from "../query-failure.ts";
import { requestBudgets, type ValueBudget } from "../value-budget.ts";
import { expandSql, type ExpandedSql } from "./macros.ts";
import { ResultReader } from "./result-frame.ts";
import { SessionPool } from "./session-pool.ts";
import { shapeResult } from "./shape-result.ts";
import {
  annotationsOf,
  columnsOf,
  MAX_ANNOTATIONS,
  MAX_OPTIONS,
  sqlOf,
  tablesOf,
  variableOptions,
} from "./sql-answers.ts";
import type { QueryShape, SqlDatabase, SqlResult } from "./sql-database.ts";
import type { SqlSession, SqlStatement } from "./sql-session.ts";
import { poolLimits } from "./sql-settings.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import { checkStatement } from "./statement-check.ts";

const DEFAULT_TIMEOUT_MS = 30_000;
/** Maximum delay of a JavaScript timer, and maximum time limit of PostgreSQL, ms. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;
const MAX_RESULT_BYTES = 64 * 1024 * 1024;
/** Maximum time of work on a result without a pause, ms. */
const SLICE_MS = 4;
/** Interval of macros in variables and annotations, which have no panel width. */
const DEFAULT_INTERVAL_MS = 60_000;
const MAX_LISTED = 10_000;
/** Properties of a query whose answer is a table: Grafana's own SQL sources have `format`, the SQLite plugin `queryType`. */
const AS_TABLE = { format: "table", queryType: "table" };
/** Property with which the SQLite plugin names columns of times. Annotations of the pages contain only the SQL. */
const ANNOTATION_TIMES = { timeColumns: ["time", "timeend"] };

interface Reading {
  readonly user: string;
  readonly signal: AbortSignal;
  readonly cells: ValueBudget;
  readonly maxRows?: number;
}

/** A data source that sends SQL to a database. Nothing is concatenated into the SQL except the results of macros. */
export class SqlSource implements DataSource {
  readonly #settings: DataSourceSettings;
  readonly #environment: DataSourceEnvironment;
  readonly #database: SqlDatabase;
  readonly #pool: SessionPool<SqlSession>;
  readonly #timeoutMs: number;
  readonly #minIntervalMs: number;

  constructor(settings: DataSourceSettings, environment: DataSourceEnvironment, database: SqlDatabase) {
    this.#settings = settings;
    this.#environment = environment;
    this.#database = database;
    const open = (signal: AbortSignal): Promise<SqlSession> => database.open(signal);
    const limits = poolLimits(settings, database.maxConnections);
    this.#pool = new SessionPool({ ...limits, clock: environment.clock, open });
    this.#timeoutMs = statementTimeoutMs(settings, environment);
    this.#minIntervalMs = parseInterval(textAt(settings.jsonData, "timeInterval")) ?? 0;
  }

  async query(
    queries: readonly DataQuery[],
    signal: AbortSignal,
    { user }: RequestContext = UNKNOWN_SENDER,
  ): Promise<ReadonlyMap<string, QueryAnswer>> {
    const { cells } = queries[0]?.budgets ?? requestBudgets();
    const reading = { user, signal, cells };
    const answers = queries.map(async (query) => {
      const sql = this.#textOf(query);
      return sql === "" ? [] : [[query.refId, await this.#answer(sql, query, reading)] as const];
    });
    return new Map((await Promise.all(answers)).flat());
  }

  #textOf({ source, range }: Pick<DataQuery, "source" | "range">): string {
    return this.#database.model?.textOf?.(source, range) ?? textAt(source, "rawSql");
  }

  async #answer(text: string, query: DataQuery, reading: Reading): Promise<QueryAnswer> {
    let sql = "";
    try {
      const expanded = this.#expand(text, query.range, query.intervalMs);
      ({ sql } = expanded);
      const { refId, range, source } = query;
      const result = await this.#result(expanded.sql, refId, reading);
      const shape = { source, range, fill: expanded.fill, budget: reading.cells };
      return { frames: await this.#inSlices(this.#shape(result, shape)), status: 200 };
    } catch (error) {
      if (reading.signal.aborted) throw reasonOf(reading.signal);
      const meta = { executedQueryString: sql };
      return { ...answerOfFailure(error), frames: [{ refId: query.refId, length: 0, fields: [], meta }] };
    }
  }

  #expand(sql: string, range: TimeRange, intervalMs: number): ExpandedSql {
    const { clock } = this.#environment;
    const { dialect } = this.#database;
    const context = { sql, range, intervalMs: Math.max(intervalMs, this.#minIntervalMs), now: clock.now() };
    const expanded = expandSql(context, dialect);
    checkStatement(expanded.sql, dialect);
    return expanded;
  }

  async #result(sql: string, refId: string, reading: Reading): Promise<SqlResult> {
    const result = await this.#read({ sql }, reading);
    const { rows, notices } = result;
    return { refId, sql, takeFields: (roundsLargeNumbers) => result.takeFields(roundsLargeNumbers), rows, notices };
  }

  #shape(result: SqlResult, shape: QueryShape): Steps<readonly Frame[]> {
    const { model, dialect } = this.#database;
    return model === undefined ? grafanaFrames(result, shape, dialect) : model.shape(result, shape);
  }

  async #inSlices<T>(steps: Steps<T>): Promise<T> {
    const { clock } = this.#environment;
    return runInTimeSlices(clock, steps, new TimeSlice(clock, SLICE_MS));
  }

  /** Runs a statement in a slot of the user. Rejects with QueryFailure, or with the signal's reason. */
  #read(statement: SqlStatement, { user, signal, cells, maxRows }: Reading): Promise<ResultReader> {
    const { clock, desk, maxAnswerBytes = MAX_RESULT_BYTES } = this.#environment;
    return desk.slots.run(user, this.#settings.uid, signal, async (count) => {
      const reader = new ResultReader({ maxBytes: maxAnswerBytes, cells, count, ...(maxRows && { maxRows }) });
      const deadline = withDeadline(clock, this.#timeoutMs, signal);
      try {
        await this.#pool.use(deadline.signal, (session) => session.run(statement, reader, deadline.signal));
        return reader;
      } catch (error) {
        throw deadline.signal.aborted ? reasonOf(deadline.signal) : error;
      } finally {
        deadline.end();
      }
    });
  }

  async #table(
    query: string | JsonObject,
    range: TimeRange,
    reading: Omit<Reading, "cells">,
    usual: JsonObject = {},
  ): Promise<Frame | undefined> {
    const text = sqlOf(query, (source) => this.#textOf({ source, range }));
    if (text.trim() === "") return undefined;
    const { cells } = requestBudgets();
    const { sql, fill } = this.#expand(text, range, DEFAULT_INTERVAL_MS);
    const result = await this.#result(sql, "A", { ...reading, cells });
    const source = { ...usual, ...(typeof query === "object" && (objectAt(query, "target") ?? query)), ...AS_TABLE };
    const [frame] = await this.#inSlices(this.#shape(result, { source, range, fill, budget: cells }));
    return frame;
  }

  async variableValues(
    query: string | JsonObject,
    range: TimeRange,
    signal: AbortSignal,
    { user }: RequestContext = UNKNOWN_SENDER,
  ): Promise<readonly VariableValue[]> {
    const frame = await this.#table(query, range, { user, signal, maxRows: MAX_OPTIONS });
    return frame === undefined ? [] : variableOptions(frame.fields, frame.length);
  }

  async annotations(
    query: JsonObject,
    range: TimeRange,
    signal: AbortSignal,
    { user }: RequestContext = UNKNOWN_SENDER,
  ): Promise<readonly Annotation[]> {
    const frame = await this.#table(query, range, { user, signal, maxRows: MAX_ANNOTATIONS }, ANNOTATION_TIMES);
    return frame === undefined ? [] : annotationsOf(frame.fields, frame.length);
  }

  async health(signal: AbortSignal): Promise<Health> {
    const reading = { ...UNKNOWN_SENDER, signal, cells: requestBudgets().cells, maxRows: MAX_LISTED };
    try {
      await this.#read({ sql: "SELECT 1" }, reading);
    } catch (error) {
      if (signal.aborted) throw reasonOf(signal);
      const { error: message, fault } = answerOfFailure(error);
      if (fault !== undefined) throw error;
      return { status: "ERROR", message };
    }
    const mayWrite = await this.#mayWrite(reading);
    const advice = mayWrite ? "; its user may write: give the source a user that may only read" : "";
    return { status: "OK", message: `${this.#database.healthy ?? "Database Connection OK"}${advice}` };
  }

  /** Reports whether the user may write. Returns false if the database does not answer. */
  async #mayWrite(reading: Reading): Promise<boolean> {
    const { rights } = this.#database;
    if (rights === undefined) return false;
    try {
      const result = await this.#read(rights, reading);
      return this.#database.mayWrite?.(result.takeFields()) ?? false;
    } catch (error) {
      if (reading.signal.aborted || !(error instanceof QueryFailure)) throw error;
      return false;
    }
  }

  async resource(
    path: string,
    body: JsonObject,
    signal: AbortSignal,
    { user }: RequestContext = UNKNOWN_SENDER,
  ): Promise<JsonObject> {
    const reading = { user, signal, cells: requestBudgets().cells, maxRows: MAX_LISTED };
    if (path === "tables") {
      const result = await this.#read(this.#database.tables, reading);
      return tablesOf(result.takeFields(), result.rows);
    }
    if (path !== "columns") throw new QueryFailure(404, `the data source lists tables and columns, not "${path}"`);
    const table = textAt(body, "table");
    if (table === "") throw new QueryFailure(400, "the name of the table is missing: write it under table");
    const result = await this.#read(this.#database.columns(table), reading);
    return columnsOf(result.takeFields(), result.rows);
  }

  async close(): Promise<void> {
    this.#pool.close();
    await this.#database.close?.();
  }
}

/** Returns the frame of Grafana's own SQL data sources: a table or time series. */
function* grafanaFrames(
  result: SqlResult,
  { source, range, fill, budget }: QueryShape,
  { timeColumns }: SqlDialect,
): Steps<readonly Frame[]> {
  const format = textAt(source, "format") === "table" ? "table" : "time_series";
  return [yield* shapeResult(result, { format, timeColumns, fill, range, budget })];
}

/** Returns the time limit of a statement in ms: the source's own, or that of the role. */
export function statementTimeoutMs(
  { jsonData }: DataSourceSettings,
  { timeoutMs = DEFAULT_TIMEOUT_MS }: DataSourceEnvironment,
): number {
  const seconds = numberAt(jsonData, "timeout");
  return seconds !== undefined && seconds > 0 ? Math.min(seconds * 1000, MAX_TIMEOUT_MS) : timeoutMs;
}
