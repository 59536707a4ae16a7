import type { Field, Frame, NumericField } from "@narthex/dashboards";
import type { Steps } from "@narthex/runtime";
import { wideSeries } from "../sql/wide-series.ts";
import type { ValueBudget } from "../value-budget.ts";

/** Number of rows that are sorted at once. */
const RUN = 2048;
/** Number of rows after which other work may run. */
const STEP_ROWS = 20_000;

/**
 * Returns a table as time series. Rows are sorted by the first column of times; a table without one gets the current
 * time. Texts become labels.
 * @param now epoch ms
 */
export function* seriesFrame(table: Frame, now: number, budget: ValueBudget): Steps<Frame> {
  if (table.length === 0) return { ...table, fields: [] };
  const timed = table.fields.some(({ type }) => type === "time") ? table.fields : [timeOf(table, now), ...table.fields];
  const fields = yield* inOrder(timed);
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
function* inOrder(fields: readonly Field[]): Steps<readonly Field[]> {
  const { values } = fields.find((field): field is NumericField => field.type === "time")!;
  if (values.every((time, row) => row === 0 || values[row - 1]! <= time)) return fields;
  const order = yield* orderOf(values);
  const sorted: Field[] = [];
  for (const field of fields) {
    yield;
    sorted.push(reordered(field, order));
  }
  return sorted;
}

function reordered(field: Field, order: Uint32Array): Field {
  if (field.type !== "time" && field.type !== "number")
    return { ...field, values: Array.from(order, (row) => field.values[row] ?? null) } as Field;
  const values = new Float64Array(order.length);
  for (let at = 0; at < order.length; at++) values[at] = field.values[order[at]!]!;
  if (field.nulls === undefined) return { ...field, values };
  const nulls = new Uint8Array(order.length);
  for (let at = 0; at < order.length; at++) nulls[at] = field.nulls[order[at]!]!;
  return { ...field, values, nulls };
}

/** Returns the rows in the order of time. Sorts short runs, and merges them in steps. Rows of equal time keep their order. */
function* orderOf(times: Float64Array): Steps<Uint32Array> {
  let order = new Uint32Array(times.length);
  for (let row = 0; row < order.length; row++) order[row] = row;
  for (let from = 0; from < order.length; from += RUN) {
    order.subarray(from, from + RUN).sort((a, b) => times[a]! - times[b]! || a - b);
    yield;
  }
  for (let width = RUN; width < order.length; width *= 2) {
    const merged = new Uint32Array(order.length);
    for (let from = 0; from < order.length; from += 2 * width) {
      const middle = Math.min(from + width, order.length);
      const to = Math.min(from + 2 * width, order.length);
      let [left, right] = [from, middle];
      for (let at = from; at < to; at++) {
        if (at % STEP_ROWS === 0) yield;
        const takesLeft = right === to || (left < middle && times[order[left]!]! <= times[order[right]!]!);
        merged[at] = takesLeft ? order[left++]! : order[right++]!;
      }
    }
    order = merged;
  }
  return order;
}
