import type { Labels, NumericField, StringField } from "@narthex/dashboards";
import type { Steps } from "@narthex/runtime";
import { QueryFailure } from "../query-failure.ts";
import type { ValueBudget } from "../value-budget.ts";
import type { Fill } from "./macros.ts";

/** Number of rows that are read in one step of the conversion. */
const STEP_ROWS = 2000;

/** A time series of the result: one value column for one set of labels. */
interface Series {
  readonly name: string;
  readonly labels: Labels;
  readonly values: Float64Array;
  /** One byte for each value: 1 if the series has a row at this time. */
  readonly isSet: Uint8Array;
  readonly nulls: Uint8Array;
}

interface LongFrame {
  readonly time: NumericField;
  /** Columns whose texts become labels. */
  readonly labels: readonly StringField[];
  readonly values: readonly NumericField[];
}

const conversionFailure = (reason: string): QueryFailure =>
  new QueryFailure(
    400,
    `failed to convert long to wide series when converting from dataframe: ${reason}; order the rows by time`,
  );

/**
 * Converts rows of several series to one column for each series. Rows must ascend by time. The time column is first,
 * the others are sorted by name and labels. Throws QueryFailure.
 * @param fill value of a series at times at which only other series have rows; by default null
 */
export function* longToWide(
  long: LongFrame,
  fill: Fill | undefined,
  budget: ValueBudget,
): Steps<readonly [NumericField, ...NumericField[]]> {
  const { times, rowOf } = yield* wideTimes(long.time);
  const series = new Map<string, readonly Series[]>();
  for (let row = 0; row < long.time.values.length; row++) {
    if (row % STEP_ROWS === STEP_ROWS - 1) yield;
    // Uses an empty label for a null.
    const texts = long.labels.map(({ values }) => values[row] ?? "");
    const key = JSON.stringify(texts);
    let group = series.get(key);
    if (group === undefined) {
      budget.take(times.length * long.values.length);
      const labels = Object.fromEntries(long.labels.map(({ name }, i) => [name, texts[i]!]));
      group = long.values.map(({ name }) => emptySeries(name, labels, times.length));
      series.set(key, group);
    }
    for (let i = 0; i < group.length; i++) setValue(group[i]!, rowOf[row]!, long.values[i]!, row);
  }
  const keys = long.labels.map(({ name }) => name);
  const sorted = [...series.values()].flat().sort((a, b) => compareSeries(a, b, keys));
  const fields: NumericField[] = [];
  for (const one of sorted) {
    fields.push(fieldOf(one, fill));
    yield;
  }
  return [{ name: long.time.name, type: "time", values: times, config: {} }, ...fields];
}

/** Returns the different times, and for each row the index of its time. */
function* wideTimes({
  values,
  nulls,
}: NumericField): Steps<{ readonly times: Float64Array; readonly rowOf: Uint32Array }> {
  const times = new Float64Array(values.length);
  const rowOf = new Uint32Array(values.length);
  let count = 0;
  for (let row = 0; row < values.length; row++) {
    if (row % (10 * STEP_ROWS) === 0) yield;
    if (nulls?.[row] === 1) throw conversionFailure("can not convert to wide series, input has null time values");
    if (count === 0 || values[row]! > times[count - 1]!) times[count++] = values[row]!;
    else if (values[row]! < times[count - 1]!)
      throw conversionFailure("long series must be sorted ascending by time to be converted");
    rowOf[row] = count - 1;
  }
  return { times: times.slice(0, count), rowOf };
}

const emptySeries = (name: string, labels: Labels, length: number): Series => ({
  name,
  labels,
  values: new Float64Array(length),
  isSet: new Uint8Array(length),
  nulls: new Uint8Array(length),
});

function setValue(series: Series, at: number, { values, nulls }: NumericField, row: number): void {
  series.isSet[at] = 1;
  series.nulls[at] = nulls?.[row] ?? 0;
  series.values[at] = values[row]!;
}

function fieldOf({ name, labels, values, isSet, nulls }: Series, fill: Fill | undefined): NumericField {
  for (let row = 0; row < values.length; row++) {
    if (isSet[row] === 1) continue;
    const hasPrevious = fill?.mode === "previous" && row > 0;
    values[row] = hasPrevious ? values[row - 1]! : fill?.mode === "value" ? fill.value : 0;
    nulls[row] = hasPrevious ? nulls[row - 1]! : fill?.mode === "value" ? 0 : 1;
  }
  return { name, type: "number", labels, values, ...(nulls.includes(1) && { nulls }), config: {} };
}

function compareSeries(a: Series, b: Series, keys: readonly string[]): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  for (const key of keys) {
    const [left, right] = [a.labels[key]!, b.labels[key]!];
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}
