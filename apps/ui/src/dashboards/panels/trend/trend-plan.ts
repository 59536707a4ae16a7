import { type Field, type Frame, isNumeric, type NumericField, pickRows } from "@narthex/dashboards";
import type { FieldView } from "../../contracts/field-view.ts";
import type { ScaleSettings } from "../../plot/value-scale.ts";
import { readOptions } from "../../contracts/option-table.ts";
import type { PanelContext } from "../../contracts/panel-kind.ts";
import { axisScale } from "../timeseries/axis-scale.ts";
import { axisOptions } from "../timeseries/options.ts";
import { planSeries, type SeriesPlan } from "../timeseries/time-series-plot.ts";
import type { TrendOptions } from "./options.ts";
import type { PlotProblem } from "../../plot/planned-panel.tsx";

export interface TrendPlan {
  readonly plan: SeriesPlan;
  readonly x: { readonly view: FieldView; readonly scale: ScaleSettings };
}

const isNumber = (field: Field): field is NumericField => isNumeric(field) && field.type === "number";

/** Returns the number columns of a frame as series over the x column, or why nothing can be drawn. */
export function planTrend(
  frames: readonly Frame[],
  { xField }: Pick<TrendOptions, "xField">,
  { viewOf }: Pick<PanelContext, "viewOf">,
): TrendPlan | PlotProblem {
  const [frame] = frames;
  if (frame === undefined) return { problem: "There is no data." };
  if (frames.length > 1)
    return {
      problem: `A trend is drawn from one frame, but there are ${frames.length}. Add a transformation that joins them.`,
    };
  const isNamed = (field: Field): boolean => field.name === xField || viewOf(field, frame).name === xField;
  const x = frame.fields.find(xField === "" ? isNumber : isNamed);
  if (x === undefined && xField !== "") return { problem: `There is no field "${xField}" for the x axis.` };
  if (x === undefined || !isNumber(x))
    return {
      problem: xField === "" ? "No numeric fields found." : `The field "${xField}" of the x axis contains no numbers.`,
    };
  const rows = rowsOf(x);
  const { values } = pickRows(x, rows);
  const falling = values.findIndex((value, row) => row > 0 && value < values[row - 1]!);
  const view = viewOf(x, frame);
  if (falling > 0)
    return {
      problem: `The values of "${view.name}" do not ascend: ${view.text(values[falling]!)} follows ${view.text(values[falling - 1]!)}. Add a transformation that sorts by them.`,
    };
  const series = frame.fields
    .filter(isNumber)
    .filter((field) => field !== x)
    .map((field) => {
      const picked = pickRows(field, rows);
      return { frame, field, values: picked.values, gaps: picked.nulls };
    });
  if (series.length === 0) return { problem: `There are no numbers besides those of the x axis, "${view.name}".` };
  return {
    plan: planSeries(frames, viewOf, { times: values, series }),
    x: { view, scale: axisScale(x, readOptions(axisOptions, x.config.custom), view.color) },
  };
}

/** Returns the indexes of the rows whose x value is a finite number. */
function rowsOf({ values, nulls }: NumericField): Int32Array {
  const rows = new Int32Array(values.length);
  let count = 0;
  for (let row = 0; row < values.length; row++)
    if (nulls?.[row] !== 1 && Number.isFinite(values[row])) rows[count++] = row;
  return rows.subarray(0, count);
}
