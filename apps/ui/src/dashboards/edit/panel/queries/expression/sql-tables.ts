import type { Frame } from "@narthex/dashboards";

/** Columns of a table of time series or numbers, besides the labels. */
const SERIES = ["time", "__value__", "__metric_name__"] as const;
const NUMBERS = ["__metric_name__", "__value__"] as const;

/**
 * Returns the columns of the tables of SQL expressions, by the name of the query: for time series and numbers the
 * columns of their rows, otherwise the columns of the frame. A query without an answer has no known columns.
 */
export function sqlTables(
  queries: readonly string[],
  answered: readonly Frame[],
): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(queries.map((refId) => [refId, columnsOf(answered.filter((one) => one.refId === refId))]));
}

function columnsOf(frames: readonly Frame[]): readonly string[] {
  const [first] = frames;
  if (first === undefined) return [];
  const type = first.meta?.type ?? "";
  const labels = new Set(frames.flatMap(({ fields }) => fields.flatMap((field) => Object.keys(field.labels ?? {}))));
  if (type.startsWith("numeric")) return [...NUMBERS, ...[...labels].toSorted()];
  if (type.startsWith("timeseries") || frames.length > 1 || labels.size > 0)
    return [...SERIES, ...[...labels].toSorted()];
  return first.fields.map(({ name }) => name);
}
