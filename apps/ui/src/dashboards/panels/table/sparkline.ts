import { type Frame, isNumeric, type NumericField, timeFieldOf } from "@narthex/dashboards";

/** What a frame within a cell draws: its numbers over its times, or over their places where it has none. */
export function lineOf(frame: Frame): { readonly field: NumericField; readonly times: NumericField } | undefined {
  const field = frame.fields.find(({ type }) => type === "number");
  if (field === undefined || !isNumeric(field)) return undefined;
  const places = (): NumericField => ({
    name: "",
    type: "time",
    config: {},
    values: Float64Array.from(field.values, (_, row) => row),
  });
  return { field, times: timeFieldOf(frame) ?? places() };
}
