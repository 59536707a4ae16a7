import { type Frame, isNumeric, type NumericField, timeFieldOf } from "@narthex/dashboards";

/**
 * Returns the values and times in a frame that is the value of a cell. Without times, the indexes of the values are
 * used.
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
