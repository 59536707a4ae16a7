import { QueryFailure } from "../query-failure.ts";
import type { SqlMacro } from "../sql/macros.ts";
import type { SqlDialect } from "../sql/sql-dialect.ts";

/** Returns arguments of a macro. Throws QueryFailure if their number is wrong. */
function exactly(count: number, args: readonly string[], name: string): readonly string[] {
  const given = args.length === 1 && args[0] === "" ? 0 : args.length;
  if (given === count) return args;
  throw new QueryFailure(
    400,
    `interpolation failed: macro ${name} expects ${count} argument${count === 1 ? "" : "s"}, received ${given}`,
  );
}

const dateTime = (ms: number): string => `toDateTime(${Math.floor(ms / 1000)})`;
const dateTime64 = (ms: number): string => `fromUnixTimestamp64Milli(${Math.floor(ms)})`;
const date = (ms: number): string => `toDate('${new Date(ms).toISOString().slice(0, 10)}')`;

type Moment = (ms: number) => string;

const within =
  (moment: Moment): SqlMacro =>
  (args, { range }, name) => {
    const [column] = exactly(1, args, name);
    return `${column} >= ${moment(range.from)} AND ${column} <= ${moment(range.to)}`;
  };

const dateTimeFilter: SqlMacro = (args, context, name) => {
  const [day, time] = exactly(2, args, name) as [string, string];
  return `(${within(date)([day], context, name)}) AND (${within(dateTime)([time], context, name)})`;
};

const timeInterval: SqlMacro = (args, { intervalMs }, name) => {
  const [column] = exactly(1, args, name);
  return `toStartOfInterval(toDateTime(${column}), INTERVAL ${wholeSeconds(intervalMs)} second)`;
};

const timeIntervalMs: SqlMacro = (args, { intervalMs }, name) => {
  const [column] = exactly(1, args, name);
  return `toStartOfInterval(toDateTime64(${column}, 3), INTERVAL ${Math.max(1, Math.floor(intervalMs))} millisecond)`;
};

const wholeSeconds = (ms: number): number => Math.max(1, Math.floor(ms / 1000));

const from =
  (moment: Moment): SqlMacro =>
  (_args, { range }) =>
    moment(range.from);
const to =
  (moment: Moment): SqlMacro =>
  (_args, { range }) =>
    moment(range.to);

/** The dialect of ClickHouse, with the macros of Grafana's plugin. */
export const CLICKHOUSE_DIALECT: SqlDialect = {
  name: "ClickHouse",
  // The first column of times is the time of a row, whatever its name is.
  timeColumns: [],
  macros: new Map<string, SqlMacro>([
    ["__fromTime", from(dateTime)],
    ["__toTime", to(dateTime)],
    ["__fromTime_ms", from(dateTime64)],
    ["__toTime_ms", to(dateTime64)],
    ["__timeFilter", within(dateTime)],
    ["__timeFilter_ms", within(dateTime64)],
    ["__dateFilter", within(date)],
    ["__dateTimeFilter", dateTimeFilter],
    ["__dt", dateTimeFilter],
    ["__timeInterval", timeInterval],
    ["__timeInterval_ms", timeIntervalMs],
  ]),
  bareMacros: new Set(["__fromTime", "__toTime", "__fromTime_ms", "__toTime_ms"]),
  hasSecondsMacro: true,
  nestsArguments: true,
  statements: new Set(["select", "with", "show", "describe", "desc", "exists", "explain"]),
  lineComments: ["--", "#"],
  lineEnds: ["\n"],
  nestsComments: false,
};
