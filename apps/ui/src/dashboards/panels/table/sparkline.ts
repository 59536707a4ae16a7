import { type Frame, isNumeric, type NumericField, timeFieldOf } from "@narthex/dashboards";

/**
 * Returns the values and times of a frame that a cell contains. If the frame has no times, the indexes of the values
 * replace them.
 */
export function lineOf(frame: Frame): { readonly field: NumericField; readonly times: NumericField } | undefined {
  const field = frame.fields.find(({ type }) => type === "number");
  if (field === undefined || !isNumeric(field)) return undefined;
  const indexTimes = (): NumericField => ({
    name: "",
    type: "time",
    config: {},
    values: Float64Array.from(field.values, (_, row) => row),
  });
  return { field, times: timeFieldOf(frame) ?? indexTimes() };
}
