import type { Field, Frame, NumericField } from "@narthex/dashboards";
import type { Steps } from "@narthex/runtime";
import { wideSeries } from "../sql/wide-series.ts";
import type { ValueBudget } from "../value-budget.ts";

/**
 * Returns a table as time series. Rows are sorted by the first column of times; a table without one gets the current
 * time. Texts become labels.
 * @param now epoch ms
 */
export function* seriesFrame(table: Frame, now: number, budget: ValueBudget): Steps<Frame> {
  if (table.length === 0) return { ...table, fields: [] };
  const timed = table.fields.some(({ type }) => type === "time") ? table.fields : [timeOf(table, now), ...table.fields];
  const fields = inOrder(timed);
  yield;
  const wide = yield* wideSeries(fields, budget);
  if (wide === undefined) return { ...table, fields };
  return { ...table, length: wide[0]!.values.length, fields: wide, meta: { ...table.meta, type: "timeseries-wide" } };
}

const timeOf = ({ length }: Frame, now: number): NumericField => ({
  name: "Time",
  type: "time",
  values: new Float64Array(length).fill(now),
  config: {},
});

/** Returns the columns with their rows in the order of time. */
function inOrder(fields: readonly Field[]): readonly Field[] {
  const { values } = fields.find((field): field is NumericField => field.type === "time")!;
  if (values.every((time, row) => row === 0 || values[row - 1]! <= time)) return fields;
  const order = Array.from(values, (_, row) => row).sort((a, b) => values[a]! - values[b]!);
  return fields.map((field): Field => {
    if (field.type !== "time" && field.type !== "number")
      return { ...field, values: order.map((row) => field.values[row] ?? null) } as Field;
    const sorted = { ...field, values: Float64Array.from(order, (row) => field.values[row]!) };
    return field.nulls === undefined
      ? sorted
      : { ...sorted, nulls: Uint8Array.from(order, (row) => field.nulls![row]!) };
  });
}
