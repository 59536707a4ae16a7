import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";

/** Macros that the server replaces in SQL: each with its name, its arguments and its replacement. */
const MACROS: readonly (readonly [name: string, info: string])[] = [
  ["$__timeFilter(column)", "The column is within the range of the panel."],
  ["$__time(column)", "The column as the time of a series."],
  ["$__timeEpoch(column)", "The column as the time of a series, in seconds."],
  ["$__timeFrom()", "The start of the range."],
  ["$__timeTo()", "The end of the range."],
  ["$__timeGroup(column, $__interval)", "The column, rounded down to an interval."],
  ["$__timeGroupAlias(column, $__interval)", "The rounded column as the time of a series."],
  ["$__timeGroupAlias(column, $__interval, NULL)", "The same, with an empty value for each missing time."],
  ["$__unixEpochFilter(column)", "The column, in seconds, is within the range of the panel."],
  ["$__unixEpochFrom()", "The start of the range in seconds."],
  ["$__unixEpochTo()", "The end of the range in seconds."],
  ["$__unixEpochGroupAlias(column, $__interval)", "The column in seconds, rounded down, as the time of a series."],
  ["$__unixEpochNanoFilter(column)", "The column, in nanoseconds, is within the range of the panel."],
  ["$__unixEpochNanoFrom()", "The start of the range in nanoseconds."],
  ["$__unixEpochNanoTo()", "The end of the range in nanoseconds."],
  ["$__unixEpochGroup(column, $__interval)", "The column in seconds, rounded down to an interval."],
  ["$__interval", "The step of the panel, such as 1m."],
  ["$__interval_ms", "The step of the panel in milliseconds."],
];

const CLICKHOUSE: readonly (readonly [name: string, info: string])[] = [
  ["$__timeFilter(column)", "The column, of the type DateTime, is within the range of the panel."],
  ["$__timeFilter_ms(column)", "The column, of the type DateTime64, is within the range of the panel."],
  ["$__dateFilter(column)", "The column, of the type Date, is within the days of the range."],
  ["$__dateTimeFilter(date, time)", "Both columns are within the range of the panel."],
  ["$__fromTime", "The start of the range."],
  ["$__toTime", "The end of the range."],
  ["$__fromTime_ms", "The start of the range in milliseconds."],
  ["$__toTime_ms", "The end of the range in milliseconds."],
  ["$__timeInterval(column)", "The column, rounded down to the step of the panel."],
  ["$__timeInterval_ms(column)", "The column, rounded down to the step in milliseconds."],
  ["$__interval_s", "The step of the panel in seconds."],
  ["$__interval", "The step of the panel, such as 1m."],
  ["$__conditionalAll(condition, $variable)", "The condition, unless All is chosen for the variable."],
];

const SQLITE: readonly (readonly [name: string, info: string])[] = [
  ["$__unixEpochGroupSeconds(column, 60)", "The column in seconds, rounded down to a number of seconds."],
  ["$__unixEpochGroupSeconds(column, 60, NULL)", "The same, with an empty value for each missing time."],
  ["$__from", "The start of the range in milliseconds."],
  ["$__to", "The end of the range in milliseconds."],
  ["$__interval", "The step of the panel, such as 1m."],
  ["$__interval_ms", "The step of the panel in milliseconds."],
];

const optionsOf = (macros: typeof MACROS): readonly Completion[] =>
  macros.map(([label, info]) => ({ label, info, type: "function" }));

const usual = optionsOf(MACROS);
/** Macros of kinds that do not have the usual ones, by the type of the data source. */
const others: ReadonlyMap<string, readonly Completion[]> = new Map([
  ["grafana-clickhouse-datasource", optionsOf(CLICKHOUSE)],
  ["frser-sqlite-datasource", optionsOf(SQLITE)],
  // SQL expressions have no macros.
  ["__expr__", []],
]);

/**
 * Returns the function that suggests the macros of a kind of data source after a `$`.
 * @param kind type of the data source
 */
export function macroCompletions(kind: string): (context: CompletionContext) => CompletionResult | null {
  const options = others.get(kind) ?? usual;
  return (context) => {
    const word = context.matchBefore(/\$\w*/);
    return word === null ? null : { from: word.from, options, validFor: /^\$\w*$/ };
  };
}
